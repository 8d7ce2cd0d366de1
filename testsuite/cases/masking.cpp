// 17.6: masking. The classic groups never mask wrongly; a peer that takes such frames is open to cache
// poisoning.
#include "cases/exchange.hpp"

namespace wstest {
namespace {

constexpr const char* kMustFail = "No answer: the connection is failed, with 1002 or without a code.";
constexpr const char* kSection = "RFC 6455, 5.1";

/// Frames masked as this peer must not accept them, behind the frames that come first.
void sendWrongly(Exchange& x, std::vector<Frame> frames) {
  x.expect(Behavior::ok, {});
  x.expectClose({.byMe = false, .codes = {1002}, .isClean = false});
  frames.back().isMasked = !x.testsServer();
  for (const Frame& frame : frames) x.send(frame);
  x.settle();
}

void addWrong(Catalog& catalog, std::string_view id, Tests tests, const std::string& what,
              std::vector<Frame> frames) {
  catalog
      .add(id, what + (tests == Tests::servers ? " is not masked." : " is masked, by a server."), kMustFail,
           kSection, [frames = std::move(frames)](Exchange& x) { sendWrongly(x, frames); })
      .tests = tests;
}

void sendWithKey(Exchange& x, std::uint32_t key) {
  x.expect(Behavior::ok, {textMessage("Hello")});
  x.expectClose({});
  x.send(Frame{.payload = "Hello", .maskKey = key});
  x.settle();
}

}  // namespace

void addMasking(Catalog& catalog) {
  catalog.group("17.6", "Masking");
  const Frame text{.payload = "Hello"};
  const Frame ping{.opcode = opcode::ping, .payload = "Hello"};
  const Frame close{.opcode = opcode::close, .payload = "\x03\xE8"};
  const Frame begin{.payload = "Hel", .fin = false};
  const Frame rest{.opcode = opcode::continuation, .payload = "lo"};
  addWrong(catalog, "17.6.1", Tests::servers, "A text message", {text});
  addWrong(catalog, "17.6.2", Tests::servers, "A Ping", {ping});
  addWrong(catalog, "17.6.3", Tests::servers, "The second fragment of a message", {begin, rest});
  addWrong(catalog, "17.6.4", Tests::servers, "A Close", {close});
  addWrong(catalog, "17.6.5", Tests::clients, "A text message", {text});
  addWrong(catalog, "17.6.6", Tests::clients, "A Ping", {ping});
  addWrong(catalog, "17.6.7", Tests::clients, "A Close", {close});
  catalog
      .add("17.6.8", "A message masked with the key 0, which changes nothing.",
           "The message comes back; then a clean close with 1000.", "RFC 6455, 5.3",
           [](Exchange& x) { sendWithKey(x, 0); })
      .tests = Tests::servers;
  catalog
      .add("17.6.9", "A message masked with the key FF FF FF FF.",
           "The message comes back; then a clean close with 1000.", "RFC 6455, 5.3",
           [](Exchange& x) { sendWithKey(x, 0xFFFFFFFF); })
      .tests = Tests::servers;
}

}  // namespace wstest
