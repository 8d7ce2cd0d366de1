// 7: the closing handshake, begun by us.
#include <array>

#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::array<std::uint16_t, 13> kValidCodes = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                                       1010, 1011, 3000, 3999, 4000, 4999};
constexpr std::array<std::uint16_t, 9> kInvalidCodes = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};

constexpr std::string_view kClean = "Our Close is answered with 1000 or no code, and TCP ends in order.";
constexpr std::string_view kRefused = "The peer answers with 1002 or no code, or ends TCP.";
constexpr std::string_view kBody = "RFC 6455, 5.5.1";

/// Here a wrong code is what the case is about.
void settleStrictly(Exchange& x) {
  x.settle();
  if (x.verdict().behaviorClose == CloseBehavior::wrongCode) failAfterAll(x, x.verdict().resultClose);
}

/// We have sent what the peer must not accept.
void expectRefusal(Exchange& x, std::vector<std::uint16_t> codes) {
  x.expect(Behavior::ok, {});
  x.expectClose({.byMe = true, .codes = std::move(codes), .isClean = false});
}

/// 7.1.2 to 7.1.5: `before` our Close, and `after` it.
void addAfterClose(Catalog& catalog, std::string_view id, std::string description, std::string expectation,
                   const std::optional<Frame>& before, const Frame& after) {
  catalog.add(id, std::move(description), std::move(expectation), "RFC 6455, 1.4 and 5.5.1",
              [before, after](Exchange& x) {
                expectEvents(x, {});
                if (before) x.send(*before);
                x.sendClose(closecode::normal);
                x.send(after);
                settleStrictly(x);
              });
}

std::string whatCameOfLargeMessage(const Exchange& x) {
  switch (x.events().size()) {
    case 0:
      return "The peer closed without echoing a message.";
    case 1:
      return "The peer echoed one message before it closed.";
    default:
      return "The peer echoed both messages before it closed.";
  }
}

void runCloseBehindLargeMessage(Exchange& x) {
  constexpr std::string_view kPattern = "BAsd7&jh23";
  constexpr std::size_t kSize = 262144;
  std::string large;
  while (large.size() < kSize) large += kPattern;
  large.resize(kSize);
  const std::string small = "Hello World!";
  x.expect(Behavior::informational, {});
  x.expect(Behavior::informational, {textMessage(large), textMessage(small)});
  x.expectClose({.byMe = true, .codes = {closecode::normal}, .isClean = true});
  x.send({Frame{.payload = large}, Frame{.payload = small}});
  x.sendClose(closecode::normal);
  x.send(Frame{.opcode = opcode::ping});
  x.settle();
  x.inform(whatCameOfLargeMessage(x));
  x.judgeClose();
}

void addBasics(Catalog& catalog) {
  catalog.group("7.1", "The handshake itself");
  catalog.add("7.1.1", "A text message; when it has come back, our Close with 1000.", std::string(kEchoed),
              "RFC 6455, 5.5.1 and 7.1.2", [](Exchange& x) {
                expectEvents(x, {textMessage("Hello World!")});
                x.send(Frame{.payload = "Hello World!"});
                settleStrictly(x);
              });
  addAfterClose(catalog, "7.1.2", "Two Closes: with 1000, then without a code.",
                "The first is answered with 1000 or no code, the second is ignored, and TCP ends in order.",
                {}, Frame{.opcode = opcode::close});
  addAfterClose(catalog, "7.1.3", "A Ping behind our Close.",
                std::string(kClean) + " The Ping is not answered.", {}, Frame{.opcode = opcode::ping});
  addAfterClose(catalog, "7.1.4", "A text message behind our Close.",
                std::string(kClean) + " The message is not answered.", {}, Frame{.payload = "Hello World!"});
  addAfterClose(catalog, "7.1.5", "The first fragment of a text message, our Close, then the last fragment.",
                std::string(kClean) + " The message is not answered.",
                Frame{.payload = "fragment1", .fin = false},
                Frame{.opcode = opcode::continuation, .payload = "fragment2"});
  catalog
      .add("7.1.6", "A text message of 256 KiB, a short one, our Close with 1000 and a Ping, back to back.",
           "Undefined: a peer may answer the Close before it has echoed the messages.", "RFC 6455, 5.5.1",
           runCloseBehindLargeMessage)
      .strictness = Strictness::informational;
}

