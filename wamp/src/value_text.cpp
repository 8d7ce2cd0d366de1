#include "value_text.hpp"

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/text.hpp>
#include <autobahn/util/utf8.hpp>
#include <charconv>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kEllipsis = "…";
// What is nested deeper than this is for nobody to read, and would recurse.
constexpr int kMaxShownDepth = 16;

void appendEscaped(std::string& out, std::string_view text) {
  const bool isText = util::isValidUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isText)) {
      out += "\\x";
      out += util::hexEncode({&c, 1});
    } else {
      out += c;
    }
  }
}

std::string realText(double value) {
  char digits[32];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  std::string text(digits, end);
  // A whole number still reads as a floating point number.
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

// Writes until the limit is passed; then nothing more is added.
class Printer {
 public:
  explicit Printer(std::size_t limit) : limit_(limit) {}

  void print(const Value& value, int depth = 0) {
    switch (value.type()) {
      case ValueType::null:
        out_ += "null";
        break;
      case ValueType::boolean:
        out_ += value.asBool() ? "true" : "false";
        break;
      case ValueType::integer:
        out_ += std::to_string(value.asInt64());
        break;
      case ValueType::unsignedInteger:
        out_ += std::to_string(value.asUint64());
        break;
      case ValueType::real:
        out_ += realText(value.asDouble());
        break;
      case ValueType::string:
        out_ += quoted(value.asString(), room());
        break;
      case ValueType::bytes:
        printBytes(value.asBytes().view());
        break;
      case ValueType::list:
        printList(value.asList(), depth);
        break;
      case ValueType::dict:
        printDict(value.asDict(), depth);
        break;
    }
  }

  std::string take() {
    if (out_.size() <= limit_) return std::move(out_);
    return util::encodeTruncate(out_, limit_) + std::string(kEllipsis);
  }

 private:
  std::size_t room() const { return out_.size() < limit_ ? limit_ - out_.size() : 0; }

  void printBytes(std::string_view bytes) {
    const std::string_view shown = bytes.substr(0, room() / 2 + 1);
    out_ += "h'" + util::hexEncode(shown);
    if (shown.size() < bytes.size()) out_ += kEllipsis;
    out_ += '\'';
  }

  void printList(const List& list, int depth) {
    out_ += '[';
    for (const Value& each : list) {
      if (&each != list.data()) out_ += ", ";
      if (stop(depth)) break;
      print(each, depth + 1);
    }
    out_ += ']';
  }

  void printDict(const Dict& dict, int depth) {
    out_ += '{';
    bool isFirst = true;
    for (const auto& [key, each] : dict) {
      if (!std::exchange(isFirst, false)) out_ += ", ";
      if (stop(depth)) break;
      out_ += quoted(key, room()) + ": ";
      print(each, depth + 1);
    }
    out_ += '}';
  }

  bool stop(int depth) {
    const bool isEnough = room() == 0 || depth >= kMaxShownDepth;
    if (isEnough) out_ += kEllipsis;
    return isEnough;
  }

  std::string out_;
  std::size_t limit_;
};

}  // namespace

std::string quoted(std::string_view text, std::size_t limit) {
  std::string out = "\"";
  const bool isCut = text.size() > limit;
  appendEscaped(out, isCut ? util::encodeTruncate(text, limit) : std::string(text));
  if (isCut) out += kEllipsis;
  return out + '"';
}

std::string describeValue(const Value& value) {
  switch (value.type()) {
    case ValueType::boolean:
      return value.asBool() ? "true" : "false";
    case ValueType::integer:
    case ValueType::unsignedInteger:
      return "the integer " + value.toString();
    case ValueType::real:
      return "the floating point number " + value.toString();
    case ValueType::string:
      return "the string " + quoted(value.asString());
    default:
      return std::string(typeName(value.type()));
  }
}

std::string Value::toString(std::size_t limit) const {
  Printer printer(limit);
  printer.print(*this);
  return printer.take();
}

}  // namespace autobahn::inline v0::wamp
