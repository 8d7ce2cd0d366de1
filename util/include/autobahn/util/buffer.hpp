// A growable byte buffer that does not clear what it is about to overwrite, and a pool of such buffers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::util {

/// Whether `bytes` are a part of `memory`; neither is looked into.
inline bool liesIn(std::string_view bytes, std::span<const char> memory) {
  const std::less_equal<> notAfter;
  return notAfter(memory.data(), bytes.data()) &&
         notAfter(bytes.data() + bytes.size(), memory.data() + memory.size());
}

/// Bytes with uninitialised spare capacity: `std::string` without the zero fill.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  /// The moved-from buffer is empty and without memory.
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  char* data() { return data_.get(); }
  std::string_view view() const { return {data_.get(), size_}; }
  /// Whether `bytes` lie in this buffer's memory.
  bool holds(std::string_view bytes) const {
    return !bytes.empty() && liesIn(bytes, {data_.get(), capacity_});
  }

  /// Writable space of at least `least` bytes after the content; `commit` makes what was written content.
  std::span<char> space(std::size_t least) {
    if (capacity_ - size_ < least) grow(size_ + least);
    return {data_.get() + size_, capacity_ - size_};
  }
  void commit(std::size_t written) { size_ += written; }

  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(space(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  /// Forgets the content, keeps the memory.
  void clear() { size_ = 0; }
  /// Forgets the content past the first `size` bytes.
  void truncate(std::size_t size) { size_ = std::min(size_, size); }

 private:
  void grow(std::size_t atLeast) {
    const std::size_t capacity = std::max({atLeast, capacity_ * 2, std::size_t{256}});
    auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(bigger.get(), data_.get(), size_);
    data_ = std::move(bigger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Keeps a few used buffers, so that large messages do not pay for fresh pages each and idle connections
/// hold none. For one thread.
class BufferPool {
 public:
  /// An empty buffer, with memory when one is kept.
  ByteBuffer take() {
    if (kept_.empty()) return {};
    ByteBuffer buffer = std::move(kept_.back());
    kept_.pop_back();
    bytes_ -= buffer.capacity();
    return buffer;
  }
  /// Takes a buffer back, or frees it when enough is kept.
  void give(ByteBuffer&& buffer) {
    if (buffer.capacity() == 0) return;
    ByteBuffer used = std::move(buffer);
    if (kept_.size() >= kMaxBuffers || bytes_ + used.capacity() > kMaxBytes) return;
    used.clear();
    bytes_ += used.capacity();
    kept_.push_back(std::move(used));
  }

 private:
  static constexpr std::size_t kMaxBuffers = 8;
  static constexpr std::size_t kMaxBytes = std::size_t{32} << 20;
  std::vector<ByteBuffer> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace autobahn::inline v0::util
