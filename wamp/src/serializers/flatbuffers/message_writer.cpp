#include "message_writer.hpp"

#include <algorithm>
#include <autobahn/wamp/uri.hpp>

#include "../../value_text.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {
namespace {

bool isDict(const Tape::Node& node) { return node.type == TokenType::beginDict; }

std::size_t elementSizeOf(Type list) {
  return list == Type::idList ? 8 : list == Type::nameList ? 1 : sizeof(Offset);
}

}  // namespace

bool MessageWriter::fail(const Field& field, std::string_view what) {
  if (error_.empty()) error_ = std::string(field.name) + ": " + std::string(what);
  return false;
}

// ---- What goes where

bool MessageWriter::write(const MessageTable& message, const Payload& payload, util::ByteBuffer& out) {
  builder_.clear();
  Cells cells{};
  Offset table = 0;
  if (!collectElements(message, cells)) return false;
  // The libraries' order in memory, which readers do not depend on, but the specification's samples have.
  if (message.elements.back().type == Type::payload) writePayload(message.elements.back(), payload, cells);
  if (!writeTable(cells, table)) return false;
  builder_.beginTable();
  builder_.add(0, message.type);
  builder_.addOffset(1, table);
  builder_.finish(builder_.endTable(), out);
  if (builder_.failed()) error_ = "more than 2 GiB";
  return !builder_.failed();
}

bool MessageWriter::collectElements(const MessageTable& message, Cells& cells) {
  std::size_t index = 0;
  return tape_.forChildren(0, [&](std::size_t node) {
    if (index == 0) return ++index, true;  // the code
    if (index > message.elements.size()) {
      error_ = "FlatBuffers has no place for more than " + std::to_string(index) + " elements";
      return false;
    }
    const Field& field = message.elements[index++ - 1];
    if (tape_[node].type == TokenType::null) return true;
    if (field.type == Type::attributes) return collect(node, field, cells);
    if (field.type == Type::payload) return fail(field, "a list wanted");
    cells[field.slot] = {&field, node};
    return true;
  });
}

bool MessageWriter::collect(std::size_t dict, const Field& attributes, Cells& cells) {
  if (!isDict(tape_[dict])) return fail(attributes, "a dict wanted");
  return tape_.forChildren(dict, [&](std::size_t node) {
    const std::string_view key = tape_.key(tape_[node]);
    const auto field = std::ranges::find(attributes.fields, key, &Field::name);
    if (field == attributes.fields.end()) return lose(attributes, key);
    if (tape_[node].type == TokenType::null) return true;
    if (field->type == Type::attributes) return collect(node, *field, cells);
    cells[field->slot] = {&*field, node};
    return true;
  });
}

bool MessageWriter::lose(const Field& attributes, std::string_view key) {
  const bool isLosable = attributes.others == Losable::all ||
                         (attributes.others == Losable::custom && isCustomAttribute(key)) ||
                         std::ranges::find(attributes.losable, key) != attributes.losable.end();
  return isLosable || fail(attributes, "FlatBuffers has no place for " + quoted(key));
}

// ---- Tables

void MessageWriter::writePayload(const Field& field, const Payload& payload, Cells& cells) {
  const auto add = [&](std::size_t slot, std::string_view bytes) {
    cells[slot] = {.field = &field, .value = builder_.bytes(bytes)};
  };
  if (payload.opaque) return add(field.slot + 2U, *payload.opaque);
  if (!payload.args.empty()) add(field.slot, payload.args);
  if (!payload.kwargs.empty()) add(field.slot + 1U, payload.kwargs);
}

bool MessageWriter::writeTable(Cells& cells, Offset& table) {
  for (Cell& cell : cells) {
    const bool isReady = cell.field == nullptr || cell.field->type == Type::payload;
    if (!isReady && !fill(cell)) return false;
  }
  builder_.beginTable();
  for (std::size_t slot = 0; slot < cells.size(); ++slot) {
    const Cell& cell = cells[slot];
    if (cell.field == nullptr) continue;
    switch (cell.width) {
      case 1:
        builder_.add(slot, static_cast<std::uint8_t>(cell.value));
        break;
      case 2:
        builder_.add(slot, static_cast<std::uint16_t>(cell.value));
        break;
      case 4:
        builder_.add(slot, static_cast<std::uint32_t>(cell.value));
        break;
      case 8:
        builder_.add(slot, cell.value);
        break;
      default:
        builder_.addOffset(slot, static_cast<Offset>(cell.value));
        break;
    }
  }
  table = builder_.endTable();
  return true;
}

