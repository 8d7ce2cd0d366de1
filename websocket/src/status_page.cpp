#include "status_page.hpp"

#include <algorithm>
#include <functional>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

// Where the page's own address leads as a WebSocket. The Host header is the peer's: only a well-formed one is
// repeated.
std::string webSocketUrl(const http::Request& request, const ServerIdentity& identity) {
  const std::string_view host = request.headers.get("Host");
  std::string url = identity.isSecure ? "wss://" : "ws://";
  url += http::parseAuthority(host) ? host : "localhost";
  const std::string_view target = request.target;
  url += target.starts_with('/') ? target : "/";
  return url;
}

}  // namespace

std::string escapeHtml(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

http::Response statusPage(const http::Request& request, const ServerIdentity& identity) {
  if (request.method != "GET" && request.method != "HEAD") {
    return refusal(405, "this is a WebSocket server; it answers GET", {{"Allow", "GET, HEAD"}});
  }
  http::Response response;
  response.keepAlive = request.keepAlive;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "no-store"}};
  if (!identity.server.empty()) response.headers.add("Server", identity.server);
  const std::string url = escapeHtml(webSocketUrl(request, identity));
  std::string body =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Autobahn WebSocket "
      "server</title>\n"
      "<style>body{font-family:sans-serif;max-width:40em;margin:3em auto;padding:0 1em}"
      "pre{background:#eee;padding:1em;overflow:auto}</style></head>\n"
      "<body>\n<h1>Autobahn WebSocket server</h1>\n"
      "<p>This address speaks WebSocket (RFC 6455); there is no web page here. Connect from a browser "
      "with</p>\n"
      "<pre>const socket = new WebSocket(\"" +
      url + "\");\nsocket.onmessage = event =&gt; console.log(event.data);</pre>\n";
  if (!identity.server.empty()) body += "<p><small>" + escapeHtml(identity.server) + "</small></p>\n";
  body += "</body>\n</html>\n";
  if (request.method == "HEAD") {
    response.headers.add("Content-Length", std::to_string(body.size()));
  } else {
    response.body = std::move(body);
  }
  return response;
}

http::Response upgradeRequired(const ServerOptions& options) {
  std::vector<int> versions = options.versions;
  std::ranges::sort(versions, std::ranges::greater{});
  std::string list;
  for (const int version : versions) list += (list.empty() ? "" : ", ") + std::to_string(version);
  return refusal(426, "this is a WebSocket server: send an upgrade to WebSocket",
                 {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", list}});
}

}  // namespace autobahn::inline v0::websocket
