// Sans-I/O HTTP/1.1: heads, bodies, keep-alive, limits. Used by the opening handshake, the status page,
// static files, small resources beside a WebSocket, and HTTP proxies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::websocket::http {

/// Header fields in the order received or to be sent; several of one name are kept apart. Names compare
/// without case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// Appends a field, keeping others of the same name.
  void add(std::string name, std::string value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string value);
  /// Removes all fields of that name.
  void remove(std::string_view name);
  /// The first value of that name; null when there is none.
  const std::string* find(std::string_view name) const;
  /// The first value of that name, or an empty text.
  std::string_view get(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// How many fields have that name.
  std::size_t count(std::string_view name) const;
  /// All values of that name joined by ", " (RFC 9110 section 5.3).
  std::string joined(std::string_view name) const;

  bool empty() const { return fields_.empty(); }
  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Field> fields_;
};

/// A request: parsed, or to be written.
struct Request {
  std::string method;
  std::string target;    ///< as on the request line: origin form, or "*"
  int minorVersion = 1;  ///< HTTP/1.minorVersion
  Headers headers;
  std::string body;
  bool keepAlive = true;  ///< the peer is willing to send another request on this connection

  /// The target up to the '?', percent-decoded.
  std::string path() const;
  /// The target after the '?', as sent.
  std::string_view query() const;
};

/// A response: parsed, or to be written.
struct Response {
  int status = 200;
  std::string reason;  ///< empty: the standard phrase
  Headers headers;
  std::string body;
  int minorVersion = 1;
  bool keepAlive = true;  ///< false: "Connection: close" is sent and the connection ends after it
};

/// Bounds on what a peer may send; beyond them a request is refused with 431, 414 or 413.
struct Limits {
  std::size_t maxHeadSize = 16 * 1024;  ///< bytes of request line and header fields together
  std::size_t maxHeaders = 100;         ///< number of header fields
  std::size_t maxBodySize = 1024 * 1024;  ///< bytes of a body
};

enum class ParseStatus : std::uint8_t {
  partial,   ///< all input is taken, more is needed
  complete,  ///< the message is complete; bytes behind it are left in the input
  bad,       ///< refused: see `error()`
};

/// Why a message was refused.
struct ParseError {
  int status = 400;    ///< the HTTP status to answer with
  std::string reason;  ///< names the rule and the field: "header line is folded"
};

/// Parses one message at a time, from bytes in pieces of any size, never looking at a byte twice.
/// Strict: CRLF line ends (a bare LF is refused), token field names, no folding, no control characters, no
/// space before the colon, one Content-Length, no Transfer-Encoding together with Content-Length.
class RequestParser {
 public:
  explicit RequestParser(Limits limits = {});
  /// Takes bytes from the front of `input` (what it took is removed from the view).
  ParseStatus feed(std::string_view& input);
  /// Valid after `complete`.
  Request& request();
  /// Valid after `bad`.
  const ParseError& error() const;
  /// True once any byte of the current message was seen.
  bool started() const;
  /// Gets ready for the next message on the same connection.
  void reset();

 private:
  friend class HeadParser;
  Limits limits_;
  // The author of http.cpp completes the private part.
};

class ResponseParser;  // same shape: feed, response(), error(), reset(); heads of 101 and 2xx-to-CONNECT have no body

/// The head and body as bytes. Adds Content-Length (unless the status forbids a body), Date is not added.
/// Throws std::invalid_argument when a name, value, method, target or reason holds CR, LF, NUL or is not
/// what RFC 9110 allows: nothing we are given may inject a header.
std::string serialize(const Request& request);
std::string serialize(const Response& response);

/// The standard phrase of a status code, "" when unknown.
std::string_view reasonPhrase(int status);
/// RFC 9110 section 5.6.2.
bool isToken(std::string_view text);
/// True when `value` may stand in a header field: no CR, LF, NUL or other control character but TAB.
bool isFieldValue(std::string_view value);
/// True when the comma-separated list in all fields of that name holds `token`, compared without case.
bool listContains(const Headers& headers, std::string_view name, std::string_view token);
/// The members of a comma-separated list of tokens, trimmed; empty members dropped.
std::vector<std::string_view> splitList(std::string_view value);
/// ASCII comparison without case.
bool equalsIgnoreCase(std::string_view a, std::string_view b);
/// Decodes %XX ('+' stays '+'); nullopt when an escape is malformed.
std::optional<std::string> percentDecode(std::string_view text);
/// Encodes everything outside RFC 3986 unreserved.
std::string percentEncode(std::string_view text);
/// Decodes an application/x-www-form-urlencoded query in order; '+' is a space.
std::vector<std::pair<std::string, std::string>> parseQuery(std::string_view query);

}  // namespace autobahn::inline v0::websocket::http
