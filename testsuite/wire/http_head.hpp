// HTTP/1.1 heads as the harness writes and reads them: its own, so that the library's parser proves nothing
// here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wstest {

/// A request's or a response's head, as received.
struct HttpHead {
  std::string startLine;
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order; values without outer white space
  std::string raw;                                           ///< with the empty line

  /// All values of a header, in order; names are compared without case.
  std::vector<std::string> all(std::string_view name) const;
  /// All values joined with ", " (RFC 9110, 5.3); nothing when the header is missing.
  std::optional<std::string> value(std::string_view name) const;
  /// Whether a comma-separated header has the token, without case.
  bool hasToken(std::string_view name, std::string_view token) const;
  /// Of a response: 101, …; 0 when the start line is none of HTTP/1.1.
  int status() const;
  /// Of a request: "GET", "/runCase?case=1".
  std::string method() const;
  std::string target() const;
};

/// The head at the beginning of `bytes`, and how long it is; nothing while its empty line is missing.
std::optional<std::pair<HttpHead, std::size_t>> parseHead(std::string_view bytes);

/// Splits at commas outside quotes, trimmed.
std::vector<std::string> splitList(std::string_view list);

/// "/runCase?case=1&agent=a%20b" in parts, decoded. A parameter may come more than once.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> all(std::string_view name) const;
};
Target parseTarget(std::string_view target);

/// One extension with its parameters, from Sec-WebSocket-Extensions (RFC 6455, 9.1).
struct ExtensionText {
  std::string name;
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
  bool has(std::string_view parameter) const;
  std::optional<std::string> value(std::string_view parameter) const;
};
std::vector<ExtensionText> parseExtensions(std::string_view header);

/// Sec-WebSocket-Accept for a key (RFC 6455, 4.2.2).
std::string acceptFor(std::string_view key);
std::string base64(std::string_view bytes);
/// 16 random bytes in base64.
std::string randomKey();

}  // namespace wstest
