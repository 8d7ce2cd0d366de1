#include <vector>

#include "../cbor_codec.hpp"
#include "flatbuffers_codec.hpp"
#include "reader.hpp"
#include "schema.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using flatbuffers::Field;
using flatbuffers::MessageTable;
using flatbuffers::Reader;
using flatbuffers::Table;
using flatbuffers::Type;
using flatbuffers::Vector;

constexpr std::size_t kReferenceSize = sizeof(std::uint32_t);

// How many bytes a field has in its table.
std::size_t widthOf(Type type) {
  switch (type) {
    case Type::boolean:
    case Type::name:
      return 1;
    case Type::uint16:
      return 2;
    case Type::uint64:
      return 8;
    default:
      return kReferenceSize;
  }
}

std::size_t elementSizeOf(Type list) {
  return list == Type::idList ? 8 : list == Type::nameList ? 1 : kReferenceSize;
}

class FlatbuffersDecoder final : public Decoder {
 public:
  Shape peek() override {
    if (failed()) return Shape::bad;
    if (state_ != State::within) return state_ == State::before ? Shape::list : Shape::end;
    Frame& frame = frames_.back();
    if (!settle(frame)) return Shape::bad;
    if (frame.index == frame.count) return Shape::end;
    if (frame.kind == Frame::Kind::list)
      return frame.field->type == Type::tableList ? Shape::dict : Shape::scalar;
    if (!frame.hasHead || frame.kind == Frame::Kind::map) return Shape::scalar;
    return shapeOf(frame.fields[frame.index]);
  }

  bool next(Token& token) override {
    if (failed() || state_ == State::after) return false;
    if (state_ == State::before) {
      state_ = State::within;
      return set(token, TokenType::beginList);
    }
    Frame& frame = frames_.back();
    if (!settle(frame)) return false;
    if (!frame.hasHead && frame.kind == Frame::Kind::message) {
      frame.hasHead = true;
      token.integer = message_->code;
      return set(token, TokenType::integer);
    }
    if (frame.index == frame.count) return leave(token, frame.kind);
    switch (frame.kind) {
      case Frame::Kind::message:
        return nextElement(token, frame);
      case Frame::Kind::dict:
        return nextEntry(token, frame);
      case Frame::Kind::list:
        return nextOfList(token, frame);
      case Frame::Kind::map:
        return nextOfMap(token, frame);
    }
    return false;
  }

  bool skipValue(std::string_view& raw) override {
    const Shape shape = peek();
    if (shape == Shape::end || shape == Shape::bad) return fail("a value wanted");
    const bool isPayload = state_ == State::within && isAtPayload(frames_.back());
    if (!isPayload || shape == Shape::scalar) return skipByReading(raw);
    raw = payload_[payloadIndex_++];
    return raw.empty() || checkPayload(raw, shape);
  }

  bool atEnd() override { return state_ == State::after; }

 protected:
  void restart() override {
    reader_.start();
    frames_.clear();
    state_ = State::before;
    Table root;
    Table table;
    std::uint32_t typePlace = 0;
    std::uint32_t place = 0;
    if (!reader_.root(root) || !reader_.find(root, 0, 1, typePlace) ||
        !reader_.find(root, 1, kReferenceSize, place)) {
      return;
    }
    const auto type = typePlace == 0 ? std::uint8_t{0} : reader_.numberAt<std::uint8_t>(typePlace);
    message_ = flatbuffers::findByType(type);
    if (message_ == nullptr) {
      fail(typePlace, "the message type " + std::to_string(type) + ", which means nothing");
    } else if (place == 0) {
      fail(root.position, "a message without content");
    } else if (reader_.table(place, table) && findPayload(table)) {
      frames_.push_back({Frame::Kind::message, table, message_->elements, message_->elements.size()});
    }
  }

 private:
  enum class State : std::uint8_t { before, within, after };

  /// Where one stands: in the message, in a dict (a table or a part of one), in a vector, in a Map.
  struct Frame {
    enum class Kind : std::uint8_t { message, dict, list, map };
    Kind kind;
    Table table{};
    std::span<const Field> fields{};
    std::size_t count = 0;  ///< of fields, of elements; 2 of a map: key and value
    std::size_t index = 0;
    bool hasHead = false;  ///< the code of the message, the key of the field has been given
    bool isAssumed = false;
    const Field* field = nullptr;  ///< of a list
    Vector vector{};
  };

  static bool set(Token& token, TokenType type) {
    token.type = type;
    return true;
  }
  static bool setText(Token& token, std::string_view text, TokenType type = TokenType::text) {
    token.text = text;
    return set(token, type);
  }

