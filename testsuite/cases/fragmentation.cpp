// 5: messages in fragments, legal and not.
#include <array>

#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::string_view kSection = "RFC 6455, 5.4";
constexpr std::string_view kNothingToContinue =
    "The peer fails the connection with 1002: there is no message to continue.";
constexpr std::array kAllChops = {Chops::together, Chops::perFrame, Chops::perOctet};

std::string idOf(int number) { return "5." + std::to_string(number); }

Frame part(std::string payload) {
  return {.opcode = opcode::continuation, .payload = std::move(payload), .fin = false};
}
Frame lastPart(std::string payload) {
  return {.opcode = opcode::continuation, .payload = std::move(payload)};
}
Frame firstPart(std::string payload) { return {.payload = std::move(payload), .fin = false}; }
Frame ping(std::string payload) { return {.opcode = opcode::ping, .payload = std::move(payload)}; }

void addFragmentedControl(Catalog& catalog, std::string_view id, std::string_view name, std::uint8_t code) {
  catalog.add(id, "A " + std::string(name) + " in two fragments.",
              "The peer fails the connection with 1002: control frames must not be fragmented.",
              "RFC 6455, 5.4 and 5.5", [code](Exchange& x) {
                expectNothingButFailure(x);
                x.send({Frame{.opcode = code, .payload = "fragment1", .fin = false}, lastPart("fragment2")});
                x.settle();
              });
}

/// 5.3 to 5.5, and 5.6 to 5.8 with a Ping.
void addTwoFragments(Catalog& catalog, int number) {
  for (const Chops chops : kAllChops) {
    catalog.add(idOf(number++), "A text message in two fragments, written " + text(chops) + ".",
                std::string(kEchoed), std::string(kSection), [chops](Exchange& x) {
                  expectEvents(x, {textMessage("fragment1fragment2")});
                  sendChopped(x, {firstPart("fragment1"), lastPart("fragment2")}, chops);
                  x.settle();
                });
  }
  for (const Chops chops : kAllChops) {
    catalog.add(
        idOf(number++),
        "A text message in two fragments with a Ping between them, written " + text(chops) + ".",
        "First the Pong, with the Ping's payload, then the whole message; then the closing is clean.",
        std::string(kSection), [chops](Exchange& x) {
          expectEvents(x, {pongWith("ping payload"), textMessage("fragment1fragment2")});
          sendChopped(x, {firstPart("fragment1"), ping("ping payload"), lastPart("fragment2")}, chops);
          x.settle();
        });
  }
}

/// 5.9 to 5.11, and 5.12 to 5.14 without FIN.
void addLonelyContinuations(Catalog& catalog, int number) {
  for (const bool fin : {true, false}) {
    for (const Chops chops : kAllChops) {
      catalog.add(idOf(number++),
                  std::string("A continuation frame with FIN=") + (fin ? "1" : "0") +
                      " where no message has begun, then a text message; written " + text(chops) + ".",
                  std::string(kNothingToContinue), std::string(kSection), [fin, chops](Exchange& x) {
                    Frame lonely = part("non-continuation payload");
                    lonely.fin = fin;
                    expectNothingButFailure(x);
                    sendChopped(x, {lonely, Frame{.payload = "Hello, world!"}}, chops);
                    x.settle();
                  });
    }
  }
}

/// 5.16 and 5.17.
void addLonelyBeforeMessages(Catalog& catalog, std::string_view id, bool fin) {
  catalog.add(id,
              std::string("Twice: a continuation frame with FIN=") + (fin ? "1" : "0") +
                  " where no message has begun, then a text message in two fragments.",
              std::string(kNothingToContinue), std::string(kSection), [fin](Exchange& x) {
                Frame lonely = part("fragment1");
                lonely.fin = fin;
                const Frame first = firstPart("fragment2");
                const Frame last = lastPart("fragment3");
                expectNothingButFailure(x);
                x.send({lonely, first, last, lonely, first, last});
                x.settle();
              });
}

/// 5.19 and 5.20.
void addFiveFragments(Catalog& catalog, std::string_view id, Chops chops) {
  catalog.add(
      id,
      "A text message in five fragments with a Ping after the second and after the fourth, and a second of "
      "silence after the first Ping; written " +
          text(chops) + ".",
      "Both Pongs, with their payloads, then the whole message; then the closing is clean.",
      std::string(kSection), [chops](Exchange& x) {
        expectEvents(x, {pongWith("pongme 1!"), pongWith("pongme 2!"),
                         textMessage("fragment1fragment2fragment3fragment4fragment5")});
        sendChopped(x, {firstPart("fragment1"), part("fragment2"), ping("pongme 1!")}, chops);
        x.pause(1s);
        sendChopped(x, {part("fragment3"), part("fragment4"), ping("pongme 2!"), lastPart("fragment5")},
                    chops);
        x.settle();
      });
}

}  // namespace

void addFragmentation(Catalog& catalog) {
  catalog.group("5", "Fragmentation");
  addFragmentedControl(catalog, "5.1", "Ping", opcode::ping);
  addFragmentedControl(catalog, "5.2", "Pong", opcode::pong);
  addTwoFragments(catalog, 3);
  addLonelyContinuations(catalog, 9);
  catalog.add(
      "5.15",
      "A text message in two fragments, then a continuation frame with FIN=0 that continues nothing, then a "
      "text message; written in one write.",
      "The first message comes back (not strict: it may be lost), then the peer fails the connection with "
      "1002: there is no message to continue.",
      std::string(kSection), [](Exchange& x) {
        expectEchoThenFailure(x, "fragment1fragment2");
        x.send({firstPart("fragment1"), lastPart("fragment2"), part("fragment3"),
                Frame{.payload = "fragment4"}});
        x.settle();
      });
  addLonelyBeforeMessages(catalog, "5.16", false);
  addLonelyBeforeMessages(catalog, "5.17", true);
  catalog.add("5.18", "A text message in two fragments, both with the opcode of text; written in one write.",
              "The peer fails the connection with 1002: all fragments after the first must be continuations.",
              std::string(kSection), [](Exchange& x) {
                expectNothingButFailure(x);
                x.send({firstPart("fragment1"), Frame{.payload = "fragment2"}});
                x.settle();
              });
  addFiveFragments(catalog, "5.19", Chops::together);
  addFiveFragments(catalog, "5.20", Chops::perFrame);
}

}  // namespace wstest
