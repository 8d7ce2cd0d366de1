// What the command line says.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/wamp/client_authenticator.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/pubsub.hpp>
#include <autobahn/wamp/rpc.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "json.hpp"

namespace wamp_tool {

/// Exit codes, as documented.
enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2, kUnreachable = 3 };

/// How to get into a realm.
struct ConnectionSettings {
  std::string url = "ws://127.0.0.1:8080/ws";
  std::string realm = "realm1";
  std::string authmethod{};
  std::string authid{};
  std::string secret{};
  std::string secretFile{};
  std::string privateKeyFile{};
  std::vector<std::string> serializers{};
  std::string caFile{};
  bool isInsecure = false;
  std::optional<double> timeout{};  ///< seconds

  /// `readsEnvironment`: WAMP_URL and WAMP_REALM are the defaults.
  void addTo(CLI::App& app, bool readsEnvironment);
  /// Throws std::invalid_argument saying what does not fit together, AuthError for an unusable key.
  std::shared_ptr<autobahn::wamp::ClientAuthenticator> authenticator();
  autobahn::wamp::TransportConfig transport() const;
  /// For connecting and joining.
  std::chrono::milliseconds joinTimeout() const;
  /// For each call; nothing when none was asked for.
  std::optional<std::chrono::milliseconds> callTimeout() const;

 private:
  std::string secretGiven() const;
};

/// Arguments of `call` and `publish`.
struct ArgumentSettings {
  std::string uri{};
  std::vector<std::string> args{};
  std::vector<std::string> kwargs{};

  void addTo(CLI::App& app);
  /// Throws std::invalid_argument for a keyword argument without a name.
  autobahn::wamp::CallArgs parsed() const;
};

struct CallSettings {
  ArgumentSettings arguments{};
  std::uint64_t repeat = 1;
  bool showsProgress = false;
  bool isFull = false;
  bool disclosesMe = false;

  void addTo(CLI::App& app);
};

struct PublishSettings {
  ArgumentSettings arguments{};
  bool isAcknowledged = false;
  bool isRetained = false;
  bool includesMe = false;
  bool disclosesMe = false;
  std::vector<std::uint64_t> exclude{};
  std::vector<std::string> excludeAuthid{};
  std::vector<std::string> excludeAuthrole{};
  std::vector<std::uint64_t> eligible{};
  std::vector<std::string> eligibleAuthid{};
  std::vector<std::string> eligibleAuthrole{};

  void addTo(CLI::App& app);
  autobahn::wamp::PublishOptions options() const;
};

struct SubscribeSettings {
  std::string topic{};
  std::string match = "exact";
  std::uint64_t maxEvents = 0;  ///< 0: no end
  bool getsRetained = false;

  void addTo(CLI::App& app);
  autobahn::wamp::SubscribeOptions options() const;
};

struct RegisterSettings {
  std::string procedure{};
  std::vector<std::string> command{};  ///< program and first arguments
  bool isEcho = false;
  std::string match = "exact";
  std::string invoke = "single";
  std::uint64_t concurrency = 0;  ///< 0: no limit
  bool forces = false;

  void addTo(CLI::App& app);
  autobahn::wamp::RegisterOptions options() const;
};

}  // namespace wamp_tool