  bool leave(Token& token, Frame::Kind kind) {
    frames_.pop_back();
    if (kind == Frame::Kind::message) {
      state_ = State::after;
      position_ = input_.size();
    }
    const bool isList = kind == Frame::Kind::message || kind == Frame::Kind::list;
    return set(token, isList ? TokenType::endList : TokenType::endDict);
  }

  // ---- What is there

  // Passes over what is absent: a dict's fields, and a payload that is read.
  bool settle(Frame& frame) {
    while (frame.index < frame.count) {
      bool isThere = true;
      if (frame.kind == Frame::Kind::dict && !frame.hasHead) {
        if (!isPresent(frame, frame.fields[frame.index], isThere)) return false;
      } else if (isAtPayload(frame)) {
        isThere = payloadIndex_ < payloadCount_;
      }
      if (isThere) return true;
      ++frame.index;
    }
    return true;
  }

  bool isPresent(const Frame& frame, const Field& field, bool& isThere) {
    isThere = true;
    if (field.type == Type::attributes) return true;  // in this very table, not in a slot
    std::uint32_t place = 0;
    if (!reader_.find(frame.table, field.slot, widthOf(field.type), place)) return false;
    isThere = place != 0 || field.isAssumed || frame.isAssumed;
    // A value that stands for nothing.
    if (place != 0 && field.type == Type::name && field.names[0].empty()) {
      isThere = reader_.numberAt<std::uint8_t>(place) != 0;
    }
    return true;
  }

  static Shape shapeOf(Type type) {
    switch (type) {
      case Type::attributes:
      case Type::table:
      case Type::map:
        return Shape::dict;
      case Type::idList:
      case Type::textList:
      case Type::nameList:
      case Type::tableList:
        return Shape::list;
      default:
        return Shape::scalar;
    }
  }
  Shape shapeOf(const Field& field) const {
    if (field.type != Type::payload) return shapeOf(field.type);
    return isOpaque_ ? Shape::scalar : payloadIndex_ == 0 ? Shape::list : Shape::dict;
  }

  // ---- Payload

  static bool isAtPayload(const Frame& frame) {
    return frame.kind == Frame::Kind::message && frame.hasHead && frame.index < frame.count &&
           frame.fields[frame.index].type == Type::payload;
  }

  // Empty vectors are as good as none.
  bool findPayload(const Table& table) {
    payloadIndex_ = payloadCount_ = 0;
    isOpaque_ = false;
    if (message_->elements.back().type != Type::payload) return true;
    const std::size_t slot = message_->elements.back().slot;
    std::string_view opaque;
    if (!readBytes(table, slot, payload_[0]) || !readBytes(table, slot + 1, payload_[1]) ||
        !readBytes(table, slot + 2, opaque)) {
      return false;
    }
    payloadCount_ = !payload_[1].empty() ? 2 : !payload_[0].empty() ? 1 : 0;
    if (opaque.empty()) return true;
    if (payloadCount_ != 0) return fail(table.position, "an opaque payload beside args or kwargs");
    isOpaque_ = true;
    payload_[0] = opaque;
    payloadCount_ = 1;
    return true;
  }

  bool readBytes(const Table& table, std::size_t slot, std::string_view& bytes) {
    std::uint32_t place = 0;
    bytes = {};
    if (!reader_.find(table, slot, kReferenceSize, place)) return false;
    return place == 0 || reader_.bytes(place, bytes);
  }

  bool checkPayload(std::string_view cbor, Shape wanted) {
    const auto begin = static_cast<std::size_t>(cbor.data() - input_.data());
    cbor_->start(cbor, maxDepth_ - 1);
    std::string_view raw;
    if (cbor_->peek() != wanted && !cbor_->failed())
      cbor_->fail(wanted == Shape::list ? "not a list" : "not a dict");
    if (!cbor_->failed() && cbor_->skipValue(raw) && !cbor_->atEnd()) cbor_->fail("more than one value");
    return !cbor_->failed() || fail(begin, "in the CBOR here, " + cbor_->error());
  }

  // ---- Reading on

  bool nextElement(Token& token, Frame& frame) {
    const Field& field = frame.fields[frame.index];
    if (field.type == Type::payload) {
      if (!isOpaque_) return fail("args and kwargs are passed over, not read");
      return setText(token, payload_[payloadIndex_++], TokenType::bytes);
    }
    ++frame.index;
    return readField(token, frame, field);
  }

  bool nextEntry(Token& token, Frame& frame) {
    const Field& field = frame.fields[frame.index];
    frame.hasHead = !frame.hasHead;
    if (frame.hasHead) return setText(token, field.name, TokenType::key);
    ++frame.index;
    return readField(token, frame, field);
  }

