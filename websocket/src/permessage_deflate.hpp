// Compression and decompression of messages (RFC 7692 section 6 and 7.2).
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/websocket/compression.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// Compresses and decompresses the messages of one connection. zlib contexts are created when first needed
/// and, without context takeover, are borrowed from a per-thread pool for the duration of a message.
class PerMessageDeflate {
 public:
  PerMessageDeflate(Role role, const PerMessageDeflateParameters& parameters);
  ~PerMessageDeflate();
  PerMessageDeflate(const PerMessageDeflate&) = delete;
  PerMessageDeflate& operator=(const PerMessageDeflate&) = delete;

  /// Appends the compressed form of a piece of a message to `out`. With `last`, ends the message: flushed,
  /// the trailing 00 00 FF FF removed. A message is one or more calls; pieces may be empty.
  void compress(std::string_view piece, bool last, util::ByteBuffer& out);

  enum class Result : std::uint8_t { ok, tooBig, corrupt };
  /// Appends the inflated form of a piece of a message's compressed payload to `out`. With `last`, the
  /// trailing 00 00 FF FF is supplied and the message must end. Stops with `tooBig` as soon as the message
  /// (counting all its pieces) inflates past `limit` bytes (0 = unlimited) or the negotiated maxMessageSize;
  /// never holds more than that limit plus one block in memory.
  Result decompress(std::string_view piece, bool last, std::size_t limit, util::ByteBuffer& out);

  const PerMessageDeflateParameters& parameters() const { return parameters_; }
  /// Bytes of zlib state held right now, for accounting.
  std::size_t memoryUsage() const;

 private:
  PerMessageDeflateParameters parameters_;
  Role role_;
  // The author of permessage_deflate.cpp completes the private part.
};

}  // namespace autobahn::inline v0::websocket
