// From a message on a tape to its table.
#pragma once

#include <optional>
#include <string>

#include "builder.hpp"
#include "schema.hpp"
#include "tape.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {

/// What does not go through the tape.
struct Payload {
  std::string_view args;    ///< CBOR; empty: not there
  std::string_view kwargs;  ///< CBOR; empty: not there
  std::optional<std::string_view> opaque{};
};

/// Lays a message out. Everything that is there is written, defaults too, so that an explicit `false` arrives
/// as such.
class MessageWriter {
 public:
  MessageWriter(const Tape& tape, Builder& builder) : tape_(tape), builder_(builder) {}

  /// Appends the message whose list is the tape's first node to `out`. False when the schema has no place for
  /// something: `error` says for what.
  bool write(const MessageTable& message, const Payload& payload, util::ByteBuffer& out);
  const std::string& error() const { return error_; }

 private:
  /// What a slot will hold: a number of `width` bytes, or with width 0 a reference; none without a field.
  struct Cell {
    const Field* field = nullptr;
    std::size_t node = 0;
    std::size_t width = 0;
    std::uint64_t value = 0;
  };
  using Cells = std::array<Cell, kMaxSlots>;

  bool fail(const Field& field, std::string_view what);
  bool collect(std::size_t dict, const Field& attributes, Cells& cells);
  bool collectElements(const MessageTable& message, Cells& cells);
  bool lose(const Field& attributes, std::string_view key);
  void writePayload(const Field& field, const Payload& payload, Cells& cells);
  bool writeTable(Cells& cells, Offset& table);
  bool fill(Cell& cell);
  bool fillNumber(Cell& cell, std::size_t width);
  bool fillName(Cell& cell);
  bool fillTable(Cell& cell);
  bool fillMap(Cell& cell);
  bool fillVector(Cell& cell);
  bool nameOf(const Field& field, std::size_t node, std::uint64_t& value);
  bool elementOf(const Field& field, std::size_t node, std::uint64_t& value);

  const Tape& tape_;
  Builder& builder_;
  std::string error_;
};

}  // namespace autobahn::inline v0::wamp::flatbuffers
