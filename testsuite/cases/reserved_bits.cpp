// 3: reserved bits that no extension has given a meaning.
#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::string_view kSection = "RFC 6455, 5.2";
constexpr std::string_view kFails = "The peer fails the connection at once, with 1002.";

void addAlone(Catalog& catalog, std::string_view id, std::string description, const Frame& illegal) {
  catalog.add(id, std::move(description), std::string(kFails), std::string(kSection),
              [illegal](Exchange& x) { sendAlone(x, illegal); });
}

void addAfterHello(Catalog& catalog, std::string_view id, std::uint8_t rsv, Chops chops) {
  catalog.add(id,
              "A short text message, the same with RSV=" + std::to_string(rsv) + ", and a Ping; written " +
                  text(chops) + ".",
              "The first message comes back (not strict: it may be lost). The second makes the peer fail the "
              "connection with 1002; the Ping is not answered.",
              std::string(kSection), [rsv, chops](Exchange& x) {
                sendAfterHello(x, Frame{.payload = "Hello, world!", .rsv = rsv}, chops);
              });
}

}  // namespace

void addReservedBits(Catalog& catalog) {
  catalog.group("3", "Reserved bits");
  addAlone(catalog, "3.1", "A short text message with RSV=1.", Frame{.payload = "Hello, world!", .rsv = 1});
  addAfterHello(catalog, "3.2", 2, Chops::together);
  addAfterHello(catalog, "3.3", 3, Chops::perFrame);
  addAfterHello(catalog, "3.4", 4, Chops::perOctet);
  addAlone(
      catalog, "3.5", "A short binary message with RSV=5.",
      Frame{
          .opcode = opcode::binary, .payload = std::string("\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 8), .rsv = 5});
  // Autobahn calls it a Ping, and has always sent a binary message.
  addAlone(catalog, "3.6", "A short binary message with RSV=6.",
           Frame{.opcode = opcode::binary, .payload = "Hello, world!", .rsv = 6});
  addAlone(catalog, "3.7", "A Close without code, with RSV=7.", Frame{.opcode = opcode::close, .rsv = 7});
}

}  // namespace wstest
