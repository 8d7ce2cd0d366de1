// 1: messages around the borders of the three length forms.
#include <array>

#include "cases/classic.hpp"

namespace wstest {
namespace {

struct Size {
  std::size_t payload = 0;
  std::size_t chop = 0;
};
constexpr std::array<Size, 8> kSizes = {
    {{0, 0}, {125, 0}, {126, 0}, {127, 0}, {128, 0}, {65535, 0}, {65536, 0}, {65536, 997}}};

void addMessages(Catalog& catalog, const std::string& group, bool isBinary) {
  const std::string kind = isBinary ? "binary" : "text";
  int number = 0;
  for (const Size size : kSizes) {
    std::string description = "A " + kind + " message of " + std::to_string(size.payload) + " bytes";
    if (size.chop != 0) description += ", written in pieces of " + std::to_string(size.chop) + " bytes";
    catalog.add(group + "." + std::to_string(++number), description + ".", std::string(kEchoed),
                "RFC 6455, 5.2", [size, isBinary](Exchange& x) {
                  const std::string payload(size.payload, isBinary ? '\xfe' : '*');
                  expectEvents(x, {isBinary ? binaryMessage(payload) : textMessage(payload)});
                  x.send(Frame{.opcode = isBinary ? opcode::binary : opcode::text, .payload = payload},
                         size.chop);
                  x.settle();
                });
  }
}

}  // namespace

void addFraming(Catalog& catalog) {
  catalog.group("1", "Framing");
  catalog.group("1.1", "Text messages");
  addMessages(catalog, "1.1", false);
  catalog.group("1.2", "Binary messages");
  addMessages(catalog, "1.2", true);
}

}  // namespace wstest
