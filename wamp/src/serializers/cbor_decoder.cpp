#include <algorithm>
#include <cmath>
#include <limits>

#include "binary_decoder.hpp"
#include "cbor_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr unsigned char kBreak = 0xff;
constexpr int kIndefinite = 31;

// Major types, the first three bits of an item.
enum Major { kUnsigned, kNegative, kBytes, kText, kList, kDict, kTag, kOther };

// Tags that values are made of: other ways to write them.
constexpr std::uint64_t kPositiveBignum = 2;
constexpr std::uint64_t kNegativeBignum = 3;
constexpr std::uint64_t kUint8Array = 64;  // RFC 8746: JavaScript's Uint8Array

// The half precision of RFC 8949, appendix D: 1 sign, 5 exponent and 10 fraction bits.
double halfToDouble(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const int fraction = bits & 0x3ff;
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else if (exponent < 31) {
    value = std::ldexp(fraction + 1024, exponent - 25);
  } else {
    value =
        fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

class CborDecoder final : public BinaryDecoder<CborDecoder> {
 private:
  friend class BinaryDecoder<CborDecoder>;

  void skipFill() {}
  bool isEndHere() { return bytesLeft() != 0 && static_cast<unsigned char>(input_[position_]) == kBreak; }

  Shape shapeHere() {
    if (bytesLeft() == 0) return failEnd(), Shape::bad;
    const int major = static_cast<unsigned char>(input_[position_]) >> 5;
    return major == kList ? Shape::list : major == kDict ? Shape::dict : Shape::scalar;
  }

  bool readItem(Token& token, Leniency leniency) {
    const std::size_t begin = position_;
    unsigned char byte = 0;
    if (!readByte(byte)) return false;
    const int major = byte >> 5;
    const int info = byte & 0x1f;
    if (major == kOther) return readOther(token, info, leniency);
    if (info == kIndefinite) return readIndefinite(token, major);
    std::uint64_t argument = 0;
    if (!readArgument(info, argument)) return false;
    switch (major) {
      case kUnsigned:
        return setUnsigned(token, argument);
      case kNegative:
        return setNegative(token, argument, leniency) ||
               fail(begin, "an integer below -2^63, which fits no value");
      case kBytes:
        return readBytes(argument, token.text) && set(token, TokenType::bytes);
      case kText:
        return readUtf8(argument, token.text) && set(token, TokenType::text);
      case kTag:
        return readTag(token, begin, argument, leniency);
      default:
        return canHold(major == kDict, argument) && enter(token, major == kDict, argument);
    }
  }

  // What stands behind the first byte: nothing for small arguments, else 1, 2, 4 or 8 bytes.
  bool readArgument(int info, std::uint64_t& argument) {
    argument = static_cast<std::uint64_t>(info);
    if (info < 24) return true;
    if (info == 24) return readSize<std::uint8_t>(argument);
    if (info == 25) return readSize<std::uint16_t>(argument);
    if (info == 26) return readSize<std::uint32_t>(argument);
    if (info == 27) return readNumber(argument);
    return fail(position_ - 1, "a first byte that means nothing");
  }
  static bool setNegative(Token& token, std::uint64_t argument, Leniency leniency) {
    if (std::in_range<std::int64_t>(argument)) {
      return setInteger(token, static_cast<std::int64_t>(~argument));
    }
    return leniency == Leniency::lenient && set(token, TokenType::null);
  }

  // Passed over, a tag is a container of one item: so its nesting is limited too.
  bool readTag(Token& token, std::size_t begin, std::uint64_t tag, Leniency leniency) {
    if (leniency == Leniency::lenient) return enter(token, false, 1);
    if (tag == kUint8Array) return readTagged(begin, tag, token.text) && set(token, TokenType::bytes);
    if (tag == kPositiveBignum || tag == kNegativeBignum) return readBignum(token, begin, tag);
    return fail(begin, "the tag " + std::to_string(tag) + ", which fits no value");
  }
  /// The byte string that a tag is for.
  bool readTagged(std::size_t begin, std::uint64_t tag, std::string_view& bytes) {
    unsigned char byte = 0;
    if (!readByte(byte)) return false;
    std::uint64_t size = 0;
    Token chunks;
    if (byte >> 5 != kBytes) {
      return fail(begin, "the tag " + std::to_string(tag) + " without a byte string behind it");
    }
    if ((byte & 0x1f) != kIndefinite) return readArgument(byte & 0x1f, size) && readBytes(size, bytes);
    if (!readChunks(chunks, kBytes)) return false;
    bytes = chunks.text;
    return true;
  }
  // RFC 8949, section 3.4.3. Encoders write integers that way whose type has no limit; those that a value can
  // hold are integers like others.
  bool readBignum(Token& token, std::size_t begin, std::uint64_t tag) {
    std::string_view bytes;
    if (!readTagged(begin, tag, bytes)) return false;
    bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    std::uint64_t number = 0;
    for (const char each : bytes.substr(0, sizeof(number))) {
      number = number << 8 | static_cast<unsigned char>(each);
    }
    const bool isGood =
        bytes.size() <= sizeof(number) &&
        (tag == kPositiveBignum ? setUnsigned(token, number) : setNegative(token, number, Leniency::strict));
    return isGood ||
           fail(begin, "the tag " + std::to_string(tag) + ", an integer beyond 64 bits, which fits no value");
  }

  // Floating point numbers and simple values.
  bool readOther(Token& token, int info, Leniency leniency) {
    switch (info) {
      case 20:
      case 21:
        return setBool(token, info == 21);
      case 22:
      case 23:  // undefined: JavaScript's way to say null
        return set(token, TokenType::null);
      case 25: {
        std::uint16_t bits = 0;
        return readNumber(bits) && setReal(token, halfToDouble(bits));
      }
      case 26:
        return readNumberToken<float>(token);
      case 27:
        return readNumberToken<double>(token);
      case kIndefinite:
        return fail(position_ - 1, "the end of a list or dict where a value is wanted");
      default:
        return readSimple(token, info, leniency);
    }
  }

  bool readSimple(Token& token, int info, Leniency leniency) {
    const std::size_t begin = position_ - 1;
    auto value = static_cast<unsigned char>(info);
    if (info > 24) return fail(begin, "a first byte that means nothing");
    if (info == 24) {
      if (!readByte(value)) return false;
      if (value < 32) return fail(begin, "a simple value below 32 in two bytes");
    }
    if (leniency == Leniency::lenient) return set(token, TokenType::null);
    return fail(begin, "the simple value " + std::to_string(value) + ", which fits no value");
  }

  bool readIndefinite(Token& token, int major) {
    switch (major) {
      case kBytes:
        return readChunks(token, kBytes) && set(token, TokenType::bytes);
      case kText:
        return readChunks(token, kText) && set(token, TokenType::text);
      case kList:
      case kDict:
        return enterOpen(token, major == kDict);
      default:
        return fail(position_ - 1, "a first byte that means nothing");
    }
  }

  // Chunks are strings of the same type and of definite length; each text is UTF-8 in itself (section 3.2.3).
  bool readChunks(Token& token, int major) {
    scratch_.clear();
    while (!isEndHere()) {
      unsigned char byte = 0;
      std::uint64_t size = 0;
      if (!readByte(byte)) return false;
      if (byte >> 5 != major) return fail(position_ - 1, "a chunk of a string wanted");
      if (!readArgument(byte & 0x1f, size)) return false;
      if (!(major == kText ? readUtf8(size, token.text) : readBytes(size, token.text))) return false;
      scratch_ += token.text;
    }
    ++position_;
    token.text = scratch_;
    return true;
  }

  std::string scratch_;
};

}  // namespace

std::unique_ptr<Decoder> makeCborDecoder() { return std::make_unique<CborDecoder>(); }

}  // namespace autobahn::inline v0::wamp
