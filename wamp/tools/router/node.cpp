#include "node.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <autobahn/util/utf8.hpp>
#include <iterator>
#include <utility>

namespace router_tool {
namespace {

constexpr std::size_t kMaxDepth = 32;

std::string withoutControls(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char each) { return (each >= 0 && each < ' ') || each == 0x7f; }, '?');
  return text;
}

std::string at(const std::string& source, std::size_t line, std::string_view what) {
  return source + ":" + std::to_string(line) + ": " + std::string(what);
}

/// Counts lines as the parser goes on.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  std::size_t lineAt(std::size_t offset) {
    offset = std::min(offset, text_.size());
    for (; offset_ < offset; ++offset_) {
      if (text_[offset_] == '\n') ++line_;
    }
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t line_ = 1;
};

/// What RapidJSON calls while it reads. No token spans lines, so that its end tells its line.
class Builder {
 public:
  Builder(const std::string& source, const rapidjson::MemoryStream& stream, std::string_view text)
      : source_(source), stream_(stream), lines_(text) {}

  // The names that RapidJSON wants.
  bool Null() { return add(Node::Kind::null); }
  bool Bool(bool value) {
    return add(Node::Kind::boolean, [&](Node& node) { node.flag = value; });
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(std::int64_t value) {
    return add(Node::Kind::integer, [&](Node& node) {
      node.integer = value;
      node.real = static_cast<double>(value);
    });
  }
  bool Uint64(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return Int64(static_cast<std::int64_t>(value));
    return Double(static_cast<double>(value));
  }
  bool Double(double value) {
    return add(Node::Kind::real, [&](Node& node) { node.real = value; });
  }
  bool RawNumber(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return add(Node::Kind::text, [&](Node& node) { node.text = checked({text, size}); });
  }
  bool StartObject() { return open(Node::Kind::object); }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    open_.back()->keys.push_back({checked({text, size}), line()});
    return true;
  }
  bool EndObject(rapidjson::SizeType /*count*/) {
    refuseTwins(open_.back()->keys);
    return close();
  }
  bool StartArray() { return open(Node::Kind::list); }
  bool EndArray(rapidjson::SizeType /*count*/) { return close(); }

  Node take() { return std::move(root_); }
  std::size_t lineAt(std::size_t offset) { return lines_.lineAt(offset); }

 private:
  std::size_t line() { return lines_.lineAt(stream_.Tell()); }
  /// RapidJSON lets an escape for half a character pass when it is the second half.
  std::string checked(std::string_view text) {
    if (autobahn::util::isValidUtf8(text)) return std::string(text);
    throw ConfigError(at(source_, line(), "is no JSON: a text that is not UTF-8"));
  }
  Node& addNode(Node::Kind kind) {
    Node* const made = open_.empty() ? &root_ : &open_.back()->items.emplace_back();
    made->kind = kind;
    made->line = line();
    return *made;
  }
  bool add(Node::Kind kind) {
    addNode(kind);
    return true;
  }
  template <class Fill>
  bool add(Node::Kind kind, Fill fill) {
    fill(addNode(kind));
    return true;
  }
  void refuseTwins(std::vector<Node::Key> keys) const {
    const auto isBefore = [](const Node::Key& one, const Node::Key& other) { return one.text < other.text; };
    std::stable_sort(keys.begin(), keys.end(), isBefore);
    const auto first = std::adjacent_find(
        keys.begin(), keys.end(), [](const auto& one, const auto& other) { return one.text == other.text; });
    if (first == keys.end()) return;
    const Node::Key& second = *std::next(first);
    throw ConfigError(
        at(source_, second.line,
           second.text + ": is given twice, in line " + std::to_string(first->line) + " before"));
  }
  // The parents of what is open do not grow meanwhile: pointers to it stay right.
  bool open(Node::Kind kind) {
    if (open_.size() == kMaxDepth) throw ConfigError(at(source_, line(), "is nested too deeply"));
    open_.push_back(&addNode(kind));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string& source_;
  const rapidjson::MemoryStream& stream_;
  LineCounter lines_;
  Node root_;
  std::vector<Node*> open_;
};

void write(rapidjson::Writer<rapidjson::StringBuffer>& writer, const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      writer.Null();
      return;
    case Node::Kind::boolean:
      writer.Bool(node.flag);
      return;
    case Node::Kind::integer:
      writer.Int64(node.integer);
      return;
    case Node::Kind::real:
      writer.Double(node.real);
      return;
    case Node::Kind::text:
      writer.String(node.text.data(), static_cast<rapidjson::SizeType>(node.text.size()));
      return;
    case Node::Kind::list:
      writer.StartArray();
      for (const Node& each : node.items) write(writer, each);
      writer.EndArray();
      return;
    case Node::Kind::object:
      break;
  }
  std::vector<std::size_t> order(node.keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t one, std::size_t other) { return node.keys[one].text < node.keys[other].text; });
  writer.StartObject();
  for (const std::size_t i : order) {
    writer.Key(node.keys[i].text.data(), static_cast<rapidjson::SizeType>(node.keys[i].text.size()));
    write(writer, node.items[i]);
  }
  writer.EndObject();
}

}  // namespace

ConfigError::ConfigError(std::string text) : std::runtime_error(withoutControls(std::move(text))) {}

std::string Node::canonical() const {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  write(writer, *this);
  return {buffer.GetString(), buffer.GetSize()};
}

Node parseNode(const std::string& source, std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  constexpr unsigned kFlags = rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag |
                              rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  Builder builder(source, stream, text);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (result.IsError()) {
    throw ConfigError(at(source, LineCounter(text).lineAt(result.Offset()),
                         std::string("is no JSON: ") + rapidjson::GetParseError_En(result.Code())));
  }
  return builder.take();
}

}  // namespace router_tool
