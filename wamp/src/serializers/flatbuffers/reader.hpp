// Reads the FlatBuffers format from hostile bytes: every reference is checked where it is followed.
#pragma once

#include <cstdint>
#include <string_view>

#include "../codec.hpp"
#include "little_endian.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {

/// A table, known to lie in the data. Without slots (as made) everything in it is absent.
struct Table {
  std::uint32_t position = 0;
  std::uint32_t size = 0;
  std::uint32_t slots = 0;  ///< where its list of places is
  std::uint32_t slotsSize = 0;
};

/// A vector, known to lie in the data.
struct Vector {
  std::uint32_t position = 0;  ///< of the first element
  std::uint32_t count = 0;
};

/// What is followed is paid for: parts may lie over each other (writers share equal strings), but all that is
/// read together is at most `kMaxOverlap` times the data, so that a few bytes referred to a million times
/// cost nothing. There is nothing recursive in here, nor in the schema.
///
/// Errors go to the decoder; all functions return false then.
class Reader {
 public:
  static constexpr std::size_t kMaxOverlap = 4;

  explicit Reader(Decoder& decoder) : decoder_(decoder) {}

  /// Begins with the decoder's input.
  void start() { spent_ = 0; }
  bool root(Table& table);
  /// Where a slot's content of `width` bytes is; 0 when it is absent.
  bool find(const Table& table, std::size_t slot, std::size_t width, std::uint32_t& place);
  /// The number at a place that `find` gave.
  template <class Number>
  Number numberAt(std::uint32_t place) const {
    return loadLittleEndian<Number>(decoder_.input().data() + place);
  }
  // What is referred to from a place that `find` gave, or from an element of a vector of references.
  bool table(std::uint32_t place, Table& table);
  bool vector(std::uint32_t place, std::size_t elementSize, Vector& vector);
  bool bytes(std::uint32_t place, std::string_view& bytes);
  bool text(std::uint32_t place, std::string_view& text);

 private:
  std::size_t size() const { return decoder_.input().size(); }
  bool follow(std::uint32_t place, std::uint32_t& target);
  bool spend(std::uint32_t place, std::size_t bytes);

  Decoder& decoder_;
  std::size_t spent_ = 0;
};

}  // namespace autobahn::inline v0::wamp::flatbuffers