  bool nextOfList(Token& token, Frame& frame) {
    const Field& field = *frame.field;
    const std::size_t offset = frame.index++ * elementSizeOf(field.type);
    const auto place = static_cast<std::uint32_t>(frame.vector.position + offset);
    if (field.type == Type::idList) return setNumber(token, reader_.numberAt<std::uint64_t>(place));
    if (field.type == Type::nameList) return readName(token, field, place);
    if (field.type == Type::textList) return reader_.text(place, token.text) && set(token, TokenType::text);
    return enterTable(token, field, place);
  }

  bool nextOfMap(Token& token, Frame& frame) {
    const TokenType type = frame.index == 0 ? TokenType::key : TokenType::text;
    std::uint32_t place = 0;
    if (!reader_.find(frame.table, frame.index++, kReferenceSize, place)) return false;
    token.text = {};
    return (place == 0 || reader_.text(place, token.text)) && set(token, type);
  }

  bool readField(Token& token, const Frame& frame, const Field& field) {
    std::uint32_t place = 0;
    if (field.type == Type::attributes) return enterDict(token, field, frame.table, frame.isAssumed);
    if (!reader_.find(frame.table, field.slot, widthOf(field.type), place)) return false;
    switch (field.type) {
      case Type::boolean:
        token.boolean = place != 0 && reader_.numberAt<std::uint8_t>(place) != 0;
        return set(token, TokenType::boolean);
      case Type::uint16:
        return setNumber(token, place == 0 ? 0 : reader_.numberAt<std::uint16_t>(place));
      case Type::uint32:
        return setNumber(token, place == 0 ? 0 : reader_.numberAt<std::uint32_t>(place));
      case Type::uint64:
        return setNumber(token, place == 0 ? 0 : reader_.numberAt<std::uint64_t>(place));
      case Type::name:
        return place == 0 ? setText(token, field.names[0]) : readName(token, field, place);
      case Type::text:
        if (place == 0) return set(token, TokenType::null);
        return reader_.text(place, token.text) && set(token, TokenType::text);
      case Type::map:
        return enterMap(token, place);
      case Type::table:
        if (place == 0) return enterDict(token, field, {}, true);
        return enterTable(token, field, place);
      default:
        return enterList(token, field, place);
    }
  }

  static bool setNumber(Token& token, std::uint64_t value) {
    token.integer = static_cast<std::int64_t>(value);
    token.unsignedInteger = value;
    return set(token, std::in_range<std::int64_t>(value) ? TokenType::integer : TokenType::unsignedInteger);
  }

  bool readName(Token& token, const Field& field, std::uint32_t place) {
    const auto value = reader_.numberAt<std::uint8_t>(place);
    if (value < field.names.size()) return setText(token, field.names[value]);
    return fail(place, "the value " + std::to_string(value) + ", which names nothing");
  }

  bool enterDict(Token& token, const Field& field, const Table& table, bool isAssumed) {
    frames_.push_back({.kind = Frame::Kind::dict,
                       .table = table,
                       .fields = field.fields,
                       .count = field.fields.size(),
                       .isAssumed = isAssumed && field.type == Type::table && field.isAssumed});
    return set(token, TokenType::beginDict);
  }

  bool enterTable(Token& token, const Field& field, std::uint32_t place) {
    Table table;
    return reader_.table(place, table) && enterDict(token, field, table, false);
  }

  bool enterMap(Token& token, std::uint32_t place) {
    Frame frame{.kind = Frame::Kind::map};
    if (place != 0) {
      if (!reader_.table(place, frame.table)) return false;
      frame.count = 2;
    }
    frames_.push_back(frame);
    return set(token, TokenType::beginDict);
  }

  bool enterList(Token& token, const Field& field, std::uint32_t place) {
    Frame frame{.kind = Frame::Kind::list, .field = &field};
    if (!reader_.vector(place, elementSizeOf(field.type), frame.vector)) return false;
    frame.count = frame.vector.count;
    frames_.push_back(frame);
    return set(token, TokenType::beginList);
  }

  Reader reader_{*this};
  std::unique_ptr<Decoder> cbor_ = makeCborDecoder();
  std::vector<Frame> frames_;
  State state_ = State::before;
  const MessageTable* message_ = nullptr;
  std::string_view payload_[2];  ///< args and kwargs, or the opaque payload
  std::size_t payloadCount_ = 0;
  std::size_t payloadIndex_ = 0;
  bool isOpaque_ = false;
};

}  // namespace

std::unique_ptr<Decoder> makeFlatbuffersDecoder() { return std::make_unique<FlatbuffersDecoder>(); }

}  // namespace autobahn::inline v0::wamp
