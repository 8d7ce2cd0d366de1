#include <charconv>
#include <cmath>
#include <utility>

#include "binary_encoder.hpp"
#include "ubjson_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class UbjsonEncoder final : public BinaryEncoder {
 public:
  void null() override { put('Z'); }
  void boolean(bool value) override { put(value ? 'T' : 'F'); }

  void integer(std::int64_t value) override {
    if (std::in_range<std::uint8_t>(value)) return put('U', static_cast<std::uint8_t>(value));
    if (std::in_range<std::int8_t>(value)) return put('i', static_cast<std::int8_t>(value));
    if (std::in_range<std::int16_t>(value)) return put('I', static_cast<std::int16_t>(value));
    if (std::in_range<std::int32_t>(value)) return put('l', static_cast<std::int32_t>(value));
    put('L', value);
  }

  void unsignedInteger(std::uint64_t value) override {
    if (std::in_range<std::int64_t>(value)) return integer(static_cast<std::int64_t>(value));
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    put('H');
    writeKey({digits, end});
  }

  void real(double value) override {
    if (!std::isfinite(value)) return fail("NaN and infinity cannot be written in UBJSON");
    put('D', value);
  }

  void bytes(std::string_view value) override {
    output_->append("[$U#");
    writeKey(value);
  }

 protected:
  void writeText(std::string_view value) override {
    put('S');
    writeKey(value);
  }
  void writeBeginList(std::size_t) override { put('['); }
  void writeEndList() override { put(']'); }
  void writeBeginDict(std::size_t) override { put('{'); }
  /// What all strings end with: length and bytes. A key has nothing before it.
  void writeKey(std::string_view value) override {
    integer(static_cast<std::int64_t>(value.size()));
    output_->append(value);
  }
  void writeEndDict() override { put('}'); }
};

}  // namespace

std::unique_ptr<Encoder> makeUbjsonEncoder() { return std::make_unique<UbjsonEncoder>(); }

}  // namespace autobahn::inline v0::wamp
