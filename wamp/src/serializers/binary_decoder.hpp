// What the decoders of MessagePack, CBOR and UBJSON have in common: where one stands in which list or dict.
#pragma once

#include <autobahn/util/utf8.hpp>
#include <utility>
#include <vector>

#include "big_endian.hpp"
#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Walks containers whose number of items is declared ahead, or that a byte ends ("open" ones).
///
/// `Format` derives from this and reads items. It is a template because a payload is passed over item by
/// item, which costs a few nanoseconds each when the format's reader is inlined. Nothing is allocated from
/// declared sizes: what is declared beyond the bytes that are there is refused at once, and the rest are
/// counters. What grows are the levels, up to the depth limit.
///
/// `Format` has:
/// - `Shape shapeHere()`: what the next item is; it may look at bytes that are not there, and fail.
/// - `bool readItem(Token&, Leniency)`: reads one scalar, or calls `enter`. Lenient: what is well-formed and
///   fits no Value passes.
/// - `bool readKey(Token&)` and `bool skipKey()`, where a dict's key is not an item like others.
/// - `bool isEndHere()`: an open container ends here, with one byte.
/// - `void skipFill()`: passes over what means nothing.
template <class Format>
class BinaryDecoder : public Decoder {
 public:
  Shape peek() final {
    if (failed()) return Shape::bad;
    format().skipFill();
    const Level& level = levels_.back();
    if (isOver(level)) return Shape::end;
    return level.isDict && level.wantsKey ? Shape::scalar : format().shapeHere();
  }

  bool next(Token& token) final {
    if (failed()) return false;
    format().skipFill();
    Level& level = levels_.back();
    if (isOver(level)) return leave(token);
    return advance(level) ? format().readKey(token) : format().readItem(token, Leniency::strict);
  }

  bool skipValue(std::string_view& raw) final {
    if (const Shape shape = peek(); shape == Shape::end || shape == Shape::bad) return fail("a value wanted");
    const std::size_t begin = position_;
    const std::size_t outside = levels_.size();
    Token token;
    advance(levels_.back());
    if (!format().readItem(token, Leniency::lenient)) return false;
    while (levels_.size() > outside) {
      format().skipFill();
      Level& level = levels_.back();
      if (isOver(level)) {
        close(level);
      } else if (!(advance(level) ? format().skipKey() : format().readItem(token, Leniency::lenient))) {
        return false;
      }
    }
    raw = input_.substr(begin, position_ - begin);
    return true;
  }

 protected:
  enum class Leniency : std::uint8_t { strict, lenient };

  /// One list or dict under way; the lowest is around the one value.
  struct Level {
    std::uint64_t left;       ///< items to come, a dict's keys counted
    bool isDict = false;      ///< items are keys and values by turns
    bool wantsKey = false;    ///< of a dict: a key is next
    bool isOpen = false;      ///< a byte ends it, and `left` means nothing
    char elementType = '\0';  ///< UBJSON: the type of all its values, which they do not repeat
  };

  void restart() override { levels_.assign(1, {.left = 1}); }
  const Level& level() const { return levels_.back(); }
  std::size_t bytesLeft() const { return input_.size() - position_; }

  /// A container begins: `count` values or entries.
  bool enter(Token& token, bool isDict, std::uint64_t count, char elementType = '\0') {
    const std::uint64_t items = isDict ? count * 2 : count;
    token.count = static_cast<std::size_t>(count);
    return push(token, {.left = items, .isDict = isDict, .wantsKey = isDict, .elementType = elementType});
  }
  /// A container begins whose end is marked.
  bool enterOpen(Token& token, bool isDict) {
    token.count = 0;
    return push(token, {.left = 0, .isDict = isDict, .wantsKey = isDict, .isOpen = true});
  }
  /// Whether `count` values or entries can be there; each costs at least a byte, an entry two.
  bool canHold(bool isDict, std::uint64_t count) {
    if (count <= (isDict ? bytesLeft() / 2 : bytesLeft())) return true;
    return fail((isDict ? "a dict of " : "a list of ") + std::to_string(count) + ", and only " +
                std::to_string(bytesLeft()) + " bytes follow");
  }

