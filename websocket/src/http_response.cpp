// What is special about responses: the status line, interim answers, bodies that last until the end.
#include <algorithm>
#include <autobahn/websocket/http.hpp>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket::http {

void ResponseParser::reset() {
  restart();
  response_ = {};
}

// RFC 9112 section 4: version SP status SP [reason].
void ResponseParser::takeStartLine(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 9 || line[7] < '0' || line[7] > '9' || line[8] != ' ') {
    return fail(502, "status line does not start with HTTP/1.1");
  }
  // A higher minor version is read as the highest we know (RFC 9110 section 2.5).
  response_.minorVersion = line[7] == '0' ? 0 : 1;
  line.remove_prefix(9);
  const auto status = line.size() >= 3 ? parseNumber<int>(line.substr(0, 3)) : std::nullopt;
  if (!status || *status < 100 || *status > 599 || (line.size() > 3 && line[3] != ' ')) {
    return fail(502, "status line has no status of three digits");
  }
  response_.status = *status;
  response_.reason = line.substr(std::min<std::size_t>(4, line.size()));
  if (!isFieldValue(response_.reason)) return fail(502, "status line holds a control character");
}

void ResponseParser::takeHead() {
  const int status = response_.status;
  if (status < 200 && status != 101) {
    // An interim answer (RFC 9110 section 15.2). Size and number of fields go on counting: no endless row of
    // them.
    response_ = {};
    phase_ = Phase::startLine;
    return;
  }
  const bool close = listContains(response_.headers, "Connection", "close");
  const bool keep = listContains(response_.headers, "Connection", "keep-alive");
  response_.keepAlive = !close && (response_.minorVersion == 1 || keep);
  const bool isTunnel = isConnect_ && status >= 200 && status < 300;
  if (status == 101 || status == 204 || status == 304 || isHead_ || isTunnel) {
    phase_ = Phase::complete;
  } else if (!frameBody(response_.minorVersion)) {
    phase_ = Phase::body;
    untilClose_ = true;
    response_.keepAlive = false;
  }
  // Also with a body beyond the limit: status and fields can be used all the same.
  headComplete_ = true;
}

ParseStatus ResponseParser::finish() {
  if (phase_ == Phase::body && untilClose_) phase_ = Phase::complete;
  if (phase_ == Phase::complete) return ParseStatus::complete;
  if (phase_ != Phase::bad) {
    fail(502,
         started() ? "the connection ended inside the response" : "the connection ended without a response");
  }
  return ParseStatus::bad;
}

}  // namespace autobahn::inline v0::websocket::http
