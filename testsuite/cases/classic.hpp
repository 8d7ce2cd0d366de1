// The shapes that repeat in the classic groups 1 to 7.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cases/exchange.hpp"
#include "cases/printable.hpp"

namespace wstest {

/// RFC 6455, 7.4.1: the close codes that classic cases wait for.
namespace closecode {
constexpr std::uint16_t normal = 1000, protocolError = 1002, invalidPayload = 1007;
}  // namespace closecode

/// How frames are cut on their way into TCP: to the peer it must not matter.
enum class Chops : std::uint8_t { together, perFrame, perOctet };

/// For descriptions: "in one write".
inline std::string text(Chops chops) {
  switch (chops) {
    case Chops::together:
      return "in one write";
    case Chops::perFrame:
      return "in one write per frame";
    case Chops::perOctet:
      return "byte by byte";
  }
  return "";
}

inline void sendChopped(Exchange& x, std::initializer_list<Frame> frames, Chops chops) {
  if (chops != Chops::perFrame) return x.send(frames, chops == Chops::perOctet ? 1 : 0);
  for (const Frame& frame : frames) x.send(frame);
}

/// Everything is legal: these events come, and then our Close is answered.
inline void expectEvents(Exchange& x, std::vector<Event> events) {
  x.expect(Behavior::ok, std::move(events));
  x.expectClose({.byMe = true, .codes = {closecode::normal}, .isClean = true});
}

/// The peer has to fail the connection: with this code, with none, or by ending TCP (RFC 6455, 7.1.7).
inline void expectFailure(Exchange& x, std::uint16_t code = closecode::protocolError) {
  x.expectClose({.byMe = false, .codes = {code}, .isClean = false});
}

/// Illegal from the first byte: nothing may come but the end.
inline void expectNothingButFailure(Exchange& x, std::uint16_t code = closecode::protocolError) {
  x.expect(Behavior::ok, {});
  expectFailure(x, code);
}

/// A legal message before what is illegal: its echo is due, though a peer may have thrown it away when it
/// failed.
inline void expectEchoThenFailure(Exchange& x, std::string payload) {
  x.expect(Behavior::ok, {textMessage(std::move(payload))});
  x.expect(Behavior::nonStrict, {});
  expectFailure(x);
}

/// 3.x and 4.x: a legal message, the illegal frame, and a Ping which a peer that has failed does not answer.
inline void sendAfterHello(Exchange& x, const Frame& illegal, Chops chops) {
  const std::string hello = "Hello, world!";
  expectEchoThenFailure(x, hello);
  sendChopped(x, {Frame{.payload = hello}, illegal, Frame{.opcode = opcode::ping}}, chops);
  x.settle();
}

/// Only the illegal frame.
inline void sendAlone(Exchange& x, const Frame& illegal) {
  expectNothingButFailure(x);
  x.send(illegal);
  x.settle();
}

/// What settle() has found of the events does not count: the case has failed. The closing keeps its own
/// verdict.
inline void failAfterAll(Exchange& x, std::string why) {
  x.fail(std::move(why));
  x.judgeClose();
}

inline constexpr std::string_view kEchoed =
    "The message comes back as it was sent; then our Close is answered with 1000 or no code, and TCP ends in "
    "order.";

/// 6.5 to 6.23: payloads of text messages, from the classic decoder tests.
struct Utf8Sequence {
  bool isValid = false;
  std::string bytes{};
};
struct Utf8Group {
  int number = 0;  ///< 6.`number`
  std::string title{};
  std::vector<Utf8Sequence> sequences{};
};
std::vector<Utf8Group> utf8Groups();
void addUtf8Sequences(Catalog& catalog);

}  // namespace wstest
