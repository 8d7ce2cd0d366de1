// zlib's two kinds of context as objects, with their memory counted, and the pool they are borrowed from.
#pragma once

#include <zlib.h>

#include <autobahn/util/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace autobahn::inline v0::websocket::deflate {

/// What tells one compressor from another.
struct CompressorSettings {
  int windowBits = 15;  ///< 8…15
  int memLevel = 8;     ///< 1…9
  int level = -1;       ///< −1…9
  bool operator==(const CompressorSettings&) const = default;
};

/// A raw deflate stream. The constructor throws std::bad_alloc.
class Compressor {
 public:
  using Settings = CompressorSettings;
  explicit Compressor(const Settings& settings);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// Appends what comes out of `piece`: as little as zlib likes, or with `flush` everything, ending on a byte
  /// boundary with 00 00 FF FF (Z_SYNC_FLUSH).
  void write(std::string_view piece, bool flush, util::ByteBuffer& out);
  /// Back to the state after construction, the memory kept.
  void reset();
  std::size_t memoryUsage() const { return sizeof(*this) + allocated_; }
  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
  std::size_t allocated_ = 0;
  z_stream stream_{};
};

/// A raw inflate stream. Everything that allocates throws std::bad_alloc.
class Inflater {
 public:
  using Settings = int;  ///< window bits, 8…15
  explicit Inflater(Settings windowBits);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Status : std::uint8_t {
    drained,    ///< all input is used up and everything that it gives was written
    full,       ///< the target is full; there may be more to come
    streamEnd,  ///< a final block has ended; input may be left
    corrupt,
  };
  struct Step {
    Status status;
    std::size_t consumed;
    std::size_t written;
  };
  /// Inflates from `input` into `target` (not empty) until one of the two is used up or a stream has ended.
  Step step(std::string_view input, std::span<char> target);
  /// True when the input so far ends with a whole block, on a byte boundary.
  bool atBlockEnd() const;
  /// After `streamEnd`: a new stream begins with the next byte, its window is the old one's.
  void nextStream();
  void reset();
  std::size_t memoryUsage() const { return sizeof(*this) + allocated_; }
  const Settings& settings() const { return windowBits_; }

 private:
  Settings windowBits_;
  std::size_t allocated_ = 0;
  z_stream stream_{};
};

/// From this thread's pool, fresh, or new.
std::unique_ptr<Compressor> borrowCompressor(const CompressorSettings& settings);
std::unique_ptr<Inflater> borrowInflater(int windowBits);
/// Back to this thread's pool, which keeps the most recent few; in any state, also null.
void giveBack(std::unique_ptr<Compressor> compressor);
void giveBack(std::unique_ptr<Inflater> inflater);

}  // namespace autobahn::inline v0::websocket::deflate
