#include <utility>

#include "binary_encoder.hpp"
#include "msgpack_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class MsgpackEncoder final : public BinaryEncoder {
 public:
  void null() override { put(0xc0); }
  void boolean(bool value) override { put(value ? 0xc3 : 0xc2); }

  void integer(std::int64_t value) override {
    if (value >= 0) return unsignedInteger(static_cast<std::uint64_t>(value));
    if (value >= -32) return put(static_cast<int>(value));
    if (std::in_range<std::int8_t>(value)) return put(0xd0, static_cast<std::int8_t>(value));
    if (std::in_range<std::int16_t>(value)) return put(0xd1, static_cast<std::int16_t>(value));
    if (std::in_range<std::int32_t>(value)) return put(0xd2, static_cast<std::int32_t>(value));
    put(0xd3, value);
  }

  void unsignedInteger(std::uint64_t value) override {
    if (value < 0x80) return put(static_cast<int>(value));
    putSize(0xcc, value);
  }

  void real(double value) override { put(0xcb, value); }

  void bytes(std::string_view value) override {
    if (!fits(value.size())) return;
    putSize(0xc4, value.size());
    output_->append(value);
  }

 protected:
  void writeText(std::string_view value) override {
    if (!fits(value.size())) return;
    if (value.size() < 32) {
      put(0xa0 | static_cast<int>(value.size()));
    } else {
      putSize(0xd9, value.size());
    }
    output_->append(value);
  }

  void writeBeginList(std::size_t count) override { begin(0x90, 0xdc, count); }
  void writeEndList() override {}
  void writeBeginDict(std::size_t count) override { begin(0x80, 0xde, count); }
  void writeKey(std::string_view value) override { writeText(value); }
  void writeEndDict() override {}

 private:
  bool fits(std::size_t size) {
    if (std::in_range<std::uint32_t>(size)) return true;
    fail("more than 2^32 - 1 bytes or elements cannot be written in MessagePack");
    return false;
  }

  // `marker` is that of one byte; those of two, four and eight follow it.
  void putSize(int marker, std::uint64_t value) {
    if (std::in_range<std::uint8_t>(value)) return put(marker, static_cast<std::uint8_t>(value));
    if (std::in_range<std::uint16_t>(value)) return put(marker + 1, static_cast<std::uint16_t>(value));
    if (std::in_range<std::uint32_t>(value)) return put(marker + 2, static_cast<std::uint32_t>(value));
    put(marker + 3, value);
  }

  void begin(int fixed, int marker, std::size_t count) {
    if (!fits(count)) return;
    if (count < 16) return put(fixed | static_cast<int>(count));
    if (std::in_range<std::uint16_t>(count)) return put(marker, static_cast<std::uint16_t>(count));
    put(marker + 1, static_cast<std::uint32_t>(count));
  }
};

}  // namespace

std::unique_ptr<Encoder> makeMsgpackEncoder() { return std::make_unique<MsgpackEncoder>(); }

}  // namespace autobahn::inline v0::wamp
