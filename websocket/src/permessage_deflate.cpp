#include "permessage_deflate.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "permessage_deflate_stream.hpp"

namespace autobahn::inline v0::websocket {

namespace {

/// What ends every flush and is left out on the wire (RFC 7692 section 7.2.1).
constexpr std::string_view kTrailer("\x00\x00\xff\xff", 4);
/// An empty block without its trailer: a message without content (RFC 7692 section 7.2.3.6).
constexpr std::string_view kEmptyMessage("\x00", 1);
/// Output is asked for in steps of this size.
constexpr std::size_t kMinChunk = 1024;
constexpr std::size_t kMaxChunk = std::size_t{64} * 1024;
/// Streams that end without having brought a byte cost work and bring nothing; nobody needs many of them.
constexpr std::uint32_t kMaxEmptyStreams = 64;

/// Settings that serve a message of so many bytes, all there is to compress, as well as `most`: most of what
/// a large context costs is clearing its hash table for the next message. A window that holds the message and
/// zlib's look-ahead misses no match; as many symbols as bytes keep it in one block.
deflate::CompressorSettings fitting(const deflate::CompressorSettings& most, std::size_t size) {
  struct Class {
    std::size_t upTo;
    int windowBits;
    int memLevel;
  };
  for (const Class& each : {Class{1024, 11, 4}, Class{4096, 13, 6}}) {
    if (size <= each.upTo) {
      return {std::min(most.windowBits, each.windowBits), std::min(most.memLevel, each.memLevel), most.level};
    }
  }
  return most;
}

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

}  // namespace

PerMessageDeflate::PerMessageDeflate(Role role, const PerMessageDeflateParameters& parameters)
    : parameters_(parameters), role_(role) {
  for (const int bits : {parameters.serverMaxWindowBits, parameters.clientMaxWindowBits}) {
    require(bits >= 8 && bits <= 15, "PerMessageDeflate: window bits must be 8 to 15");
  }
  require(parameters.memLevel >= 1 && parameters.memLevel <= 9, "PerMessageDeflate: memLevel must be 1 to 9");
  require(parameters.compressionLevel >= -1 && parameters.compressionLevel <= 9,
          "PerMessageDeflate: compressionLevel must be -1 to 9");
}

PerMessageDeflate::~PerMessageDeflate() {
  // With context takeover too: what one connection leaves, the next one can use.
  releaseCompressor();
  releaseInflater();
}

void PerMessageDeflate::compress(std::string_view piece, bool last, util::ByteBuffer& out) {
  compressing_ = compressing_ || !piece.empty();
  if (!compressing_) {
    if (last) out.append(kEmptyMessage);
    return;
  }
  const bool takeover =
      role_ == Role::server ? !parameters_.serverNoContextTakeover : !parameters_.clientNoContextTakeover;
  const bool isAll = last && !takeover && compressor_ == nullptr;
  compressor(isAll ? piece.size() : std::numeric_limits<std::size_t>::max()).write(piece, last, out);
  if (!last) return;
  out.truncate(out.size() - kTrailer.size());
  compressing_ = false;
  if (!takeover) releaseCompressor();
}

void PerMessageDeflate::resetCompressor() {
  if (compressor_ != nullptr) compressor_->reset();
}

PerMessageDeflate::Result PerMessageDeflate::decompress(std::string_view piece, bool last, std::size_t limit,
                                                        util::ByteBuffer& out) {
  if (inflateState_ != Result::ok) return inflateState_;
  const std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  limit = std::min(limit != 0 ? limit : unlimited,
                   parameters_.maxMessageSize != 0 ? parameters_.maxMessageSize : unlimited);
  Result result = inflatePiece(piece, limit, out);
  if (result == Result::ok && last) result = finishInflating(limit, out);
  if (result != Result::ok) {
    inflateState_ = result;
    releaseInflater();
  }
  return result;
}

PerMessageDeflate::Result PerMessageDeflate::inflatePiece(std::string_view piece, std::size_t limit,
                                                          util::ByteBuffer& out) {
  bool more = !piece.empty();
  while (more) {
    const std::size_t wanted =
        std::clamp(piece.size() > kMaxChunk ? kMaxChunk : piece.size() * 4, kMinChunk, kMaxChunk);
    // One byte past the limit is enough to see that there is more.
    const std::size_t allowed = limit - inflated_;
    std::span<char> space = out.space(allowed < wanted ? allowed + 1 : wanted);
    if (allowed < space.size()) space = space.first(allowed + 1);
    const deflate::Inflater::Step step = inflater().step(piece, space);
    if (step.consumed != 0) streamEnded_ = false;
    piece.remove_prefix(step.consumed);
    out.commit(std::min(step.written, allowed));
    if (step.written > allowed) return Result::tooBig;
    inflated_ += step.written;
    switch (step.status) {
      case deflate::Inflater::Status::corrupt:
        return Result::corrupt;
      case deflate::Inflater::Status::drained:
        return Result::ok;
      case deflate::Inflater::Status::full:
        break;
      case deflate::Inflater::Status::streamEnd:
        if (!endStream()) return Result::corrupt;
        more = !piece.empty();
        break;
    }
  }
  return Result::ok;
}

/// A block with BFINAL set ends a stream, not a message (RFC 7692 section 7.2.3.4). False when it is one too
/// many.
bool PerMessageDeflate::endStream() {
  if (inflated_ == streamStart_ && ++emptyStreams_ > kMaxEmptyStreams) return false;
  streamStart_ = inflated_;
  streamEnded_ = true;
  inflater().nextStream();
  return true;
}

/// Supplies the trailer and checks that it was due: it has to complete an empty block, which gives nothing.
PerMessageDeflate::Result PerMessageDeflate::finishInflating(std::size_t limit, util::ByteBuffer& out) {
  // Senders that end with a final block ought to add an empty one (section 7.2.3.4); some do not.
  if (!streamEnded_) {
    const std::size_t before = inflated_;
    const Result result = inflatePiece(kTrailer, limit, out);
    // More than nothing is corrupt, even where it is over the limit.
    if (result == Result::tooBig || inflated_ != before) return Result::corrupt;
    if (result != Result::ok) return result;
    if (!streamEnded_ && !inflater().atBlockEnd()) return Result::corrupt;
  }
  streamEnded_ = false;
  emptyStreams_ = 0;
  inflated_ = 0;
  streamStart_ = 0;
  const bool takeover =
      role_ == Role::server ? !parameters_.clientNoContextTakeover : !parameters_.serverNoContextTakeover;
  if (!takeover) releaseInflater();
  return Result::ok;
}

std::size_t PerMessageDeflate::memoryUsage() const {
  return (compressor_ != nullptr ? compressor_->memoryUsage() : 0) +
         (inflater_ != nullptr ? inflater_->memoryUsage() : 0);
}

/// For at most so many bytes, where there is none yet.
deflate::Compressor& PerMessageDeflate::compressor(std::size_t most) {
  if (compressor_ == nullptr) {
    const int bits =
        role_ == Role::server ? parameters_.serverMaxWindowBits : parameters_.clientMaxWindowBits;
    compressor_ =
        deflate::borrowCompressor(fitting({bits, parameters_.memLevel, parameters_.compressionLevel}, most));
  }
  return *compressor_;
}

deflate::Inflater& PerMessageDeflate::inflater() {
  if (inflater_ == nullptr) {
    const int bits =
        role_ == Role::server ? parameters_.clientMaxWindowBits : parameters_.serverMaxWindowBits;
    inflater_ = deflate::borrowInflater(bits);
  }
  return *inflater_;
}

void PerMessageDeflate::releaseCompressor() { deflate::giveBack(std::move(compressor_)); }

void PerMessageDeflate::releaseInflater() { deflate::giveBack(std::move(inflater_)); }

}  // namespace autobahn::inline v0::websocket
