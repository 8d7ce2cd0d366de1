// The HTTP parsers, of requests and of responses: the same in pieces, within the limits, and what they read
// can be written and read again.
#include <autobahn/websocket/http.hpp>
#include <optional>
#include <string>

#include "choices.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace websocket::http;

struct Reading {
  ParseStatus status;
  std::size_t taken;
  std::string said;  ///< all of the message, or of the error

  bool operator==(const Reading&) const = default;
};

std::string words(const Headers& headers) {
  std::string all;
  for (const auto& [name, value] : headers) all += name + ": " + value + '\n';
  return all;
}
std::string words(const Request& request) {
  return request.method + ' ' + request.target + ' ' + std::to_string(request.minorVersion) + '\n' +
         words(request.headers) + '\n' + request.body + (request.keepAlive ? "\nkeep" : "\nclose");
}
std::string words(const Response& response) {
  return std::to_string(response.status) + ' ' + response.reason + ' ' +
         std::to_string(response.minorVersion) + '\n' + words(response.headers) + '\n' + response.body +
         (response.keepAlive ? "\nkeep" : "\nclose");
}

Request& messageOf(RequestParser& parser) { return parser.request(); }
Response& messageOf(ResponseParser& parser) { return parser.response(); }

ParseStatus finish(RequestParser&, ParseStatus status) { return status; }
ParseStatus finish(ResponseParser& parser, ParseStatus status) {
  return status == ParseStatus::partial ? parser.finish() : status;
}

template <class Parser>
Reading read(Parser parser, std::string_view input, std::uint32_t how) {
  Cuts cuts(how);
  Reading reading{ParseStatus::partial, 0, {}};
  while (reading.taken < input.size() && reading.status == ParseStatus::partial) {
    const ExactBytes piece(input.substr(reading.taken, cuts.next(input.size() - reading.taken)));
    std::string_view left = piece.view();
    reading.status = parser.feed(left);
    reading.taken += piece.view().size() - left.size();
    require(left.empty() || reading.status != ParseStatus::partial, "not all of a partial message was taken");
  }
  require(parser.started() == (reading.taken != 0 || reading.status == ParseStatus::bad),
          "started() is wrong");
  reading.status = finish(parser, reading.status);
  if (reading.status == ParseStatus::bad) {
    const ParseError& error = parser.error();
    require(error.status >= 400 && error.status <= 599 && !error.reason.empty(),
            "an error without status or reason");
    reading.said = std::to_string(error.status) + ' ' + error.reason;
    // What was taken before it was refused depends on the cuts.
    reading.taken = 0;
  }
  if (reading.status == ParseStatus::complete) reading.said = words(messageOf(parser));
  return reading;
}

void checkLimits(const Limits& limits, const Headers& headers, std::string_view body, std::size_t taken) {
  std::size_t size = 0;
  for (const auto& [name, value] : headers) {
    size += name.size() + value.size() + 3;
    require(isToken(name) && isFieldValue(value), "a field that no message may have");
  }
  require(size <= limits.maxHeadSize, "a head above the limit");
  require(headers.size() <= limits.maxHeaders, "more fields than the limit");
  require(body.size() <= limits.maxBodySize, "a body above the limit");
  require(size + body.size() <= taken, "more than was taken");
}

template <class Parser>
void check(const Parser& parser, const Limits& limits, std::string_view input, std::uint32_t seed) {
  const Reading whole = read(parser, input, 0);
  for (const std::uint32_t cuts : {1U, 2U + seed, 300U + seed}) {
    const Reading pieces = read(parser, input, cuts);
    require(pieces == whole, "in pieces: " + pieces.said + "; whole: " + whole.said);
  }
  if (whole.status != ParseStatus::complete) return;
  require(whole.taken <= input.size(), "more taken than there was");
  // Nothing behind its end makes a message, and nothing of it can be left away, but for what the end itself
  // says.
  Parser exact = parser;
  std::string_view message = input.substr(0, whole.taken);
  const ParseStatus status = finish(exact, exact.feed(message));
  require(status == ParseStatus::complete && words(messageOf(exact)) == whole.said,
          "what follows changes a message");
  checkLimits(limits, messageOf(exact).headers, messageOf(exact).body, whole.taken);
}

// Transfer-Encoding and interim answers are gone; what is written is framed by a length.
template <class Parser, class Message>
void checkWriting(Parser parser, Parser reader, std::string_view input, Message& (*message)(Parser&)) {
  if (finish(parser, parser.feed(input)) != ParseStatus::complete) return;
  Message made = message(parser);
  made.headers.remove("Transfer-Encoding");
  std::string written;
  try {
    written = serialize(made);
  } catch (const std::invalid_argument& error) {
    return require(made.headers.contains("Content-Length"),
                   std::string("read but not written: ") + error.what());
  }
  std::string_view rest = written;
  const ParseStatus status = reader.feed(rest);
  require(status == ParseStatus::complete && rest.empty(),
          "what was written cannot be read: " + reader.error().reason);
  require(message(reader).body == made.body, "another body");
  for (const auto& [name, value] : made.headers) {
    require(message(reader).headers.joined(name) == made.headers.joined(name) ||
                equalsIgnoreCase(name, "Connection"),
            "another header " + name);
  }
}

}  // namespace

void tryHttp(std::string_view input) {
  Choices choices(input);
  const unsigned kind = choices.byte();
  const std::uint32_t seed = choices.byte();
  Limits limits;
  if ((kind & 4) != 0) limits = {.maxHeadSize = 100, .maxHeaders = 4, .maxBodySize = 10};
  const std::string_view text = choices.rest();
  // What is written again has two fields more, and colons with spaces behind them.
  const Limits larger{.maxHeadSize = 2 * Limits{}.maxHeadSize, .maxHeaders = Limits{}.maxHeaders + 2};
  if ((kind & 1) == 0) {
    check(RequestParser(limits), limits, text, seed);
    checkWriting<RequestParser, Request>(RequestParser(), RequestParser(larger), text, messageOf);
  } else {
    const std::string_view method = (kind & 2) == 0 ? "GET" : (kind & 8) == 0 ? "HEAD" : "CONNECT";
    check(ResponseParser(limits, method), limits, text, seed);
    checkWriting<ResponseParser, Response>(ResponseParser(Limits{}, "GET"), ResponseParser(larger, "GET"),
                                           text, messageOf);
  }
}

}  // namespace autobahn::fuzz