  bool readKey(Token& token) {
    const std::size_t begin = position_;
    if (!format().readItem(token, Leniency::strict)) return false;
    if (token.type != TokenType::text) return fail(begin, "a dict's key is not a string");
    return set(token, TokenType::key);
  }
  bool skipKey() {
    Token ignored;
    return format().readItem(ignored, Leniency::lenient);
  }

  bool failEnd() { return fail(input_.size(), "the data end within a value"); }

  bool readByte(unsigned char& byte) {
    if (bytesLeft() == 0) return failEnd();
    byte = static_cast<unsigned char>(input_[position_++]);
    return true;
  }
  template <class T>
  bool readNumber(T& value) {
    if (bytesLeft() < sizeof(T)) return failEnd();
    value = loadBigEndian<T>(input_.data() + position_);
    position_ += sizeof(T);
    return true;
  }
  /// A size or another number of the width given.
  template <class Width>
  bool readSize(std::uint64_t& size) {
    Width value = 0;
    if (!readNumber(value)) return false;
    size = value;
    return true;
  }
  bool readBytes(std::uint64_t size, std::string_view& bytes) {
    if (size > bytesLeft()) {
      return fail("a string of " + std::to_string(size) + ", and only " + std::to_string(bytesLeft()) +
                  " bytes follow");
    }
    bytes = input_.substr(position_, static_cast<std::size_t>(size));
    position_ += bytes.size();
    return true;
  }
  bool readUtf8(std::uint64_t size, std::string_view& text) {
    const std::size_t begin = position_;
    if (!readBytes(size, text)) return false;
    return util::isValidUtf8(text) || fail(begin, "a string that is not UTF-8");
  }

  static bool set(Token& token, TokenType type) {
    token.type = type;
    return true;
  }
  static bool setBool(Token& token, bool value) {
    token.boolean = value;
    return set(token, TokenType::boolean);
  }
  static bool setInteger(Token& token, std::int64_t value) {
    token.integer = value;
    return set(token, TokenType::integer);
  }
  static bool setUnsigned(Token& token, std::uint64_t value) {
    if (std::in_range<std::int64_t>(value)) return setInteger(token, static_cast<std::int64_t>(value));
    token.unsignedInteger = value;
    return set(token, TokenType::unsignedInteger);
  }
  static bool setReal(Token& token, double value) {
    token.real = value;
    return set(token, TokenType::real);
  }
  /// The next sizeof(T) bytes as a token.
  template <class T>
  bool readNumberToken(Token& token) {
    T value{};
    if (!readNumber(value)) return false;
    if constexpr (std::floating_point<T>) return setReal(token, static_cast<double>(value));
    if constexpr (std::unsigned_integral<T>) return setUnsigned(token, value);
    return setInteger(token, static_cast<std::int64_t>(value));
  }

 private:
  Format& format() { return static_cast<Format&>(*this); }

  // Around the one value: nothing at all is no error, `next` just has no token.
  bool isOver(const Level& level) {
    if (level.isOpen) return (!level.isDict || level.wantsKey) && format().isEndHere();
    return level.left == 0 || (levels_.size() == 1 && bytesLeft() == 0);
  }

  /// Counts one item; true when it is a key.
  static bool advance(Level& level) {
    if (!level.isOpen) --level.left;
    if (!level.isDict) return false;
    level.wantsKey = !level.wantsKey;
    return !level.wantsKey;
  }

  bool push(Token& token, Level level) {
    if (levels_.size() > static_cast<std::size_t>(maxDepth_)) {
      return fail("nested deeper than " + std::to_string(maxDepth_));
    }
    levels_.push_back(level);
    return set(token, level.isDict ? TokenType::beginDict : TokenType::beginList);
  }

  void close(const Level& level) {
    if (level.isOpen) ++position_;
    levels_.pop_back();
  }

  bool leave(Token& token) {
    if (levels_.size() == 1) return false;
    const bool isDict = levels_.back().isDict;
    close(levels_.back());
    return set(token, isDict ? TokenType::endDict : TokenType::endList);
  }

  std::vector<Level> levels_;
};

}  // namespace autobahn::inline v0::wamp
