// What a case found: the vocabulary of the Autobahn Testsuite, which scripts read from index.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/wire_log.hpp"

namespace wstest {

enum class Behavior : std::uint8_t { ok, nonStrict, informational, unimplemented, failed };
enum class CloseBehavior : std::uint8_t {
  ok,
  failed,
  wrongCode,
  unclean,
  failedByClient,
  informational,
  unimplemented
};

/// "OK", "NON-STRICT", … as in index.json.
std::string_view name(Behavior behavior);
std::string_view name(CloseBehavior behavior);
std::optional<Behavior> behaviorOf(std::string_view name);
std::optional<CloseBehavior> closeBehaviorOf(std::string_view name);

/// A message or control frame from the peer, in the order they came.
struct Event {
  enum class Kind : std::uint8_t { message, ping, pong };
  Kind kind = Kind::message;
  std::string payload{};
  bool isBinary = false;
  bool operator==(const Event&) const = default;
};
inline Event textMessage(std::string payload) { return {Event::Kind::message, std::move(payload), false}; }
inline Event binaryMessage(std::string payload) { return {Event::Kind::message, std::move(payload), true}; }
inline Event pongWith(std::string payload) { return {Event::Kind::pong, std::move(payload), false}; }
/// For people: "text message of 5 bytes 'Hello'".
std::string describe(const Event& event);
std::string describe(const std::vector<Event>& events);
/// A payload for people: quoted, shortened, unprintable bytes as \xNN.
std::string quote(std::string_view payload, std::size_t limit = 60);

/// How the connection of a case went; names as in Autobahn's reports.
struct ClosingFacts {
  bool closedByMe = false;  ///< the harness sent the first Close
  bool failedByMe =
      false;  ///< the harness failed the connection: the peer broke the protocol, or never ended
  bool droppedByMe = false;  ///< the harness ended TCP before the peer did
  bool wasClean = false;     ///< both Closes went over, and the server ended TCP
  std::string wasNotCleanReason{};
  std::optional<std::uint16_t> localCloseCode{}, remoteCloseCode{};
  std::string localCloseReason{}, remoteCloseReason{};
};

struct Verdict {
  Behavior behavior = Behavior::failed;
  CloseBehavior behaviorClose = CloseBehavior::failed;
  std::string result{};  ///< why, in a sentence
  std::string resultClose{};
};

/// All there is to say about one case and one agent.
struct CaseResult {
  std::string id{};
  std::string agent{};
  std::string started{};      ///< "2026-11-23T22:41:26Z"
  std::int64_t duration = 0;  ///< ms
  Verdict verdict{};
  ClosingFacts closing{};
  bool isServer = false;   ///< the harness was the server
  std::string expected{};  ///< for people
  std::string received{};
  std::string httpRequest{}, httpResponse{};
  std::string tls{};  ///< "TLSv1.3 TLS_AES_256_GCM_SHA384", empty without TLS
  WireLog wire{};
};

}  // namespace wstest
