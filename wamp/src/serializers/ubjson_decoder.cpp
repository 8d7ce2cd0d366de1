#include <charconv>
#include <cmath>

#include "binary_decoder.hpp"
#include "ubjson_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kBytesMark = "$U#";
constexpr std::string_view kElementTypes = "ZTFiUIlLdDHCS[{";
constexpr std::string_view kTypesWithoutBytes = "ZTF";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// The grammar of JSON's numbers.
class NumberText {
 public:
  explicit NumberText(std::string_view text) : text_(text) {
    take("-");
    isValid_ = take("0") || digits();
    if (take(".")) {
      isInteger_ = false;
      isValid_ = digits() && isValid_;
    }
    if (take("eE")) {
      isInteger_ = false;
      take("+-");
      isValid_ = digits() && isValid_;
    }
    isValid_ = isValid_ && at_ == text_.size();
  }
  bool isValid() const { return isValid_; }
  bool isInteger() const { return isInteger_; }

 private:
  bool take(std::string_view anyOf) {
    if (at_ == text_.size() || anyOf.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && isDigit(text_[at_])) ++at_;
    return at_ != begin;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool isValid_ = false;
  bool isInteger_ = true;
};

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc();
}

class UbjsonDecoder final : public BinaryDecoder<UbjsonDecoder> {
 protected:
  void restart() override {
    BinaryDecoder::restart();
    freeElements_ = 0;
  }

 private:
  friend class BinaryDecoder<UbjsonDecoder>;

  char here() const { return bytesLeft() == 0 ? '\0' : input_[position_]; }
  bool isEndHere() { return here() == (level().isDict ? '}' : ']'); }

  // No-ops stand where a marker could.
  void skipFill() {
    if (level().elementType != '\0') return;
    while (here() == 'N') ++position_;
  }

  Shape shapeHere() {
    std::size_t behind = position_;
    char marker = level().elementType;
    if (marker == '\0') {
      if (bytesLeft() == 0) return failEnd(), Shape::bad;
      marker = input_[behind++];
    }
    if (marker == '{') return Shape::dict;
    return marker == '[' && !input_.substr(behind).starts_with(kBytesMark) ? Shape::list : Shape::scalar;
  }

  bool readKey(Token& token) {
    std::uint64_t size = 0;
    return readSize(size) && readUtf8(size, token.text) && set(token, TokenType::key);
  }
  bool skipKey() {
    Token ignored;
    return readKey(ignored);
  }

  bool readItem(Token& token, Leniency leniency) {
    auto marker = static_cast<unsigned char>(level().elementType);
    if (marker == '\0' && !readByte(marker)) return false;
    switch (marker) {
      case 'Z':
        return set(token, TokenType::null);
      case 'T':
      case 'F':
        return setBool(token, marker == 'T');
      case 'd':
        return readNumberToken<float>(token);
      case 'D':
        return readNumberToken<double>(token);
      case 'S':
        return readKey(token) && set(token, TokenType::text);
      case 'C':
        return readCharacter(token);
      case 'H':
        return readHighPrecision(token, leniency);
      case '[':
      case '{':
        return readContainer(token, marker == '{');
      default:
        return readInteger(token, marker);
    }
  }

  bool readInteger(Token& token, unsigned char marker) {
    switch (marker) {
      case 'i':
        return readNumberToken<std::int8_t>(token);
      case 'U':
        return readNumberToken<std::uint8_t>(token);
      case 'I':
        return readNumberToken<std::int16_t>(token);
      case 'l':
        return readNumberToken<std::int32_t>(token);
      case 'L':
        return readNumberToken<std::int64_t>(token);
      default:
        return fail(position_ - 1, "a type that means nothing here");
    }
  }

  // Of strings and containers: an integer of any type, not negative.
  bool readSize(std::uint64_t& size) {
    const std::size_t begin = position_;
    unsigned char marker = 0;
    Token token;
    if (!readByte(marker) || !readInteger(token, marker)) return false;
    if (token.integer < 0) return fail(begin, "a negative length");
    size = static_cast<std::uint64_t>(token.integer);
    return true;
  }

  bool readCharacter(Token& token) {
    std::string_view text;
    if (!readUtf8(1, text)) return false;
    token.text = text;
    return set(token, TokenType::text);
  }

  bool readHighPrecision(Token& token, Leniency leniency) {
    const std::size_t begin = position_;
    std::uint64_t size = 0;
    std::string_view text;
    if (!readSize(size) || !readBytes(size, text)) return false;
    const NumberText number(text);
    if (!number.isValid()) return fail(begin, "a high-precision number that is no number");
    if (setHighPrecision(token, text, number.isInteger())) return true;
    if (leniency == Leniency::lenient) return set(token, TokenType::null);
    return fail(begin, number.isInteger() ? "an integer beyond 64 bits, which fits no value"
                                          : "a number beyond double, which fits no value");
  }

  static bool setHighPrecision(Token& token, std::string_view text, bool isInteger) {
    if (!isInteger) return parse(text, token.real) && set(token, TokenType::real);
    if (parse(text, token.integer)) return set(token, TokenType::integer);
    return parse(text, token.unsignedInteger) && set(token, TokenType::unsignedInteger);
  }

  bool take(char c) {
    if (here() != c || bytesLeft() == 0) return false;
    ++position_;
    return true;
  }

  bool readContainer(Token& token, bool isDict) {
    char elementType = '\0';
    if (take('$')) {
      elementType = here();
      if (bytesLeft() == 0) return failEnd();
      if (kElementTypes.find(elementType) == std::string_view::npos) {
        return fail("a type that elements cannot have");
      }
      ++position_;
      if (here() != '#') return fail("a count wanted behind the elements' type");
    }
    if (!take('#')) return enterOpen(token, isDict);
    std::uint64_t count = 0;
    if (!readSize(count)) return false;
    if (elementType == 'U' && !isDict) return readBytes(count, token.text) && set(token, TokenType::bytes);
    const bool isFree = !isDict && kTypesWithoutBytes.find(elementType) != std::string_view::npos;
    if (!(isFree ? canAfford(count) : canHold(isDict, count))) return false;
    return enter(token, isDict, count, elementType);
  }

  // Elements that take no bytes come at no cost to the sender. All together they may be as many as the input
  // has bytes.
  bool canAfford(std::uint64_t count) {
    if (count > input_.size() - freeElements_) {
      return fail("more elements without bytes than the data have bytes");
    }
    freeElements_ += count;
    return true;
  }

  std::uint64_t freeElements_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> makeUbjsonDecoder() { return std::make_unique<UbjsonDecoder>(); }

}  // namespace autobahn::inline v0::wamp