bool MessageWriter::fill(Cell& cell) {
  const Tape::Node& node = tape_[cell.node];
  switch (cell.field->type) {
    case Type::boolean:
      if (node.type != TokenType::boolean) return fail(*cell.field, "a boolean wanted");
      cell.width = 1;
      cell.value = node.number;
      return true;
    case Type::uint16:
      return fillNumber(cell, 2);
    case Type::uint32:
      return fillNumber(cell, 4);
    case Type::uint64:
      return fillNumber(cell, 8);
    case Type::name:
      return fillName(cell);
    case Type::text:
      if (node.type != TokenType::text) return fail(*cell.field, "a string wanted");
      cell.value = builder_.text(tape_.text(node));
      return true;
    case Type::map:
      return fillMap(cell);
    case Type::table:
      return fillTable(cell);
    default:
      return fillVector(cell);
  }
}

bool MessageWriter::fillNumber(Cell& cell, std::size_t width) {
  const Tape::Node& node = tape_[cell.node];
  cell.width = width;
  cell.value = node.number;
  const bool isNumber = node.type == TokenType::integer && !node.isNegative;
  const bool fits = width == 8 || node.number >> (8 * width) == 0;
  if (isNumber && fits) return true;
  return fail(*cell.field, "an integer of " + std::to_string(8 * width) + " bits, not negative, wanted" +
                               (isNumber ? ", got " + std::to_string(node.number) : ""));
}

bool MessageWriter::fillName(Cell& cell) {
  cell.width = 1;
  return nameOf(*cell.field, cell.node, cell.value);
}

bool MessageWriter::nameOf(const Field& field, std::size_t node, std::uint64_t& value) {
  if (tape_[node].type != TokenType::text) return fail(field, "a string wanted");
  std::string_view name = tape_.text(tape_[node]);
  if (name == "scram") name = "wamp-scram";  // Autobahn's name for it
  const auto found = std::ranges::find(field.names, name);
  if (found == field.names.end() || name.empty())
    return fail(field, "FlatBuffers has no place for " + quoted(name));
  value = static_cast<std::uint64_t>(found - field.names.begin());
  return true;
}

bool MessageWriter::fillTable(Cell& cell) {
  Cells cells{};
  Offset table = 0;
  if (!collect(cell.node, *cell.field, cells) || !writeTable(cells, table)) return false;
  cell.value = table;
  return true;
}

// The schema's Map holds one text by name. Nothing at all is no Map.
bool MessageWriter::fillMap(Cell& cell) {
  const Field& field = *cell.field;
  const Tape::Node& dict = tape_[cell.node];
  if (!isDict(dict)) return fail(field, "a dict wanted");
  if (dict.end == cell.node + 1) {
    cell.field = nullptr;
    return true;
  }
  const Tape::Node& entry = tape_[cell.node + 1];
  if (entry.type != TokenType::text || dict.end != cell.node + 2) {
    return fail(field, "FlatBuffers has place for one entry, which is a string");
  }
  const Offset key = builder_.text(tape_.key(entry));
  const Offset value = builder_.text(tape_.text(entry));
  builder_.beginTable();
  builder_.addOffset(0, key);
  builder_.addOffset(1, value);
  cell.value = builder_.endTable();
  return true;
}

bool MessageWriter::fillVector(Cell& cell) {
  const Field& field = *cell.field;
  if (tape_[cell.node].type != TokenType::beginList) return fail(field, "a list wanted");
  // What is referred to comes first, and vectors are written from their end.
  std::vector<std::uint64_t> elements;
  const bool isGood = tape_.forChildren(
      cell.node, [&](std::size_t node) { return elementOf(field, node, elements.emplace_back()); });
  if (!isGood) return false;
  const std::size_t size = elementSizeOf(field.type);
  builder_.beginVector(size, elements.size());
  for (auto each = elements.rbegin(); each != elements.rend(); ++each) {
    if (size == 8) {
      builder_.addElement(*each);
    } else if (size == 1) {
      builder_.addElement(static_cast<std::uint8_t>(*each));
    } else {
      builder_.addOffset(static_cast<Offset>(*each));
    }
  }
  cell.value = builder_.endVector(elements.size());
  return true;
}

bool MessageWriter::elementOf(const Field& field, std::size_t node, std::uint64_t& value) {
  if (field.type == Type::nameList) return nameOf(field, node, value);
  const Field element{.name = field.name,
                      .slot = 0,
                      .type = field.type == Type::idList     ? Type::uint64
                              : field.type == Type::textList ? Type::text
                                                             : Type::table,
                      .fields = field.fields};
  Cell cell{.field = &element, .node = node};
  if (!fill(cell)) return false;
  value = cell.value;
  return true;
}

}  // namespace autobahn::inline v0::wamp::flatbuffers