void addBodies(Catalog& catalog) {
  catalog.group("7.3", "The length of the Close's body");
  const auto addClean = [&](std::string_view id, std::string description, std::optional<std::uint16_t> code,
                            const std::string& reason) {
    catalog.add(id, std::move(description), std::string(kClean), std::string(kBody),
                [code, reason](Exchange& x) {
                  expectEvents(x, {});
                  x.sendClose(code, reason);
                  settleStrictly(x);
                });
  };
  const auto addRefused = [&](std::string_view id, std::string description, std::string section,
                              const std::string& body) {
    catalog.add(id, std::move(description), std::string(kRefused), std::move(section), [body](Exchange& x) {
      expectRefusal(x, {closecode::protocolError});
      x.sendCloseBody(body);
      settleStrictly(x);
    });
  };
  addClean("7.3.1", "A Close without a body.", {}, "");
  addRefused("7.3.2", "A Close with a body of one byte, too short for a code.", std::string(kBody), "a");
  addClean("7.3.3", "A Close with a code and no reason.", closecode::normal, "");
  addClean("7.3.4", "A Close with a code and a reason.", closecode::normal, "Hello World!");
  addClean("7.3.5", "A Close with a code and the longest reason possible, 123 bytes.", closecode::normal,
           std::string(123, '*'));
  addRefused("7.3.6",
             "A Close with a code and a reason of 124 bytes: 126 bytes, too long for a control frame.",
             "RFC 6455, 5.5", "\x03\xe8" + std::string(124, '*'));
}

void addReasons(Catalog& catalog) {
  catalog.group("7.5", "The reason in the Close");
  catalog.add("7.5.1", "A Close with 1000 and a reason that is not UTF-8: a surrogate.",
              "The peer answers with 1007, 1002 or no code, or ends TCP.", "RFC 6455, 5.5.1 and 8.1",
              [](Exchange& x) {
                const std::string reason =
                    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
                    "edited";
                expectRefusal(x, {closecode::protocolError, closecode::invalidPayload});
                x.sendClose(closecode::normal, reason);
                settleStrictly(x);
                // Reports are UTF-8.
                x.closing().localCloseReason = hex(reason);
              });
}

void addCodes(Catalog& catalog) {
  catalog.group("7.7", "Valid close codes");
  int number = 0;
  for (const std::uint16_t code : kValidCodes) {
    catalog.add("7.7." + std::to_string(++number),
                "A Close with the valid code " + std::to_string(code) + ".",
                "The peer answers with 1000, the same code or none, and TCP ends in order.", "RFC 6455, 7.4",
                [code](Exchange& x) {
                  x.expect(Behavior::ok, {});
                  x.expectClose({.byMe = true, .codes = {closecode::normal, code}, .isClean = true});
                  x.sendClose(code);
                  settleStrictly(x);
                });
  }
  catalog.group("7.9", "Invalid close codes");
  number = 0;
  for (const std::uint16_t code : kInvalidCodes) {
    catalog.add("7.9." + std::to_string(++number),
                "A Close with the code " + std::to_string(code) + ", which may not be sent.",
                std::string(kRefused), "RFC 6455, 7.4", [code](Exchange& x) {
                  expectRefusal(x, {closecode::protocolError});
                  x.sendClose(code);
                  settleStrictly(x);
                });
  }
}

void addUndefinedCodes(Catalog& catalog) {
  catalog.group("7.13", "Close codes that RFC 6455 leaves open");
  const auto add = [&](std::string_view id, std::uint16_t code) {
    catalog
        .add(id, "A Close with the code " + std::to_string(code) + ".",
             "Undefined: the RFC says nothing of codes from 5000 on.", "RFC 6455, 7.4.2",
             [code](Exchange& x) {
               expectRefusal(x, {closecode::normal, code, closecode::protocolError});
               x.sendClose(code);
               x.settle();
               x.inform("What has to happen is undefined");
               x.judgeClose();
             })
        .strictness = Strictness::informational;
  };
  add("7.13.1", 5000);
  add("7.13.2", 65535);
}

}  // namespace

void addClosing(Catalog& catalog) {
  catalog.group("7", "Closing");
  addBasics(catalog);
  addBodies(catalog);
  addReasons(catalog);
  addCodes(catalog);
  addUndefinedCodes(catalog);
}

}  // namespace wstest
