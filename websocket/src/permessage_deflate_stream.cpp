#include "permessage_deflate_stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace autobahn::inline v0::websocket::deflate {

namespace {

/// zlib counts in unsigned int.
constexpr std::size_t kMaxStep = std::numeric_limits<uInt>::max() / 2;

// zlib's memory, from where all memory comes, with its size in front so that what a context holds can be told
// exactly.
constexpr std::size_t kSizePrefix = alignof(std::max_align_t);

voidpf allocate(voidpf counter, uInt items, uInt size) {
  const std::size_t bytes = std::size_t{items} * size + kSizePrefix;
  char* const memory = static_cast<char*>(::operator new(bytes, std::nothrow));
  if (memory == nullptr) return nullptr;
  std::memcpy(memory, &bytes, sizeof bytes);
  *static_cast<std::size_t*>(counter) += bytes;
  return memory + kSizePrefix;
}

void release(voidpf counter, voidpf address) {
  char* const memory = static_cast<char*>(address) - kSizePrefix;
  std::size_t bytes;
  std::memcpy(&bytes, memory, sizeof bytes);
  *static_cast<std::size_t*>(counter) -= bytes;
  ::operator delete(memory);
}

void useOwnMemory(z_stream& stream, std::size_t& counter) {
  stream.zalloc = allocate;
  stream.zfree = release;
  stream.opaque = &counter;
}

void setInput(z_stream& stream, std::string_view input) {
  // zlib does not write through it; its declaration is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
}

void setOutput(z_stream& stream, std::span<char> output) {
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
}

std::span<char> atMostOneStep(std::span<char> space) { return space.first(std::min(space.size(), kMaxStep)); }

/// zlib has no raw deflate with 8 window bits. With 9 no distance is above 250, the window less the 262
/// bytes of look-ahead that it keeps (512 − 262), which is within the 256 that 8 bits allow; there is a test.
int deflateWindowBits(int windowBits) { return std::max(windowBits, 9); }

}  // namespace

Compressor::Compressor(const Settings& settings) : settings_(settings) {
  useOwnMemory(stream_, allocated_);
  // A negative number of bits: raw, without zlib's own header and checksum.
  if (deflateInit2(&stream_, settings.level, Z_DEFLATED, -deflateWindowBits(settings.windowBits),
                   settings.memLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Compressor::~Compressor() { deflateEnd(&stream_); }

void Compressor::write(std::string_view piece, bool flush, util::ByteBuffer& out) {
  do {
    const std::string_view part = piece.substr(0, kMaxStep);
    piece.remove_prefix(part.size());
    setInput(stream_, part);
    const bool flushNow = flush && piece.empty();
    do {
      // More than six bytes, or zlib would repeat the flush's marker.
      const std::size_t wanted = std::clamp<std::size_t>(stream_.avail_in / 4, 128, 64 * 1024);
      const std::span<char> space = atMostOneStep(out.space(wanted));
      setOutput(stream_, space);
      ::deflate(&stream_, flushNow ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      out.commit(space.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  } while (!piece.empty());
}

void Compressor::reset() { deflateReset(&stream_); }

Inflater::Inflater(Settings windowBits) : windowBits_(windowBits) {
  useOwnMemory(stream_, allocated_);
  if (inflateInit2(&stream_, -windowBits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(&stream_); }

Inflater::Step Inflater::step(std::string_view input, std::span<char> target) {
  const std::string_view part = input.substr(0, kMaxStep);
  const std::span<char> space = atMostOneStep(target);
  setInput(stream_, part);
  setOutput(stream_, space);
  const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  Step step{Status::drained, part.size() - stream_.avail_in, space.size() - stream_.avail_out};
  if (result == Z_STREAM_END) {
    step.status = Status::streamEnd;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    step.status = Status::corrupt;
  } else if (step.consumed == 0 && step.written == 0 && !input.empty()) {
    step.status = Status::corrupt;  // cannot happen; never spin
  } else if (stream_.avail_out == 0 || step.consumed < input.size()) {
    step.status = Status::full;
  }
  return step;
}

bool Inflater::atBlockEnd() const {
  // See inflate() in zlib.h: bit 7 tells that a block has just ended, the low bits how many bits are unused.
  return (stream_.data_type & 128) != 0 && (stream_.data_type & 63) == 0;
}

void Inflater::nextStream() { inflateResetKeep(&stream_); }

void Inflater::reset() { inflateReset(&stream_); }

namespace {

/// A few contexts, the least recently used first.
template <class Stream, std::size_t kMaxKept>
class Pool {
 public:
  std::unique_ptr<Stream> take(const typename Stream::Settings& settings) {
    for (std::size_t i = count_; i-- > 0;) {
      if (kept_[i]->settings() == settings) return remove(i);
    }
    return nullptr;
  }
  void give(std::unique_ptr<Stream> stream) {
    stream->reset();
    if (count_ == kMaxKept) remove(0);
    kept_[count_++] = std::move(stream);
  }

 private:
  std::unique_ptr<Stream> remove(std::size_t index) {
    std::unique_ptr<Stream> stream = std::move(kept_[index]);
    std::move(kept_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
              kept_.begin() + static_cast<std::ptrdiff_t>(count_),
              kept_.begin() + static_cast<std::ptrdiff_t>(index));
    --count_;
    return stream;
  }

  // Not a vector: giving back happens in destructors and must not allocate.
  std::array<std::unique_ptr<Stream>, kMaxKept> kept_;
  std::size_t count_ = 0;
};

/// Set once this thread's pools are destroyed: connections of static duration may outlive them.
thread_local bool poolsGone = false;

/// At the most common settings about 260 KiB for each compressor and 40 KiB for each inflater, per thread.
struct Pools {
  Pool<Compressor, 4> compressors;
  Pool<Inflater, 8> inflaters;
  ~Pools() { poolsGone = true; }
};

Pools* pools() {
  if (poolsGone) return nullptr;
  thread_local Pools ofThisThread;
  return &ofThisThread;
}

}  // namespace

std::unique_ptr<Compressor> borrowCompressor(const CompressorSettings& settings) {
  Pools* const own = pools();
  std::unique_ptr<Compressor> kept = own != nullptr ? own->compressors.take(settings) : nullptr;
  return kept != nullptr ? std::move(kept) : std::make_unique<Compressor>(settings);
}

std::unique_ptr<Inflater> borrowInflater(int windowBits) {
  Pools* const own = pools();
  std::unique_ptr<Inflater> kept = own != nullptr ? own->inflaters.take(windowBits) : nullptr;
  return kept != nullptr ? std::move(kept) : std::make_unique<Inflater>(windowBits);
}

void giveBack(std::unique_ptr<Compressor> compressor) {
  Pools* const own = compressor != nullptr ? pools() : nullptr;
  if (own != nullptr) own->compressors.give(std::move(compressor));
}

void giveBack(std::unique_ptr<Inflater> inflater) {
  Pools* const own = inflater != nullptr ? pools() : nullptr;
  if (own != nullptr) own->inflaters.give(std::move(inflater));
}

}  // namespace autobahn::inline v0::websocket::deflate
