// Sans-I/O HTTP/1.1: heads, bodies, keep-alive, limits. Used by the opening handshake, the status page,
// static files, small resources beside a WebSocket, and HTTP proxies.
#pragma once

#include <autobahn/util/uri.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::websocket::http {

using util::equalsIgnoreCase;
using util::percentDecode;
using util::percentEncode;

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
  std::string method{};
  std::string target{};  ///< as on the request line: origin form, "*", or host:port with CONNECT
  int minorVersion = 1;  ///< HTTP/1.minorVersion
  Headers headers{};
  std::string body{};
  bool keepAlive = true;  ///< the peer is willing to send another request on this connection

  /// The target up to the '?', percent-decoded; as sent when an escape in it is malformed.
  std::string path() const;
  /// The target after the '?', as sent.
  std::string_view query() const;
};

/// A response: parsed, or to be written.
struct Response {
  int status = 200;
  std::string reason{};  ///< empty: the standard phrase
  Headers headers{};
  std::string body{};
  int minorVersion = 1;
  bool keepAlive = true;  ///< false: "Connection: close" is sent and the connection ends after it
};

/// Bounds on what a peer may send; beyond them a request is refused with 431, 414 or 413.
struct Limits {
  std::size_t maxHeadSize = 16 * 1024;    ///< bytes of request line and header fields together
  std::size_t maxHeaders = 100;           ///< number of header fields
  std::size_t maxBodySize = 1024 * 1024;  ///< bytes of a body
};

/// Where a parser is after the bytes it was given.
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

/// What both parsers share. Parses one message at a time, from bytes in pieces of any size, in time linear in
/// their number: nothing is parsed again when more arrives. Strict: CRLF line ends (a bare LF is refused),
/// token field names, no folding, no control characters, no space before the colon, one Content-Length, no
/// Transfer-Encoding together with Content-Length (RFC 9112 sections 2.2, 5, 6). Memory grows with what
/// arrived, never with what was declared. For one thread.
class MessageParser {
 public:
  /// Takes bytes from the front of `input` (what it took is removed from the view).
  ParseStatus feed(std::string_view& input);
  /// Valid after `bad`.
  const ParseError& error() const { return error_; }
  /// True once any byte of the current message was seen.
  bool started() const { return started_; }
  /// True once start line and header fields are complete and acceptable (also when the body is bad).
  bool headComplete() const { return headComplete_; }

 protected:
  enum class Phase : std::uint8_t { startLine, fields, body, chunkSize, chunkEnd, trailers, complete, bad };

  explicit MessageParser(Limits limits) : limits_(limits) {}
  MessageParser(const MessageParser&) = default;
  MessageParser(MessageParser&&) = default;
  MessageParser& operator=(const MessageParser&) = default;
  MessageParser& operator=(MessageParser&&) = default;
  virtual ~MessageParser() = default;

  virtual void takeStartLine(std::string_view line) = 0;
  /// The head is complete: checks it and chooses how the body is framed.
  virtual void takeHead() = 0;
  virtual Headers& headers() = 0;
  virtual std::string& body() = 0;
  /// The status for a start line beyond the limit.
  virtual int startLineTooLong() const { return 431; }

  void fail(int status, std::string reason);
  /// Frames the body by Transfer-Encoding or Content-Length; false when the head has neither.
  bool frameBody(int minorVersion);
  void restart();

  Limits limits_;
  Phase phase_ = Phase::startLine;
  bool headComplete_ = false;
  bool untilClose_ = false;     ///< the body ends with the connection (responses only)
  std::size_t headSize_ = 0;    ///< bytes of start line and fields so far
  std::size_t fieldCount_ = 0;  ///< fields and trailers so far

 private:
  bool step(std::string_view& input);
  std::optional<std::string_view> takeLine(std::string_view& input, std::size_t& used, int tooLong,
                                           std::string_view what);
  void takeField(std::string_view line, bool keep);
  bool takeBody(std::string_view& input);
  void takeChunkSize(std::string_view line);

  bool started_ = false;
  bool chunked_ = false;
  std::size_t bodyLeft_ = 0;       ///< bytes still missing of the body or chunk
  std::size_t chunkOverhead_ = 0;  ///< bytes of chunk-size lines beyond their digits, and of trailers
  std::string pending_;            ///< the beginning of a line whose end has not arrived
  std::string line_;               ///< a line that arrived in pieces, while it is looked at
  ParseError error_;
};

/// Parses requests. An absolute-form target must agree with Host and is turned into origin form; the
/// authority form is taken for CONNECT and "*" for OPTIONS only (RFC 9112 section 3.2). A request for a
/// WebSocket that declares a body is refused.
class RequestParser final : public MessageParser {
 public:
  explicit RequestParser(Limits limits = {}) : MessageParser(limits) {}
  /// Valid after `complete`; may be moved from.
  Request& request() { return request_; }
  /// Gets ready for the next message on the same connection.
  void reset();

 private:
  void takeStartLine(std::string_view line) override;
  void takeHead() override;
  Headers& headers() override { return request_.headers; }
  std::string& body() override { return request_.body; }
  int startLineTooLong() const override { return 414; }
  void takeTarget(std::string_view target);

  Request request_;
  std::string authority_;  ///< of an absolute-form target
};

/// Parses responses. Interim answers (1xx but 101) are passed over. 101, 204, 304, answers to HEAD and 2xx
/// answers to CONNECT have no body (RFC 9112 section 6.3).
class ResponseParser final : public MessageParser {
 public:
  /// `requestMethod`: of the request that is answered; matters for "HEAD" and "CONNECT".
  explicit ResponseParser(Limits limits = {}, std::string_view requestMethod = "GET")
      : MessageParser(limits), isHead_(requestMethod == "HEAD"), isConnect_(requestMethod == "CONNECT") {}
  /// Valid after `complete`, its head also as soon as `headComplete()`; may be moved from.
  Response& response() { return response_; }
  /// The connection has ended: completes a body that lasts until then; `bad` when the response is cut short.
  ParseStatus finish();
  void reset();

 private:
  void takeStartLine(std::string_view line) override;
  void takeHead() override;
  Headers& headers() override { return response_.headers; }
  std::string& body() override { return response_.body; }

  Response response_;
  bool isHead_;
  bool isConnect_;
};

/// The head and body as bytes. Adds Content-Length unless the status forbids a body or it is given (for an
/// answer to HEAD), and "Connection: close" without `keepAlive`; Date is not added. Throws
/// std::invalid_argument when a name, value, method, target or reason holds CR, LF, NUL or is not what RFC
/// 9110 allows: nothing we are given may inject a header.
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
/// Decodes an application/x-www-form-urlencoded query in order; '+' is a space. A part
/// with a malformed escape is kept as it is.
std::vector<std::pair<std::string, std::string>> parseQuery(std::string_view query);

}  // namespace autobahn::inline v0::websocket::http
