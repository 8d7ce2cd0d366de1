#include <utility>

#include "binary_encoder.hpp"
#include "cbor_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class CborEncoder final : public BinaryEncoder {
 public:
  void null() override { put(0xf6); }
  void boolean(bool value) override { put(value ? 0xf5 : 0xf4); }
  // -1 - n is written as n: all bits inverted.
  void integer(std::int64_t value) override {
    value >= 0 ? putHead(0x00, static_cast<std::uint64_t>(value))
               : putHead(0x20, ~static_cast<std::uint64_t>(value));
  }
  void unsignedInteger(std::uint64_t value) override { putHead(0x00, value); }
  void real(double value) override { put(0xfb, value); }
  void bytes(std::string_view value) override {
    putHead(0x40, value.size());
    output_->append(value);
  }

 protected:
  void writeText(std::string_view value) override {
    putHead(0x60, value.size());
    output_->append(value);
  }
  void writeBeginList(std::size_t count) override { putHead(0x80, count); }
  void writeEndList() override {}
  void writeBeginDict(std::size_t count) override { putHead(0xa0, count); }
  void writeKey(std::string_view value) override { writeText(value); }
  void writeEndDict() override {}

 private:
  // The major type and its argument.
  void putHead(int major, std::uint64_t argument) {
    if (argument < 24) return put(major | static_cast<int>(argument));
    if (std::in_range<std::uint8_t>(argument)) return put(major | 24, static_cast<std::uint8_t>(argument));
    if (std::in_range<std::uint16_t>(argument)) return put(major | 25, static_cast<std::uint16_t>(argument));
    if (std::in_range<std::uint32_t>(argument)) return put(major | 26, static_cast<std::uint32_t>(argument));
    put(major | 27, argument);
  }
};

}  // namespace

std::unique_ptr<Encoder> makeCborEncoder() { return std::make_unique<CborEncoder>(); }

}  // namespace autobahn::inline v0::wamp
