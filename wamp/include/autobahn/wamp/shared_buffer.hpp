// Bytes that many share: one allocation, counted references.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::wamp {

/// A reference to immutable bytes on the heap; copying it counts, copies nothing. References to the same
/// bytes may be used and dropped in different threads.
///
/// A received message lies in one such buffer, and its texts and its payload refer to it, so that a message
/// costs one allocation. Whoever keeps a part keeps the whole: copy what is kept for long (`Text::string`).
class SharedBuffer {
 public:
  SharedBuffer() noexcept = default;
  SharedBuffer(const SharedBuffer& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  SharedBuffer(SharedBuffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBuffer& operator=(SharedBuffer other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBuffer() {
    if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(block_);
  }

  /// One allocation, holding a copy of `bytes`.
  static SharedBuffer copyOf(std::string_view bytes);

  /// The bytes; empty without any.
  std::string_view view() const noexcept {
    return block_ == nullptr ? std::string_view() : std::string_view(block_->bytes(), block_->size);
  }
  explicit operator bool() const noexcept { return block_ != nullptr; }
  /// True when nobody else refers to the bytes.
  bool isUnique() const noexcept {
    return block_ != nullptr && block_->references.load(std::memory_order_acquire) == 1;
  }

 private:
  friend class Payload;
  // What is derived from a payload lives and dies with the buffer it lies in (payload.cpp).
  struct Derived;
  struct Block {
    explicit Block(std::size_t count) : size(count) {}
    const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    std::atomic<std::size_t> references{1};
    std::atomic<Derived*> derived{nullptr};
    std::size_t size;
  };
  static void destroy(Block* block) noexcept;

  Block* block_ = nullptr;
};

}  // namespace autobahn::inline v0::wamp
