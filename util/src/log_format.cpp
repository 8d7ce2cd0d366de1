// A record as one line of text that whatever a peer sent cannot break out of.
#include <algorithm>
#include <array>
#include <charconv>

#include "autobahn/util/log.hpp"
#include "autobahn/util/text.hpp"
#include "autobahn/util/utf8.hpp"

namespace autobahn::inline v0::util {
namespace {

constexpr std::array<std::string_view, 7> kLevelNames = {"TRACE", "DEBUG",    "INFO", "WARNING",
                                                         "ERROR", "CRITICAL", "OFF"};

void appendHexEscape(std::string& line, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  line += "\\x";
  line += kHex[byte >> 4];
  line += kHex[byte & 15];
}

// How many bytes at the front of valid UTF-8 are a character beyond ASCII that ends a line or steers a
// terminal: C1 controls (U+0080…9F), line and paragraph separator and bidirectional overrides
// (U+2028…202E), isolates (U+2066…2069).
std::size_t steeringCharacter(std::string_view text) {
  if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) return 2;
  if (text.size() < 3 || text[0] != '\xE2') return 0;
  const auto last = static_cast<unsigned char>(text[2]);
  if (text[1] == '\x80' && last >= 0xA8 && last <= 0xAE) return 3;
  if (text[1] == '\x81' && last >= 0xA6 && last <= 0xA9) return 3;
  return 0;
}

void appendEscaped(std::string& line, std::string_view text, bool quoted) {
  const bool isText = isValidUtf8(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else if (c == '\t') {
      line += "\\t";
    } else if (c == '\\' || (quoted && c == '"')) {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !isText)) {
      appendHexEscape(line, byte);
    } else if (const std::size_t size = byte >= 0x80 ? steeringCharacter(text.substr(at)) : 0; size != 0) {
      for (std::size_t i = 0; i < size; ++i) appendHexEscape(line, static_cast<unsigned char>(text[at + i]));
      at += size - 1;
    } else {
      line += c;
    }
  }
}

void appendText(std::string& line, std::string_view text) {
  const bool quoted = text.empty() || text.find_first_of(" =\"") != std::string_view::npos;
  if (quoted) line += '"';
  appendEscaped(line, text, quoted);
  if (quoted) line += '"';
}

struct ValueAppender {
  std::string& line;

  void operator()(std::string_view text) const { appendText(line, text); }
  void operator()(bool value) const { line += value ? "true" : "false"; }
  template <class Number>
  void operator()(Number value) const {
    char digits[32];
    const auto result = std::to_chars(std::begin(digits), std::end(digits), value);
    line.append(digits, result.ptr);
  }
};

void appendRecordText(std::string& line, const LogRecord& record) {
  appendEscaped(line, record.message, false);
  for (const LogField& field : record.fields) {
    line += ' ';
    appendEscaped(line, field.name, false);
    line += '=';
    std::visit(ValueAppender{line}, field.value.get());
  }
}

char toUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string_view levelName(Level level) {
  const auto index = static_cast<std::size_t>(level);
  return index < kLevelNames.size() ? kLevelNames[index] : "?";
}

std::optional<Level> parseLevel(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), toUpper);
  if (upper == "WARN") return Level::warning;
  const auto found = std::find(kLevelNames.begin(), kLevelNames.end(), upper);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<Level>(found - kLevelNames.begin());
}

std::string formatLogText(const LogRecord& record) {
  std::string line;
  appendRecordText(line, record);
  return line;
}

std::string formatLogLine(const LogRecord& record) {
  std::string line = utcstr(record.time);
  line += ' ';
  line += levelName(record.level);
  line += ' ';
  appendEscaped(line, record.logger, false);
  line += ' ';
  appendRecordText(line, record);
  return line;
}

}  // namespace autobahn::inline v0::util
