// Writes the FlatBuffers format (tables, vectors, strings), from the end to the beginning as the format wants
// it: what is referred to is written before what refers to it.
#pragma once

#include <array>
#include <autobahn/util/buffer.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "schema.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {

/// Where something begins, counted from the end of what will be the buffer; 0 is nothing.
using Offset = std::uint32_t;

/// Lays things out as the FlatBuffers libraries do, byte by byte. Past 2 GiB (offsets end there) it stops
/// writing, and `failed` says so.
class Builder {
 public:
  /// Begins anew; keeps the memory.
  void clear();
  bool failed() const { return failed_; }

  Offset text(std::string_view value);
  Offset bytes(std::string_view value);
  /// A vector, filled from its last element to its first; then `endVector`.
  void beginVector(std::size_t elementSize, std::size_t count);
  template <class Number>
  void addElement(Number value) {
    place(value);
  }
  void addOffset(Offset target);
  Offset endVector(std::size_t count);

  /// A table, then its slots in any order (texts, vectors and tables in it exist by then), then `endTable`.
  void beginTable();
  template <class Number>
  void add(std::size_t slot, Number value) {
    prepare(sizeof(Number), 0);
    place(value);
    slots_[slot] = size_;
  }
  void addOffset(std::size_t slot, Offset target) {
    addOffset(target);
    slots_[slot] = size_;
  }
  Offset endTable();

  /// Appends the whole, whose root is `table`, to `out`.
  void finish(Offset table, util::ByteBuffer& out);

 private:
  void prepare(std::size_t alignment, std::size_t additional);
  char* take(std::size_t count);
  void copy(std::string_view bytes);
  template <class Number>
  void place(Number value);
  Offset writeSlots(std::size_t count, std::uint16_t tableSize);
  char* at(Offset offset) { return data_.get() + capacity_ - offset; }

  std::unique_ptr<char[]> data_;  // content at its end
  std::size_t capacity_ = 0;
  Offset size_ = 0;
  std::size_t alignment_ = 1;
  std::array<Offset, kMaxSlots> slots_{};
  Offset tableEnd_ = 0;
  std::vector<Offset> slotTables_;  // written so far: tables of the same form share one
  bool failed_ = false;
};

}  // namespace autobahn::inline v0::wamp::flatbuffers
