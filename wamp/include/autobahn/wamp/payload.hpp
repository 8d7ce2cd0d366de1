// What a message carries for the application: positional and keyword arguments, or one opaque piece of bytes.
#pragma once

#include <autobahn/wamp/shared_buffer.hpp>
#include <autobahn/wamp/value.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::wamp {

/// How args and kwargs are encoded. Serializers with the same encoding (json and json.batched) pass payloads
/// to each other unchanged. `none` is a serializer that knows Values only.
enum class Encoding : std::uint8_t { none, json, msgpack, cbor, ubjson };
inline constexpr std::size_t kEncodingCount = 5;

/// Values of one payload that are read from its bytes unless told otherwise: list elements and dict entries,
/// nested ones included. Read, each takes `kOctetsPerValue` octets at most, besides the text or bytes in it.
inline constexpr std::uint32_t kDefaultMaxValues = 1'000'000;
inline constexpr std::size_t kOctetsPerValue = 160;

/// "json", "msgpack", …
std::string_view encodingName(Encoding encoding);

/// Arguments of a call, an event, a result or an error. They are held as values, or as the bytes in which
/// they were received; each form is made from the other when it is asked for, once, and kept.
///
/// Immutable; copying counts a reference. Copies may be used in different threads. What was received has been
/// validated; still, not everything can be carried over into another encoding or into values (a CBOR tag, a
/// dict's key that is no string, NaN to JSON, a text that begins with NUL to JSON, more values than the
/// limit): then `args` and `kwargs` throw SerializationError, and `rawFor` returns the error, and only the
/// receiver that needed it is concerned.
class Payload {
 public:
  /// Nothing: neither args nor kwargs.
  Payload() noexcept = default;
  /// Values. Empty ones are left away on the wire.
  explicit Payload(List args, Dict kwargs = {});
  /// One piece of bytes in the place of args (`enc_algo`: the application's encryption, MQTT).
  static Payload opaque(std::string_view bytes);
  /// Encoded args and kwargs (either may be empty: not there), copied and validated. For serializers,
  /// gateways and tests. Throws SerializationError saying where they are wrong, or that the encoding is not
  /// known here.
  static Payload encoded(Encoding encoding, std::string_view args, std::string_view kwargs = {});
  /// Parts of `buffer` that a decoder has validated (`kwargs` and `args` may be empty: not there). A buffer
  /// carries one payload. `maxValues`: when there are more, it can be passed on as it is, but neither read
  /// nor carried over into another encoding. For serializers.
  static Payload received(SharedBuffer buffer, Encoding encoding, std::string_view args,
                          std::string_view kwargs, std::uint32_t maxValues = kDefaultMaxValues);
  /// A part of `buffer`, opaque. For serializers.
  static Payload receivedOpaque(SharedBuffer buffer, std::string_view bytes);

  /// True when there is nothing at all (empty args received as such are something).
  bool empty() const noexcept { return form_ == Form::nothing; }
  bool isOpaque() const noexcept { return form_ == Form::opaque; }
  /// The opaque bytes; empty when this is not opaque.
  std::string_view opaqueBytes() const noexcept;
  /// What it keeps alive: the message it came in.
  const SharedBuffer& buffer() const noexcept { return buffer_; }
  /// The same with a buffer of its own, in which there is nothing but the payload in one encoding (as
  /// received; values become CBOR): for what is kept for long. Throws SerializationError.
  Payload detached() const;
  /// The encoding in which this was received; `none` for values and opaque payloads.
  Encoding encoding() const noexcept { return encoding_; }

  /// Octets of args and kwargs as received, or of the opaque bytes; 0 for values, which have no size yet.
  std::size_t octets() const noexcept { return std::size_t{argsSize_} + kwargsSize_; }

  /// The values, decoded on first use. An opaque payload has none. Throws SerializationError. The references
  /// live as long as any copy of this payload.
  const List& args() const;
  const Dict& kwargs() const;
  /// Args and kwargs to be moved from; copied only when other copies of this payload exist.
  std::pair<List, Dict> take() &&;

  /// Encoded args and kwargs, as they stand in a message.
  struct Raw {
    std::string_view args;    ///< empty: not there
    std::string_view kwargs;  ///< empty: not there. When it is there, so is args
    std::string_view error;   ///< not empty: this payload cannot be expressed in this encoding, and why
  };
  /// In the encoding asked for: as received, or transcoded once and kept. The views live as long as any copy
  /// of this payload. Nothing of an opaque payload.
  Raw rawFor(Encoding encoding) const;

  /// Same values or same opaque bytes. Throws SerializationError when values cannot be decoded.
  friend bool operator==(const Payload& a, const Payload& b);

 private:
  friend struct SharedBuffer::Derived;
  enum class Form : std::uint8_t { nothing, values, encoded, opaque };
  struct Values;
  struct Transcoded;

  bool hasValues() const noexcept { return form_ == Form::values || form_ == Form::encoded; }
  SharedBuffer::Derived& derived() const;
  Values decode() const;
  const Values& tryValues() const;
  const Values& values() const;
  std::unique_ptr<Transcoded> transcode(Encoding encoding) const;
  std::string_view part(std::uint32_t offset, std::uint32_t size) const noexcept;

  SharedBuffer buffer_;
  std::uint32_t argsOffset_ = 0;  // of opaque bytes too
  std::uint32_t argsSize_ = 0;
  std::uint32_t kwargsOffset_ = 0;
  std::uint32_t kwargsSize_ = 0;
  std::uint32_t maxValues_ = kDefaultMaxValues;
  Form form_ = Form::nothing;
  Encoding encoding_ = Encoding::none;
};

}  // namespace autobahn::inline v0::wamp
