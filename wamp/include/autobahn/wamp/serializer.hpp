// Messages to bytes and back. Users can supply serializers of their own: derive from Serializer.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/message.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// What went wrong with a message, in words for a log or an ABORT; nothing when all is well:
/// `if (Problem problem = serializer.serialize(…)) …`.
using Problem = std::optional<std::string>;

/// What a serializer accepts. The options of one session or transport.
struct SerializerOptions {
  /// Octets of one message received (of a batch: of each message), and of one sent; 0 = 4 GiB - 1, the most
  /// there is.
  std::size_t maxMessageSize = std::size_t{16} << 20;
  /// Messages in one batch received.
  std::size_t maxBatch = 10'000;
  /// Nesting of lists and dicts; the list that a message is counts as one. 5…512.
  int maxDepth = 64;
  /// Values of one message's arguments when they are read or carried over into another encoding: list
  /// elements and dict entries, nested ones included. A message with more is passed on between peers of the
  /// same encoding; others get `wamp.error.invalid_payload`. Values take `kOctetsPerValue` octets each at
  /// most, while on the wire one octet can be enough.
  std::uint32_t maxValues = kDefaultMaxValues;
  /// How received URIs are checked.
  UriRule uriRule = UriRule::loose;
  /// json.batched: separate with 0x18 as Autobahn|Python does, even before the peer has. Both are accepted.
  bool batchSeparatorOfAutobahn = false;
};

/// Counters of one serializer object.
struct SerializerStats {
  std::uint64_t octetsIn = 0;
  std::uint64_t octetsOut = 0;
  std::uint64_t messagesIn = 0;
  std::uint64_t messagesOut = 0;
};

/// One format of messages. An object serves one session: it counts, and keeps scratch memory. Not
/// thread-safe.
class Serializer {
 public:
  explicit Serializer(SerializerOptions options = {});
  Serializer(const Serializer&) = delete;
  Serializer& operator=(const Serializer&) = delete;
  virtual ~Serializer() = default;

  /// "json", "msgpack", "cbor.batched": what stands behind `wamp.2.`.
  virtual std::string_view id() const = 0;
  /// Its number in RawSocket's handshake, 1…15; 0 when it has none.
  virtual int rawSocketId() const = 0;
  /// True when its messages are binary WebSocket messages, false for text.
  virtual bool isBinary() const = 0;
  /// How it encodes payloads; payloads of this encoding are passed on unchanged.
  virtual Encoding encoding() const = 0;
  /// "wamp.2.json".
  std::string subprotocol() const { return "wamp.2." + std::string(id()); }

  /// Appends one message to `out`. A message that cannot be written (a payload that does not go into this
  /// encoding, text that is not UTF-8, too large) leaves `out` as it was, and says why.
  Problem serialize(const Message& message, util::ByteBuffer& out);
  /// Reads what came in one message of the transport (of batched serializers: any number of messages),
  /// appends to `out`. After a problem the peer is to be told (ABORT, `wamp.error.protocol_violation`): it
  /// names the message and the field, or the byte. Messages of a batch before the bad one are in `out`.
  Problem unserialize(std::string_view bytes, bool isBinary, std::vector<Message>& out);

  const SerializerStats& stats() const { return stats_; }
  void resetStats() { stats_ = {}; }
  const SerializerOptions& options() const { return options_; }

 protected:
  /// What `serialize` does; the size limit, undoing and counting are done around it.
  virtual Problem write(const Message& message, util::ByteBuffer& out) = 0;
  /// What `unserialize` does; whether text or binary fits has been checked, counting is done around it.
  virtual Problem read(std::string_view bytes, std::vector<Message>& out) = 0;

 private:
  SerializerOptions options_;
  SerializerStats stats_;
};

/// The serializers there are, by preference: those for which `makeSerializer` gives one, batched ones last.
std::span<const std::string_view> serializerIds();
/// What a client offers when it does not say: cbor, msgpack, ubjson, json (those there are).
std::span<const std::string_view> defaultSerializerIds();
/// A serializer by its id ("json", "cbor.batched"), or nullptr.
std::unique_ptr<Serializer> makeSerializer(std::string_view id, SerializerOptions options = {});
/// By the number in RawSocket's handshake, or nullptr.
std::unique_ptr<Serializer> makeSerializerByRawSocketId(int id, SerializerOptions options = {});

}  // namespace autobahn::inline v0::wamp
