#include "binary_decoder.hpp"
#include "msgpack_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class MsgpackDecoder final : public BinaryDecoder<MsgpackDecoder> {
 private:
  friend class BinaryDecoder<MsgpackDecoder>;

  void skipFill() {}
  bool isEndHere() { return false; }  // containers are never open

  Shape shapeHere() {
    if (bytesLeft() == 0) return failEnd(), Shape::bad;
    const auto byte = static_cast<unsigned char>(input_[position_]);
    if (byte >> 4 == 0x9 || byte == 0xdc || byte == 0xdd) return Shape::list;
    if (byte >> 4 == 0x8 || byte == 0xde || byte == 0xdf) return Shape::dict;
    return Shape::scalar;
  }

  bool readItem(Token& token, Leniency leniency) {
    unsigned char byte = 0;
    if (!readByte(byte)) return false;
    if (byte < 0x80) return setInteger(token, byte);
    if (byte < 0x90) return enterCounted(token, true, byte & 0x0f);
    if (byte < 0xa0) return enterCounted(token, false, byte & 0x0f);
    if (byte < 0xc0) return readText(token, byte & 0x1f);
    if (byte >= 0xe0) return setInteger(token, static_cast<std::int8_t>(byte));
    return readMarked(token, byte, leniency);
  }

  // Types with a whole byte: 0xc0…0xdf.
  bool readMarked(Token& token, unsigned char marker, Leniency leniency) {
    switch (marker) {
      case 0xc0:
        return set(token, TokenType::null);
      case 0xc2:
        return setBool(token, false);
      case 0xc3:
        return setBool(token, true);
      case 0xca:
        return readNumberToken<float>(token);
      case 0xcb:
        return readNumberToken<double>(token);
      case 0xcc:
        return readNumberToken<std::uint8_t>(token);
      case 0xcd:
        return readNumberToken<std::uint16_t>(token);
      case 0xce:
        return readNumberToken<std::uint32_t>(token);
      case 0xcf:
        return readNumberToken<std::uint64_t>(token);
      case 0xd0:
        return readNumberToken<std::int8_t>(token);
      case 0xd1:
        return readNumberToken<std::int16_t>(token);
      case 0xd2:
        return readNumberToken<std::int32_t>(token);
      case 0xd3:
        return readNumberToken<std::int64_t>(token);
      default:
        return readSized(token, marker, leniency);
    }
  }

  // Types with a size or count of 1, 2 or 4 bytes behind the marker.
  bool readSized(Token& token, unsigned char marker, Leniency leniency) {
    std::uint64_t size = 0;
    switch (marker) {
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return readSizeOf(marker - 0xc4, size) && readBytes(size, token.text) && set(token, TokenType::bytes);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return readSizeOf(marker - 0xd9, size) && readText(token, size);
      case 0xdc:
      case 0xdd:
        return readSizeOf(marker - 0xdc + 1, size) && enterCounted(token, false, size);
      case 0xde:
      case 0xdf:
        return readSizeOf(marker - 0xde + 1, size) && enterCounted(token, true, size);
      case 0xc1:
        return fail(position_ - 1, "the byte 0xc1, which is never used");
      default:
        return readExtension(token, marker, leniency);
    }
  }

  // 0xc7…0xc9 with a size behind it, 0xd4…0xd8 for 1, 2, 4, 8, 16 bytes; then the extension's own type.
  bool readExtension(Token& token, unsigned char marker, Leniency leniency) {
    const std::size_t begin = position_ - 1;
    const bool isFixed = marker >= 0xd4;
    std::uint64_t size = isFixed ? std::uint64_t{1} << (marker - 0xd4) : 0;
    if (!isFixed && !readSizeOf(marker - 0xc7, size)) return false;
    unsigned char type = 0;
    std::string_view data;
    if (!readByte(type) || !readBytes(size, data)) return false;
    // One zero of type 0 is the undefined of npm's msgpack5 and its kin.
    const bool isUndefined = marker == 0xd4 && type == 0 && data.front() == '\0';
    if (isUndefined || leniency == Leniency::lenient) return set(token, TokenType::null);
    return fail(begin, "the extension type " + std::to_string(static_cast<std::int8_t>(type)) +
                           ", which fits no value");
  }

  /// Reads a size of 2^`widthLog2` bytes.
  bool readSizeOf(int widthLog2, std::uint64_t& size) {
    if (widthLog2 == 0) return readSize<std::uint8_t>(size);
    if (widthLog2 == 1) return readSize<std::uint16_t>(size);
    return readSize<std::uint32_t>(size);
  }
  bool readText(Token& token, std::uint64_t size) {
    return readUtf8(size, token.text) && set(token, TokenType::text);
  }

  bool enterCounted(Token& token, bool isDict, std::uint64_t count) {
    return canHold(isDict, count) && enter(token, isDict, count);
  }
};

}  // namespace

std::unique_ptr<Decoder> makeMsgpackDecoder() { return std::make_unique<MsgpackDecoder>(); }

}  // namespace autobahn::inline v0::wamp
