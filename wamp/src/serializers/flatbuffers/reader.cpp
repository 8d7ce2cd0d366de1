#include "reader.hpp"

#include <autobahn/util/utf8.hpp>
#include <limits>

namespace autobahn::inline v0::wamp::flatbuffers {
namespace {

constexpr std::size_t kOffsetSize = sizeof(std::uint32_t);
constexpr std::size_t kSlotSize = sizeof(std::uint16_t);
constexpr std::size_t kSlotsHead = 2 * kSlotSize;  // the sizes of the list itself and of the table

}  // namespace

bool Reader::spend(std::uint32_t place, std::size_t bytes) {
  spent_ += bytes;
  return spent_ <= kMaxOverlap * size() || decoder_.fail(place, "too much that lies over each other");
}

// The target has at least the size of a reference behind it.
bool Reader::follow(std::uint32_t place, std::uint32_t& target) {
  const std::uint64_t there = std::uint64_t{place} + numberAt<std::uint32_t>(place);
  if (there == place || there + kOffsetSize > size())
    return decoder_.fail(place, "a reference that leaves the data");
  target = static_cast<std::uint32_t>(there);
  return spend(place, kOffsetSize);
}

bool Reader::root(Table& root) {
  // Positions are kept in 32 bits.
  if (size() > std::numeric_limits<std::uint32_t>::max()) return decoder_.fail(0, "more than 4 GiB");
  if (size() < kOffsetSize) return decoder_.fail(size(), "the data end before the first reference");
  return table(0, root);
}

bool Reader::table(std::uint32_t place, Table& table) {
  std::uint32_t position = 0;
  if (!follow(place, position)) return false;
  const auto back = static_cast<std::int32_t>(numberAt<std::uint32_t>(position));
  const std::int64_t slots = std::int64_t{position} - back;
  if (slots < 0 || static_cast<std::uint64_t>(slots) + kSlotsHead > size()) {
    return decoder_.fail(position, "a table whose form lies outside of the data");
  }
  table.position = position;
  table.slots = static_cast<std::uint32_t>(slots);
  table.slotsSize = numberAt<std::uint16_t>(table.slots);
  table.size = numberAt<std::uint16_t>(table.slots + kSlotSize);
  if (table.slotsSize < kSlotsHead || table.slots + std::uint64_t{table.slotsSize} > size()) {
    return decoder_.fail(table.slots, "a table's form of " + std::to_string(table.slotsSize) + " bytes");
  }
  if (table.size < kOffsetSize || position + std::uint64_t{table.size} > size()) {
    return decoder_.fail(position, "a table of " + std::to_string(table.size) + " bytes");
  }
  return spend(position, table.size);
}

bool Reader::find(const Table& table, std::size_t slot, std::size_t width, std::uint32_t& place) {
  place = 0;
  const std::size_t at = kSlotsHead + slot * kSlotSize;
  if (at + kSlotSize > table.slotsSize) return true;
  const std::uint32_t within = numberAt<std::uint16_t>(static_cast<std::uint32_t>(table.slots + at));
  if (within == 0) return true;
  if (within < kOffsetSize || within + width > table.size) {
    return decoder_.fail(table.slots + at, "a place outside of the table");
  }
  place = table.position + within;
  return true;
}

bool Reader::vector(std::uint32_t place, std::size_t elementSize, Vector& vector) {
  std::uint32_t target = 0;
  if (!follow(place, target)) return false;
  vector.count = numberAt<std::uint32_t>(target);
  vector.position = target + static_cast<std::uint32_t>(kOffsetSize);
  const std::uint64_t bytes = std::uint64_t{vector.count} * elementSize;
  if (bytes > size() - vector.position) {
    return decoder_.fail(target, "a vector of " + std::to_string(vector.count) + ", and only " +
                                     std::to_string(size() - vector.position) + " bytes follow");
  }
  return spend(target, static_cast<std::size_t>(bytes));
}

bool Reader::bytes(std::uint32_t place, std::string_view& bytes) {
  Vector there;
  if (!vector(place, 1, there)) return false;
  bytes = decoder_.input().substr(there.position, there.count);
  return true;
}

bool Reader::text(std::uint32_t place, std::string_view& text) {
  if (!bytes(place, text)) return false;
  return util::isValidUtf8(text) || decoder_.fail(place, "a string that is not UTF-8");
}

}  // namespace autobahn::inline v0::wamp::flatbuffers
