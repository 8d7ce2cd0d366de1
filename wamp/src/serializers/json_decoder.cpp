// Structure, plain strings and short integers are read here, so that most text is never copied; RapidJSON's
// SAX reader does what is hard to get right: floating point, escapes, literals.
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/utf8.hpp>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "json_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

// RapidJSON has seen that it is a number. Its value is inexact; its exact conversion (1.1) makes anything of
// zeros with an exponent. What is too small stays as it is. False: it is too large, which RapidJSON does not
// see in all cases.
bool makeExact(std::string_view number, double& value) {
  const std::errc error = std::from_chars(number.data(), number.data() + number.size(), value).ec;
  return error != std::errc::result_out_of_range || std::abs(value) < 1;
}

// Takes the one scalar that RapidJSON is asked to read.
class ScalarHandler {
 public:
  ScalarHandler(Token& token, std::string& scratch) : token_(token), scratch_(scratch) {}

  bool Null() { return take(TokenType::null); }
  bool Bool(bool value) {
    token_.boolean = value;
    return take(TokenType::boolean);
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(std::int64_t value) {
    token_.integer = value;
    return take(TokenType::integer);
  }
  bool Uint64(std::uint64_t value) {
    if (std::in_range<std::int64_t>(value)) return Int64(static_cast<std::int64_t>(value));
    token_.unsignedInteger = value;
    return take(TokenType::unsignedInteger);
  }
  bool Double(double value) {
    token_.real = value;
    return take(TokenType::real);
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    scratch_.assign(text, size);
    token_.text = scratch_;
    return take(TokenType::text);
  }
  // Not called: structure is not RapidJSON's business here, and numbers are not asked for as text.
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool StartObject() { return false; }
  bool Key(const char*, rapidjson::SizeType, bool) { return false; }
  bool EndObject(rapidjson::SizeType) { return false; }
  bool StartArray() { return false; }
  bool EndArray(rapidjson::SizeType) { return false; }

 private:
  bool take(TokenType type) {
    token_.type = type;
    return true;
  }

  Token& token_;
  std::string& scratch_;
};

// RapidJSON's allocations are operator new's, so that tests see them.
class NewAllocator {
 public:
  [[maybe_unused]] static const bool kNeedFree = true;  // RapidJSON asks
  void* Malloc(std::size_t size) { return size == 0 ? nullptr : ::operator new(size); }
  void* Realloc(void* old, std::size_t oldSize, std::size_t size) {
    void* const memory = Malloc(size);
    if (old != nullptr && memory != nullptr) std::memcpy(memory, old, std::min(oldSize, size));
    Free(old);
    return memory;
  }
  static void Free(void* memory) { ::operator delete(memory); }
};

class JsonDecoder final : public Decoder {
 public:
  Shape peek() override {
    switch (settle()) {
      case '\0':
        return failed() ? Shape::bad : Shape::end;
      case ']':
      case '}':
        return Shape::end;
      case '[':
        return Shape::list;
      case '{':
        return Shape::dict;
      default:
        return Shape::scalar;
    }
  }

  bool next(Token& token) override {
    const char c = settle();
    if (c == '\0') return false;
    Level& level = levels_.back();
    if (c == level.close) return leave(token);
    if (level.close == '}' && level.state != State::value) return readKey(token);
    level.state = State::after;
    if (c == '[') return enter(token, TokenType::beginList, ']');
    if (c == '{') return enter(token, TokenType::beginDict, '}');
    if (c == '"') return readString(token) && decodeBinary(token);
    return readShortInteger(token) || readScalar(token);
  }

  bool skipValue(std::string_view& raw) override {
    if (const char c = settle(); c == '\0' || c == levels_.back().close) return fail("a value wanted");
    return skipByReading(raw);
  }

  bool atEnd() override {
    skipSpace();
    return Decoder::atEnd();
  }

 protected:
  void restart() override { levels_.assign(1, {State::first, '\0'}); }

 private:
  // Where one stands inside a list or dict, or (lowest level) around the one value.
  enum class State : std::uint8_t { first, value, after, afterComma };
  struct Level {
    State state;
    char close;
  };

  void skipSpace() {
    while (position_ < input_.size() && isSpace(input_[position_])) ++position_;
  }

  char here() const { return position_ < input_.size() ? input_[position_] : '\0'; }

  // Passes white space and comma. The byte where the next key or value begins, or the container's end, is the
  // result; NUL at the end of the input and after an error. A second call changes nothing.
  char settle() {
    if (failed()) return '\0';
    skipSpace();
    Level& level = levels_.back();
    const bool isRoot = level.close == '\0';
    if (level.state == State::after) {
      if (isRoot) return '\0';
      if (here() == level.close) return level.close;
      if (here() != ',') return failSeparator(level.close);
      ++position_;
      skipSpace();
      level.state = State::afterComma;
    }
    const char c = here();
    if (c == '\0') {
      // The end, or a NUL that belongs nowhere. Nothing at all is no error here: `next` just has no token.
      if (position_ < input_.size() || !isRoot) fail("a value wanted, the text ends or holds NUL");
      return '\0';
    }
    const bool isClose = c == ']' || c == '}';
    if (isClose && (c != level.close || level.state != State::first)) fail("a value wanted");
    return failed() ? '\0' : c;
  }

