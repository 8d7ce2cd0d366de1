#include "builder.hpp"

#include <algorithm>
#include <cstring>

#include "little_endian.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {
namespace {

constexpr std::size_t kMaxSize = 0x7fffffff;  // references between tables and their forms have a sign
constexpr std::size_t kFirstCapacity = 1024;
constexpr std::size_t kSlotSize = sizeof(std::uint16_t);

}  // namespace

void Builder::clear() {
  size_ = 0;
  alignment_ = 1;
  slotTables_.clear();
  failed_ = false;
}

// Room for `count` bytes before what is there.
char* Builder::take(std::size_t count) {
  if (count > kMaxSize - size_) {
    failed_ = true;
    size_ = 0;
    count = std::min(count, kFirstCapacity);
  }
  if (count > capacity_ - size_) {
    const std::size_t capacity = std::max({capacity_ * 2, size_ + count, kFirstCapacity});
    auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(bigger.get() + capacity - size_, at(size_), size_);
    data_ = std::move(bigger);
    capacity_ = capacity;
  }
  size_ += static_cast<Offset>(count);
  return at(size_);
}

void Builder::copy(std::string_view bytes) {
  char* const place = take(bytes.size());
  if (!failed_ && !bytes.empty()) std::memcpy(place, bytes.data(), bytes.size());
}

// Fills up so that after `additional` more bytes something of this alignment can be placed.
void Builder::prepare(std::size_t alignment, std::size_t additional) {
  alignment_ = std::max(alignment_, alignment);
  const std::size_t padding = (~(size_ + additional) + 1) & (alignment - 1);
  std::memset(take(padding), 0, padding);
}

template <class Number>
void Builder::place(Number value) {
  storeLittleEndian(take(sizeof(Number)), value);
}
template void Builder::place(std::uint8_t);
template void Builder::place(std::uint16_t);
template void Builder::place(std::uint32_t);
template void Builder::place(std::uint64_t);

Offset Builder::text(std::string_view value) {
  prepare(sizeof(Offset), value.size() + 1);
  place(std::uint8_t{0});
  copy(value);
  return endVector(value.size());
}

Offset Builder::bytes(std::string_view value) {
  beginVector(1, value.size());
  copy(value);
  return endVector(value.size());
}

void Builder::beginVector(std::size_t elementSize, std::size_t count) {
  prepare(sizeof(Offset), elementSize * count);
  prepare(elementSize, elementSize * count);
}

void Builder::addOffset(Offset target) {
  prepare(sizeof(Offset), 0);
  place(static_cast<Offset>(size_ + sizeof(Offset) - target));
}

Offset Builder::endVector(std::size_t count) {
  place(static_cast<Offset>(count));
  return size_;
}

void Builder::beginTable() {
  slots_.fill(0);
  tableEnd_ = size_;
}

Offset Builder::endTable() {
  prepare(sizeof(Offset), 0);
  place(Offset{0});  // where the slots are, below
  const Offset table = size_;
  std::size_t count = slots_.size();
  while (count != 0 && slots_[count - 1] == 0) --count;
  for (Offset& slot : slots_) slot = slot == 0 ? 0 : table - slot;
  const Offset slots = writeSlots(count, static_cast<std::uint16_t>(table - tableEnd_));
  if (!failed_) storeLittleEndian(at(table), slots - table);
  return table;
}

// Sizes and the places of the slots, unless an equal one has been written.
Offset Builder::writeSlots(std::size_t count, std::uint16_t tableSize) {
  const std::size_t bytes = (count + 2) * kSlotSize;
  char* const written = take(bytes);
  storeLittleEndian(written, static_cast<std::uint16_t>(bytes));
  storeLittleEndian(written + kSlotSize, tableSize);
  for (std::size_t i = 0; i < count; ++i) {
    storeLittleEndian(written + (i + 2) * kSlotSize, static_cast<std::uint16_t>(slots_[i]));
  }
  const std::string_view wanted(written, bytes);
  for (const Offset each : slotTables_) {
    if (std::string_view(at(each), std::min<std::size_t>(bytes, each)) != wanted) continue;
    size_ -= static_cast<Offset>(bytes);
    return each;
  }
  slotTables_.push_back(size_);
  return size_;
}

void Builder::finish(Offset table, util::ByteBuffer& out) {
  prepare(alignment_, sizeof(Offset));
  addOffset(table);
  if (!failed_) out.append({at(size_), size_});
}

}  // namespace autobahn::inline v0::wamp::flatbuffers
