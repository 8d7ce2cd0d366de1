// How one payload encoding (JSON, MessagePack, CBOR, UBJSON) is read and written, without building Values.
//
// A codec is an Encoder, a Decoder and a line in codecs.cpp. Everything above (messages, payloads, values) is
// written once against these two classes. They are virtual and not templates: a message costs some thirty
// calls (a dozen nanoseconds each way), since payloads are skipped and spliced in one call; in return the
// message coder is compiled once, reads like ordinary code, and users can be handed an encoder.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/value.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Deepest nesting of lists and dicts a decoder or encoder accepts unless told otherwise. The list that a
/// message is counts as one.
inline constexpr int kDefaultMaxDepth = 64;
/// No limit can be set above this: some decoders recurse.
inline constexpr int kHighestMaxDepth = 512;

/// What stands next in the input, as far as its first byte tells.
enum class Shape : std::uint8_t {
  scalar,  ///< anything but a list or dict; in a dict also a key
  list,
  dict,
  end,  ///< the end of the list or dict under way; outside of these, the end of the input
  bad,  ///< the decoder has failed
};

/// What `Decoder::next` has read.
enum class TokenType : std::uint8_t {
  null,
  boolean,
  integer,          ///< any integer that int64 holds, whatever form it had
  unsignedInteger,  ///< above that
  real,
  text,  ///< valid UTF-8
  bytes,
  key,  ///< of a dict: valid UTF-8; its value follows
  beginList,
  endList,
  beginDict,
  endDict,
};

/// One token. Only the member that belongs to the type has a meaning.
struct Token {
  TokenType type = TokenType::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::uint64_t unsignedInteger = 0;
  double real = 0;
  /// Of beginList: how many values are announced; 0 when the format does not say.
  std::size_t count = 0;
  /// Of text, bytes and key. Valid until the following call of the decoder. Lies in the input where the
  /// format allows (`Decoder::isInInput`), and else in the decoder's scratch memory.
  std::string_view text{};
};

/// A cursor over one encoded value (a message is a list), for hostile input: whatever the bytes are, the
/// result is tokens or an error. Nothing is allocated from declared sizes, and nesting is limited.
///
/// Once `next` or `skipValue` has failed, all further calls fail and `error` says why. Reuse one decoder: its
/// scratch memory stays.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Begins with `input`, which must outlive the tokens. `maxDepth` is 1…kHighestMaxDepth.
  void start(std::string_view input, int maxDepth = kDefaultMaxDepth);

  /// What stands next; consumes nothing (but separators).
  virtual Shape peek() = 0;
  /// Reads the next token; false at the end of the input and after an error (`failed` tells which).
  virtual bool next(Token& token) = 0;
  /// Passes over the next value (not a key, not an end) and validates it as if it were read: syntax, UTF-8,
  /// nesting, ranges. `raw` becomes its bytes in the input, fit for `Encoder::raw` of the same encoding. What
  /// is well-formed and fits no Value (a CBOR tag, a key that is no string) may pass here and fail in `next`:
  /// such values reach receivers with the same encoding.
  virtual bool skipValue(std::string_view& raw) = 0;

  bool failed() const { return !error_.empty(); }
  /// Where and why it failed: `byte 17: a dict's key is not a string`. Empty while all is well.
  const std::string& error() const { return error_; }
  /// Bytes consumed so far.
  std::size_t position() const { return position_; }
  /// True when all bytes are consumed (but for white space, where the format has that).
  virtual bool atEnd() { return position_ == input_.size(); }
  /// Records an error at the byte `offset` (only the first one is kept); always false, for `return fail(…)`.
  bool fail(std::size_t offset, std::string_view what);
  bool fail(std::string_view what) { return fail(position_, what); }
  /// True when a token's text lies in the input itself.
  bool isInInput(std::string_view text) const {
    constexpr std::less_equal<> isBefore;  // of any two pointers, which `<=` is not
    return isBefore(input_.data(), text.data()) &&
           isBefore(text.data() + text.size(), input_.data() + input_.size());
  }
  std::string_view input() const { return input_; }

 protected:
  /// Called by `start` after the members below are set: forget the nesting of the input before.
  virtual void restart() = 0;
  /// A `skipValue` for formats in which passing over costs as much as reading. Right before the value only
  /// (separators passed).
  bool skipByReading(std::string_view& raw);

  std::string_view input_;
  std::size_t position_ = 0;
  int maxDepth_ = kDefaultMaxDepth;

 private:
  std::string error_;
};

/// Appends one encoded value (a message is a list) to a buffer. Calls must nest properly and counts must be
/// true; that is the caller's duty and asserted in debug builds where it is cheap.
///
/// An error (text that is not UTF-8, NaN in JSON, too deep) is kept, and what is written afterwards does not
/// matter: ask `failed` at the end. `start` and `output` are the same buffer's; roll back with `truncate`.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// Begins to append to `output`, which must live until the last call. Clears the error and the nesting.
  void start(util::ByteBuffer& output, int maxDepth = kDefaultMaxDepth);

  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void unsignedInteger(std::uint64_t value) = 0;
  virtual void real(double value) = 0;
  /// Refuses what is not UTF-8.
  void text(std::string_view value);
  virtual void bytes(std::string_view value) = 0;
  /// A list of `count` values, to be followed by them and `endList`. Refuses nesting past the limit.
  void beginList(std::size_t count);
  void endList();
  /// A dict of `count` entries, each a `key` and a value, to be followed by them and `endDict`.
  void beginDict(std::size_t count);
  void key(std::string_view value);
  void endDict();
  /// One value that is encoded already, as `Decoder::skipValue` gave it.
  virtual void raw(std::string_view encoded) = 0;

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  /// Records an error; only the first one is kept.
  void fail(std::string_view what);

 protected:
  // What the format does; the checks are done.
  virtual void writeText(std::string_view value) = 0;
  virtual void writeBeginList(std::size_t count) = 0;
  virtual void writeEndList() = 0;
  virtual void writeBeginDict(std::size_t count) = 0;
  virtual void writeKey(std::string_view value) = 0;
  virtual void writeEndDict() = 0;
  /// Called by `start`.
  virtual void restart() = 0;

  util::ByteBuffer* output_ = nullptr;

 private:
  void enter();

  std::string error_;
  int depth_ = 0;
  int maxDepth_ = kDefaultMaxDepth;
};

/// Reads one whole value. Nothing when the decoder failed or no value stands next. Of a dict's equal keys the
/// last one counts. A value is larger in memory than on the wire (`[[],[],…`: some 20 times), so where the
/// peer is not to be trusted with the size of its messages times that, `maxValues` bounds how many there are,
/// nested ones included.
std::optional<Value> decodeValue(Decoder& decoder,
                                 std::size_t maxValues = std::numeric_limits<std::size_t>::max());
/// The same, with the value's first token read already.
std::optional<Value> decodeValue(Decoder& decoder, const Token& first,
                                 std::size_t maxValues = std::numeric_limits<std::size_t>::max());
/// The same for one of several values that have a limit in common: `left` becomes what is left of it.
std::optional<Value> decodeCounted(Decoder& decoder, std::size_t& left);

/// Writes one value. Whether that went well says the encoder.
void encodeValue(Encoder& encoder, const Value& value);
void encodeList(Encoder& encoder, const List& list);
void encodeDict(Encoder& encoder, const Dict& dict);

}  // namespace autobahn::inline v0::wamp
