// permessage-deflate (RFC 7692) for the generator: one direction of one connection, on zlib alone.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace bench {

/// Compresses whole messages with zlib's defaults and the full window.
class Deflater {
 public:
  /// `level` 0 to 9 (0: stored, which costs next to nothing), −1: zlib's default.
  explicit Deflater(int level = Z_DEFAULT_COMPRESSION);
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater();
  /// The payload of a compressed frame, in a buffer that the next call overwrites.
  std::string_view message(std::string_view payload);
  /// Forgets what was sent: the next message refers to nothing before it.
  void reset();

 private:
  z_stream stream_{};
  std::string buffer_;
};

class Inflater {
 public:
  Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();
  /// The message, in a buffer that the next call overwrites. Throws std::runtime_error when it is damaged.
  std::string_view message(std::string_view compressed);
  void reset();

 private:
  void feed(std::string_view bytes);

  z_stream stream_{};
  std::string buffer_;
  std::size_t size_ = 0;
};

}  // namespace bench
