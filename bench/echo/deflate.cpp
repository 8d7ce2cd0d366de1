#include "deflate.hpp"

#include <new>
#include <stdexcept>

namespace bench {
namespace {

constexpr int kRawWindow = -15;
constexpr int kMemLevel = 8;
/// What Z_SYNC_FLUSH ends with, and what is not sent (RFC 7692, section 7.2.1).
constexpr std::string_view kTail("\0\0\xff\xff", 4);

Bytef* bytesOf(const char* data) { return reinterpret_cast<Bytef*>(const_cast<char*>(data)); }

}  // namespace

Deflater::Deflater(int level) {
  if (deflateInit2(&stream_, level, Z_DEFLATED, kRawWindow, kMemLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
}

Deflater::~Deflater() { deflateEnd(&stream_); }

std::string_view Deflater::message(std::string_view payload) {
  buffer_.resize(deflateBound(&stream_, static_cast<uLong>(payload.size())) + 16);
  stream_.next_in = bytesOf(payload.data());
  stream_.avail_in = static_cast<uInt>(payload.size());
  stream_.next_out = bytesOf(buffer_.data());
  stream_.avail_out = static_cast<uInt>(buffer_.size());
  if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0)
    throw std::runtime_error("deflate failed");
  return std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out - kTail.size());
}

void Deflater::reset() { deflateReset(&stream_); }

Inflater::Inflater() {
  if (inflateInit2(&stream_, kRawWindow) != Z_OK) throw std::bad_alloc();
  buffer_.resize(128 << 10);
}

Inflater::~Inflater() { inflateEnd(&stream_); }

std::string_view Inflater::message(std::string_view compressed) {
  size_ = 0;
  feed(compressed);
  feed(kTail);
  return std::string_view(buffer_).substr(0, size_);
}

void Inflater::feed(std::string_view bytes) {
  stream_.next_in = bytesOf(bytes.data());
  stream_.avail_in = static_cast<uInt>(bytes.size());
  do {
    if (size_ == buffer_.size()) buffer_.resize(2 * size_);
    stream_.next_out = bytesOf(buffer_.data()) + size_;
    stream_.avail_out = static_cast<uInt>(buffer_.size() - size_);
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    size_ = buffer_.size() - stream_.avail_out;
    // A last block may stand inside a message (RFC 7692, section 7.2.3.4).
    if (result == Z_STREAM_END) inflateReset(&stream_);
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
      throw std::runtime_error("what came back does not inflate");
  } while (stream_.avail_in != 0 || stream_.avail_out == 0);
}

void Inflater::reset() { inflateReset(&stream_); }

}  // namespace bench
