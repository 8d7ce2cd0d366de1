// 2: pings, and pongs that nobody asked for.
#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::string_view kUnsolicited = "unsolicited pong payload";
constexpr std::string_view kPonged = "A Pong with the same payload comes back; then the closing is clean.";

void addEchoedPing(Catalog& catalog, std::string_view id, std::string description, const std::string& payload,
                   std::size_t chopSize = 0) {
  catalog.add(id, std::move(description), std::string(kPonged), "RFC 6455, 5.5.2 and 5.5.3",
              [payload, chopSize](Exchange& x) {
                expectEvents(x, {pongWith(payload)});
                x.send(Frame{.opcode = opcode::ping, .payload = payload}, chopSize);
                x.settle();
              });
}

void addUnsolicitedPong(Catalog& catalog, std::string_view id, std::string description,
                        const std::string& payload) {
  catalog.add(id, std::move(description),
              "The peer ignores the Pong: nothing comes but the answer to our Close.", "RFC 6455, 5.5.3",
              [payload](Exchange& x) {
                expectEvents(x, {});
                x.send(Frame{.opcode = opcode::pong, .payload = payload});
                x.settle();
              });
}

void addTenPings(Catalog& catalog, std::string_view id, std::string description, std::size_t chopSize) {
  Case& made = catalog.add(
      id, std::move(description),
      "Ten Pongs with the payloads in order, then a clean closing. (The RFC would allow to answer only the "
      "latest Ping.)",
      "RFC 6455, 5.5.3", [chopSize](Exchange& x) {
        std::vector<std::string> payloads;
        std::vector<Event> pongs;
        for (int i = 0; i < 10; ++i) {
          payloads.push_back("payload-" + std::to_string(i));
          pongs.push_back(pongWith(payloads.back()));
        }
        expectEvents(x, pongs);
        for (const std::string& payload : payloads) {
          x.send(Frame{.opcode = opcode::ping, .payload = payload}, chopSize);
        }
        x.settle();
      });
  made.strictness = Strictness::recommended;
}

}  // namespace

void addPings(Catalog& catalog) {
  catalog.group("2", "Pings and pongs");
  const std::string longest(125, '\xfe');
  addEchoedPing(catalog, "2.1", "A Ping without payload.", "");
  addEchoedPing(catalog, "2.2", "A Ping with a short text as payload.", "Hello, world!");
  addEchoedPing(catalog, "2.3", "A Ping with a short payload that is not UTF-8.",
                std::string("\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 8));
  addEchoedPing(catalog, "2.4", "A Ping with the longest payload allowed, 125 bytes.", longest);
  catalog.add("2.5", "A Ping with 126 bytes of payload, one more than control frames may have.",
              "The peer fails the connection at once, with 1002.", "RFC 6455, 5.5", [](Exchange& x) {
                sendAlone(x, Frame{.opcode = opcode::ping, .payload = std::string(126, '\xfe')});
              });
  addEchoedPing(catalog, "2.6", "A Ping with 125 bytes of payload, written byte by byte.", longest, 1);
  addUnsolicitedPong(catalog, "2.7", "A Pong without payload that answers no Ping, then our Close.", "");
  addUnsolicitedPong(catalog, "2.8", "A Pong with payload that answers no Ping, then our Close.",
                     std::string(kUnsolicited));
  catalog.add("2.9", "A Pong with payload that answers no Ping, then a Ping with payload.",
              "Nothing for the Pong; a Pong with the Ping's payload; then the closing is clean.",
              "RFC 6455, 5.5.2 and 5.5.3", [](Exchange& x) {
                const std::string payload = "ping payload";
                expectEvents(x, {pongWith(payload)});
                x.send({Frame{.opcode = opcode::pong, .payload = std::string(kUnsolicited)},
                        Frame{.opcode = opcode::ping, .payload = payload}});
                x.settle();
              });
  addTenPings(catalog, "2.10", "Ten Pings with different payloads, one after the other.", 0);
  addTenPings(catalog, "2.11", "Ten Pings with different payloads, written byte by byte.", 1);
}

}  // namespace wstest