  char failSeparator(char close) {
    fail(position_ == input_.size() ? "the text ends within a list or dict"
                                    : std::string("',' or '") + close + "' wanted");
    return '\0';
  }

  bool enter(Token& token, TokenType type, char close) {
    if (levels_.size() > static_cast<std::size_t>(maxDepth_)) {
      return fail("nested deeper than " + std::to_string(maxDepth_));
    }
    ++position_;
    levels_.push_back({State::first, close});
    token.type = type;
    return true;
  }

  bool leave(Token& token) {
    token.type = levels_.back().close == ']' ? TokenType::endList : TokenType::endDict;
    levels_.pop_back();
    ++position_;
    return true;
  }

  bool readKey(Token& token) {
    if (here() != '"') return fail("a dict's key (a string) wanted");
    if (!readString(token)) return false;
    token.type = TokenType::key;
    skipSpace();
    if (here() != ':') return fail("':' wanted");
    ++position_;
    levels_.back().state = State::value;
    return true;
  }

  // Text without escapes lies in the input; other text goes through RapidJSON.
  bool readString(Token& token) {
    const std::size_t begin = position_ + 1;
    bool isAscii = true;
    for (std::size_t i = skipPlain(begin); i < input_.size(); i = skipPlain(i + 1)) {
      const auto byte = static_cast<unsigned char>(input_[i]);
      if (byte == '"') {
        token.type = TokenType::text;
        token.text = input_.substr(begin, i - begin);
        if (!isAscii && !util::isValidUtf8(token.text)) return fail("a string that is not UTF-8");
        position_ = i + 1;
        return true;
      }
      if (byte == '\\') return readScalar(token);
      if (byte < 0x20) return fail(i, "a control character in a string");
      isAscii = false;
    }
    return fail("a string without an end");
  }

  // The first byte from `i` on that is not ASCII, or is a control character, quote or backslash; of eight at
  // a time the first one that is marked is right (a subtraction may mark what stands behind it).
  std::size_t skipPlain(std::size_t i) const {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHigh = 0x80 * kOnes;
    const auto marksZero = [](std::uint64_t word) { return (word - kOnes) & ~word; };
    for (; i + 8 <= input_.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, input_.data() + i, sizeof word);
      if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
      const std::uint64_t controls = (word - 0x20 * kOnes) & ~word;
      const std::uint64_t marks =
          (marksZero(word ^ '"' * kOnes) | marksZero(word ^ '\\' * kOnes) | controls | word) & kHigh;
      if (marks != 0) return i + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
    }
    for (; i < input_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(input_[i]);
      if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
    return i;
  }

  // The binary convention is for values, not for keys.
  bool decodeBinary(Token& token) {
    if (!token.text.starts_with('\0')) return true;
    auto decoded = util::base64Decode(token.text.substr(1));
    if (!decoded) return fail("a string that begins with NUL and is not base64");
    scratch_ = std::move(*decoded);
    token.text = scratch_;
    token.type = TokenType::bytes;
    return true;
  }

  // IDs, codes, small numbers: up to 18 digits that nothing follows which would make it another kind of
  // number.
  bool readShortInteger(Token& token) {
    constexpr std::size_t kMaxDigits = 18;
    const bool isNegative = here() == '-';
    std::size_t i = position_ + (isNegative ? 1 : 0);
    const std::size_t begin = i;
    std::int64_t value = 0;
    for (; i < input_.size() && isDigit(input_[i]) && i - begin < kMaxDigits; ++i) {
      value = value * 10 + (input_[i] - '0');
    }
    const std::size_t digits = i - begin;
    if (digits == 0 || (input_[begin] == '0' && (digits > 1 || isNegative))) return false;
    if (i < input_.size() &&
        (isDigit(input_[i]) || input_[i] == '.' || input_[i] == 'e' || input_[i] == 'E')) {
      return false;
    }
    token.type = TokenType::integer;
    token.integer = isNegative ? -value : value;
    position_ = i;
    return true;
  }

  bool readScalar(Token& token) {
    const std::size_t begin = position_;
    rapidjson::MemoryStream stream(input_.data() + begin, input_.size() - begin);
    ScalarHandler handler(token, scratch_);
    const rapidjson::ParseResult result = reader_.Parse<rapidjson::kParseStopWhenDoneFlag>(stream, handler);
    if (result.IsError()) return fail(begin + result.Offset(), rapidjson::GetParseError_En(result.Code()));
    position_ = begin + stream.Tell();
    if (token.type == TokenType::real && !makeExact(input_.substr(begin, stream.Tell()), token.real)) {
      return fail(begin, rapidjson::GetParseError_En(rapidjson::kParseErrorNumberTooBig));
    }
    // RapidJSON lets a low surrogate pass alone, and does not look at the bytes.
    if (token.type == TokenType::text && !util::isValidUtf8(token.text)) {
      return fail(begin, "a string that is not UTF-8, or a lone surrogate");
    }
    return true;
  }

  std::vector<Level> levels_;
  std::string scratch_;
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, NewAllocator> reader_;
};

}  // namespace

std::unique_ptr<Decoder> makeJsonDecoder() { return std::make_unique<JsonDecoder>(); }

}  // namespace autobahn::inline v0::wamp
