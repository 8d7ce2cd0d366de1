// Compression and decompression of messages (RFC 7692 section 6 and 7.2).
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/websocket/compression.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace autobahn::inline v0::websocket {

namespace deflate {
class Compressor;
class Inflater;
}  // namespace deflate

/// Compresses and decompresses the messages of one connection. zlib contexts are created when first needed
/// and, without context takeover, are borrowed from a per-thread pool for the duration of a message. Throws
/// std::bad_alloc when memory runs out. Used by one thread at a time, which may change.
class PerMessageDeflate {
 public:
  /// Throws std::invalid_argument when window bits, memory level or compression level are out of range.
  PerMessageDeflate(Role role, const PerMessageDeflateParameters& parameters);
  ~PerMessageDeflate();
  PerMessageDeflate(const PerMessageDeflate&) = delete;
  PerMessageDeflate& operator=(const PerMessageDeflate&) = delete;

  /// Appends the compressed form of a piece of a message to `out`. With `last`, ends the message: flushed,
  /// the trailing 00 00 FF FF removed. A message is one or more calls; pieces may be empty.
  void compress(std::string_view piece, bool last, util::ByteBuffer& out);

  /// Between messages only: forgets the compressor's window, so that the next message refers to nothing
  /// before it. For messages that were compressed elsewhere and sent in between.
  void resetCompressor();

  enum class Result : std::uint8_t { ok, tooBig, corrupt };
  /// Appends the inflated form of a piece of a message's compressed payload to `out`. With `last`, the
  /// trailing 00 00 FF FF is supplied and the message must end. Stops with `tooBig` as soon as the message
  /// (counting all its pieces) inflates past `limit` bytes (0 = unlimited) or the negotiated maxMessageSize;
  /// what was appended then ends at that limit. After anything but `ok` every further call answers the same.
  Result decompress(std::string_view piece, bool last, std::size_t limit, util::ByteBuffer& out);

  const PerMessageDeflateParameters& parameters() const { return parameters_; }
  /// Bytes of zlib state held right now, for accounting.
  std::size_t memoryUsage() const;

 private:
  deflate::Compressor& compressor(std::size_t most);
  deflate::Inflater& inflater();
  Result inflatePiece(std::string_view piece, std::size_t limit, util::ByteBuffer& out);
  Result finishInflating(std::size_t limit, util::ByteBuffer& out);
  bool endStream();
  void releaseCompressor();
  void releaseInflater();

  PerMessageDeflateParameters parameters_;
  Role role_;
  Result inflateState_ = Result::ok;  ///< what stopped the inflating for good, if anything
  bool compressing_ = false;          ///< the message being compressed has had content
  bool streamEnded_ = false;          ///< a final block was the last thing inflated
  std::uint32_t emptyStreams_ = 0;    ///< final blocks of this message that brought nothing
  std::size_t inflated_ = 0;          ///< bytes that came out of this message so far
  std::size_t streamStart_ = 0;       ///< of those, the ones before the last final block
  std::unique_ptr<deflate::Compressor> compressor_;
  std::unique_ptr<deflate::Inflater> inflater_;
};

}  // namespace autobahn::inline v0::websocket
