#include "codec.hpp"

#include <algorithm>
#include <autobahn/util/utf8.hpp>
#include <cassert>

namespace autobahn::inline v0::wamp {

void Decoder::start(std::string_view input, int maxDepth) {
  input_ = input;
  position_ = 0;
  maxDepth_ = std::clamp(maxDepth, 1, kHighestMaxDepth);
  error_.clear();
  restart();
}

bool Decoder::fail(std::size_t offset, std::string_view what) {
  if (error_.empty()) error_ = "byte " + std::to_string(offset) + ": " + std::string(what);
  return false;
}

bool Decoder::skipByReading(std::string_view& raw) {
  const std::size_t begin = position_;
  int depth = 0;
  Token token;
  do {
    if (!next(token)) return failed() ? false : fail("a value wanted");
    if (token.type == TokenType::beginList || token.type == TokenType::beginDict) ++depth;
    if (token.type == TokenType::endList || token.type == TokenType::endDict) --depth;
  } while (depth > 0);
  raw = input_.substr(begin, position_ - begin);
  return true;
}

void Encoder::start(util::ByteBuffer& output, int maxDepth) {
  output_ = &output;
  depth_ = 0;
  maxDepth_ = std::clamp(maxDepth, 1, kHighestMaxDepth);
  error_.clear();
  restart();
}

void Encoder::fail(std::string_view what) {
  if (error_.empty()) error_ = what;
}

void Encoder::enter() {
  if (++depth_ > maxDepth_) fail("nested deeper than " + std::to_string(maxDepth_));
}

void Encoder::text(std::string_view value) {
  if (!util::isValidUtf8(value)) return fail("a string is not UTF-8 (binary data are Bytes)");
  writeText(value);
}

void Encoder::key(std::string_view value) {
  if (!util::isValidUtf8(value)) return fail("a dict's key is not UTF-8");
  writeKey(value);
}

void Encoder::beginList(std::size_t count) {
  enter();
  writeBeginList(count);
}

void Encoder::endList() {
  assert(depth_ > 0);
  --depth_;
  writeEndList();
}

void Encoder::beginDict(std::size_t count) {
  enter();
  writeBeginDict(count);
}

void Encoder::endDict() {
  assert(depth_ > 0);
  --depth_;
  writeEndDict();
}

// ---- Values. Reading recurses within the decoder's limit; writing stops at the encoder's.

namespace {

// Builds each value in its place: nothing is moved when it is complete.
class ValueReader {
 public:
  ValueReader(Decoder& decoder, std::size_t& left) : decoder_(decoder), left_(left) {}

  bool read(const Token& first, Value& value) {
    return readInto(first, [&value](auto&& content) -> Value& {
      return value = Value(std::forward<decltype(content)>(content));
    });
  }

 private:
  // `emplace(content)` makes the value and returns it.
  template <class Emplace>
  bool readInto(const Token& first, const Emplace& emplace) {
    if (left_ == 0) return decoder_.fail("too many values");
    --left_;
    switch (first.type) {
      case TokenType::null:
        emplace(nullptr);
        return true;
      case TokenType::boolean:
        emplace(first.boolean);
        return true;
      case TokenType::integer:
        emplace(first.integer);
        return true;
      case TokenType::unsignedInteger:
        emplace(first.unsignedInteger);
        return true;
      case TokenType::real:
        emplace(first.real);
        return true;
      case TokenType::text:
        emplace(first.text);
        return true;
      case TokenType::bytes:
        emplace(Bytes(first.text));
        return true;
      case TokenType::beginList:
        return fill(emplace(List()).asList(), first.count);
      case TokenType::beginDict:
        return fill(emplace(Dict()).asDict());
      case TokenType::key:
      case TokenType::endList:
      case TokenType::endDict:
        break;
    }
    return decoder_.fail("a value wanted");
  }

  bool fill(List& list, std::size_t announced) {
    // What is announced and not yet there costs little.
    constexpr std::size_t kMostReserved = 64;
    list.reserve(std::min({announced, kMostReserved, left_}));
    const auto emplace = [&list](auto&& content) -> Value& {
      return list.emplace_back(std::forward<decltype(content)>(content));
    };
    for (Token token; decoder_.next(token) && token.type != TokenType::endList;) {
      if (!readInto(token, emplace)) return false;
    }
    return !decoder_.failed();
  }

  bool fill(Dict& dict) {
    for (Token token; decoder_.next(token) && token.type != TokenType::endDict;) {
      auto place = dict.lower_bound(token.text);
      if (place != dict.end() && place->first == token.text) place = dict.erase(place);
      std::string key(token.text);
      const auto emplace = [&](auto&& content) -> Value& {
        return dict.emplace_hint(place, std::move(key), std::forward<decltype(content)>(content))->second;
      };
      if (!decoder_.next(token) || !readInto(token, emplace)) return false;
    }
    return !decoder_.failed();
  }

  Decoder& decoder_;
  std::size_t& left_;
};

}  // namespace

std::optional<Value> decodeValue(Decoder& decoder, const Token& first, std::size_t maxValues) {
  std::optional<Value> value(std::in_place);
  if (!ValueReader(decoder, maxValues).read(first, *value)) return std::nullopt;
  return value;
}

std::optional<Value> decodeValue(Decoder& decoder, std::size_t maxValues) {
  return decodeCounted(decoder, maxValues);
}

std::optional<Value> decodeCounted(Decoder& decoder, std::size_t& left) {
  std::optional<Value> value(std::in_place);
  Token first;
  if (!decoder.next(first) || !ValueReader(decoder, left).read(first, *value)) return std::nullopt;
  return value;
}

void encodeList(Encoder& encoder, const List& list) {
  encoder.beginList(list.size());
  for (const Value& each : list) {
    if (encoder.failed()) return;
    encodeValue(encoder, each);
  }
  encoder.endList();
}

void encodeDict(Encoder& encoder, const Dict& dict) {
  encoder.beginDict(dict.size());
  for (const auto& [key, each] : dict) {
    if (encoder.failed()) return;
    encoder.key(key);
    encodeValue(encoder, each);
  }
  encoder.endDict();
}

void encodeValue(Encoder& encoder, const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      return encoder.null();
    case ValueType::boolean:
      return encoder.boolean(value.asBool());
    case ValueType::integer:
      return encoder.integer(value.asInt64());
    case ValueType::unsignedInteger:
      return encoder.unsignedInteger(value.asUint64());
    case ValueType::real:
      return encoder.real(value.asDouble());
    case ValueType::string:
      return encoder.text(value.asString());
    case ValueType::bytes:
      return encoder.bytes(value.asBytes().view());
    case ValueType::list:
      return encodeList(encoder, value.asList());
    case ValueType::dict:
      return encodeDict(encoder, value.asDict());
  }
}

}  // namespace autobahn::inline v0::wamp
