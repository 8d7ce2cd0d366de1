// What is special about requests: the request line, the target, Host.
#include <algorithm>
#include <autobahn/websocket/http.hpp>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket::http {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void RequestParser::reset() {
  restart();
  request_ = {};
  authority_.clear();
}

// RFC 9112 section 3: method SP target SP version, one space each.
void RequestParser::takeStartLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(400, "request line is not method, target and version");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!isToken(method)) return fail(400, "request method is not a token");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !isDigit(version[5]) || version[6] != '.' ||
      !isDigit(version[7])) {
    return fail(400, "request line does not end in an HTTP version");
  }
  if (version[5] != '1') return fail(505, "HTTP version is not 1");
  request_.method = method;
  // A higher minor version is read as the highest we know (RFC 9110 section 2.5).
  request_.minorVersion = version.back() == '0' ? 0 : 1;
  takeTarget(target);
}

void RequestParser::takeTarget(std::string_view target) {
  if (target.find('#') != std::string_view::npos) return fail(400, "request target has a fragment");
  if (!isTarget(target))
    return fail(400, "request target holds a space or a character that is not visible ASCII");
  if (request_.method == "CONNECT") {
    const auto authority = parseAuthority(target);
    if (!authority || !authority->port) return fail(400, "target of CONNECT is not host:port");
  } else if (target == "*") {
    if (request_.method != "OPTIONS") return fail(400, "target * belongs to OPTIONS");
  } else if (target.front() != '/') {
    const std::size_t mark = target.find("://");
    const std::string_view scheme = target.substr(0, mark);
    if (mark == std::string_view::npos ||
        !(equalsIgnoreCase(scheme, "http") || equalsIgnoreCase(scheme, "https") ||
          equalsIgnoreCase(scheme, "ws") || equalsIgnoreCase(scheme, "wss"))) {
      return fail(400, "request target is neither a path nor an http URL");
    }
    target.remove_prefix(mark + 3);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    authority_ = target.substr(0, end);
    if (!parseAuthority(authority_)) return fail(400, "request target has a malformed host");
    request_.target = target.substr(end).starts_with('/') ? "" : "/";
    request_.target += target.substr(end);
    return;
  }
  request_.target = target;
}

void RequestParser::takeHead() {
  const Headers& fields = request_.headers;
  const std::size_t hosts = fields.count("Host");
  if (hosts > 1) return fail(400, "more than one Host header");
  if (hosts == 0 && request_.minorVersion == 1) return fail(400, "no Host header");
  if (!authority_.empty() && hosts == 1 && !equalsIgnoreCase(authority_, fields.get("Host"))) {
    return fail(400, "Host header differs from the host of the request target");
  }
  const bool close = listContains(fields, "Connection", "close");
  request_.keepAlive =
      !close && (request_.minorVersion == 1 || listContains(fields, "Connection", "keep-alive"));
  // Bytes behind the head belong to the WebSocket: a body there is an attempt to smuggle (RFC 9110
  // section 7.8).
  const bool declaresBody = fields.contains("Transfer-Encoding") ||
                            (fields.contains("Content-Length") && fields.get("Content-Length") != "0");
  if (declaresBody && listContains(fields, "Upgrade", "websocket")) {
    return fail(400, "request for a WebSocket declares a body");
  }
  if (!frameBody(request_.minorVersion)) phase_ = Phase::complete;
  headComplete_ = phase_ != Phase::bad;
}

}  // namespace autobahn::inline v0::websocket::http
