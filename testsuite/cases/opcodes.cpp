// 4: opcodes that RFC 6455 has reserved.
#include "cases/classic.hpp"

namespace wstest {
namespace {

constexpr std::string_view kSection = "RFC 6455, 5.2";

void addAlone(Catalog& catalog, const std::string& id, std::uint8_t code, const std::string& payload) {
  catalog.add(id,
              "A frame with the reserved opcode " + std::to_string(code) +
                  (payload.empty() ? " and no payload." : " and a payload."),
              "The peer fails the connection at once, with 1002.", std::string(kSection),
              [code, payload](Exchange& x) { sendAlone(x, Frame{.opcode = code, .payload = payload}); });
}

void addAfterHello(Catalog& catalog, const std::string& id, std::uint8_t code, const std::string& payload,
                   Chops chops) {
  catalog.add(
      id,
      "A short text message, a frame with the reserved opcode " + std::to_string(code) +
          (payload.empty() ? " and no payload" : " and a payload") + ", and a Ping; written " + text(chops) +
          ".",
      "The message comes back (not strict: it may be lost). The reserved opcode makes the peer fail the "
      "connection with 1002; the Ping is not answered.",
      std::string(kSection), [code, payload, chops](Exchange& x) {
        sendAfterHello(x, Frame{.opcode = code, .payload = payload}, chops);
      });
}

/// Five opcodes, `first` and the following.
void addFive(Catalog& catalog, const std::string& group, std::uint8_t first) {
  const auto code = [first](int offset) { return static_cast<std::uint8_t>(first + offset); };
  addAlone(catalog, group + ".1", code(0), "");
  addAlone(catalog, group + ".2", code(1), "reserved opcode payload");
  addAfterHello(catalog, group + ".3", code(2), "", Chops::together);
  addAfterHello(catalog, group + ".4", code(3), "Hello, world!", Chops::together);
  addAfterHello(catalog, group + ".5", code(4), "Hello, world!", Chops::perOctet);
}

}  // namespace

void addOpcodes(Catalog& catalog) {
  catalog.group("4", "Opcodes");
  catalog.group("4.1", "Reserved data opcodes");
  addFive(catalog, "4.1", 3);
  catalog.group("4.2", "Reserved control opcodes");
  addFive(catalog, "4.2", 11);
}

}  // namespace wstest
