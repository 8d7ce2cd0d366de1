#include "wire/http_head.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace wstest {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Splits at `separator` outside double quotes, trimmed.
std::vector<std::string> splitOutsideQuotes(std::string_view text, char separator) {
  std::vector<std::string> parts;
  bool isQuoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') isQuoted = !isQuoted;
    if (i < text.size() && (isQuoted || text[i] != separator)) continue;
    parts.emplace_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return parts;
}

std::optional<int> hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return std::nullopt;
}

std::string percentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() && text[i] == '%' ? hexDigit(text[i + 1]) : std::nullopt;
    const auto low = high ? hexDigit(text[i + 2]) : std::nullopt;
    if (low) {
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> HttpHead::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers) {
    if (equalsIgnoringCase(key, name)) values.push_back(value);
  }
  return values;
}

std::optional<std::string> HttpHead::value(std::string_view name) const {
  const auto values = all(name);
  if (values.empty()) return std::nullopt;
  std::string joined = values.front();
  for (std::size_t i = 1; i < values.size(); ++i) joined += ", " + values[i];
  return joined;
}

bool HttpHead::hasToken(std::string_view name, std::string_view token) const {
  const auto tokens = splitList(value(name).value_or(""));
  return std::ranges::any_of(tokens,
                             [&](const std::string& each) { return equalsIgnoringCase(each, token); });
}

int HttpHead::status() const {
  constexpr std::size_t kEnd = 12;
  if (!startLine.starts_with("HTTP/1.1 ") || startLine.size() < kEnd) return 0;
  // RFC 9112, 4: three digits and a space. That the space is often missing when no words follow is well
  // known.
  if (startLine.size() > kEnd && startLine[kEnd] != ' ') return 0;
  const std::string digits = startLine.substr(9, 3);
  const bool isNumber = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  return isNumber ? std::stoi(digits) : 0;
}

std::string HttpHead::method() const { return startLine.substr(0, startLine.find(' ')); }

std::string HttpHead::target() const {
  const auto begin = startLine.find(' ');
  if (begin == std::string::npos) return "";
  return startLine.substr(begin + 1, startLine.find(' ', begin + 1) - begin - 1);
}

std::optional<std::pair<HttpHead, std::size_t>> parseHead(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  HttpHead head;
  head.raw = bytes.substr(0, end + 4);
  std::string_view lines = std::string_view(head.raw).substr(0, end);
  bool isFirst = true;
  while (isFirst || !lines.empty()) {
    const auto lineEnd = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, lineEnd);
    lines.remove_prefix(std::min(lineEnd + 2, lines.size()));
    if (isFirst) {
      head.startLine = line;
    } else {
      const auto colon = std::min(line.find(':'), line.size());
      head.headers.emplace_back(line.substr(0, colon), trim(line.substr(std::min(colon + 1, line.size()))));
    }
    isFirst = false;
  }
  return std::pair{std::move(head), end + 4};
}

std::vector<std::string> splitList(std::string_view list) { return splitOutsideQuotes(list, ','); }

std::vector<std::string> Target::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : parameters) {
    if (key == name) values.push_back(value);
  }
  return values;
}

Target parseTarget(std::string_view target) {
  const auto question = std::min(target.find('?'), target.size());
  Target out{percentDecode(target.substr(0, question)), {}};
  if (question == target.size()) return out;
  std::string_view query = target.substr(question + 1);
  for (;;) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    out.parameters.emplace_back(percentDecode(pair.substr(0, equals)),
                                percentDecode(pair.substr(std::min(equals + 1, pair.size()))));
    if (end == query.size()) return out;
    query.remove_prefix(end + 1);
  }
}

bool ExtensionText::has(std::string_view parameter) const {
  return std::ranges::any_of(parameters, [&](const auto& each) { return each.first == parameter; });
}

std::optional<std::string> ExtensionText::value(std::string_view parameter) const {
  const auto found =
      std::ranges::find_if(parameters, [&](const auto& each) { return each.first == parameter; });
  return found == parameters.end() ? std::nullopt : found->second;
}

std::vector<ExtensionText> parseExtensions(std::string_view header) {
  std::vector<ExtensionText> extensions;
  for (const std::string& text : splitList(header)) {
    const auto parts = splitOutsideQuotes(text, ';');
    ExtensionText extension{parts.front(), {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const auto equals = parts[i].find('=');
      const std::string name(trim(std::string_view(parts[i]).substr(0, equals)));
      std::optional<std::string> value;
      if (equals != std::string::npos) {
        std::string_view quoted = trim(std::string_view(parts[i]).substr(equals + 1));
        if (quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"') {
          quoted = quoted.substr(1, quoted.size() - 2);
        }
        value = std::string(quoted);
      }
      extension.parameters.emplace_back(name, value);
    }
    extensions.push_back(std::move(extension));
  }
  return extensions;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return out;
}

std::string acceptFor(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-1");
  }
  return base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string randomKey() {
  std::array<unsigned char, 16> bytes{};
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random numbers from OpenSSL");
  }
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace wstest
