// The server's half of the opening handshake (RFC 6455 section 4.2).
#include <algorithm>
#include <array>
#include <autobahn/websocket/forwarded.hpp>
#include <functional>
#include <set>
#include <stdexcept>

#include "handshake.hpp"
#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

using Refusal = std::optional<http::Response>;

Refusal badRequest(std::string_view reason) { return refusal(400, reason); }

// The rules of HTTP that an upgrade must keep.
Refusal checkHttp(const http::Request& request) {
  if (request.method != "GET") return refusal(405, "a WebSocket is opened with GET", {{"Allow", "GET"}});
  if (request.minorVersion != 1) return refusal(505, "a WebSocket needs HTTP/1.1");
  if (!request.target.starts_with('/')) return badRequest("request target is not a path");
  const Headers& headers = request.headers;
  const std::string* length = headers.find("Content-Length");
  if ((length != nullptr && *length != "0") || headers.contains("Transfer-Encoding") ||
      !request.body.empty()) {
    return badRequest("request for a WebSocket declares a body");
  }
  if (!headers.contains("Upgrade")) return badRequest("no Upgrade header");
  if (!http::listContains(headers, "Upgrade", "websocket"))
    return badRequest("Upgrade header does not list websocket");
  if (!headers.contains("Connection")) return badRequest("no Connection header");
  if (!http::listContains(headers, "Connection", "upgrade")) {
    return badRequest("Connection header does not list Upgrade");
  }
  return std::nullopt;
}

Refusal checkHost(const Headers& headers, const ServerIdentity& identity, ConnectionRequest& out) {
  if (headers.count("Host") != 1) return badRequest("there must be one Host header");
  const auto authority = http::parseAuthority(headers.get("Host"));
  if (!authority) return badRequest("Host header is malformed");
  out.host = authority->host;
  out.port = authority->port.value_or(identity.isSecure ? 443 : 80);
  if (identity.externalPort != 0 && out.port != identity.externalPort) {
    return badRequest("port " + std::to_string(out.port) + " of the Host header is not the server's port " +
                      std::to_string(identity.externalPort));
  }
  return std::nullopt;
}

Refusal checkTarget(const http::Request& request, ConnectionRequest& out) {
  const std::string_view target = request.target;
  auto path = http::percentDecode(target.substr(0, target.find('?')));
  if (!path) return badRequest("path has a malformed percent escape");
  if (path->find('\0') != std::string::npos) return badRequest("path holds NUL");
  out.path = std::move(*path);
  out.params = http::parseQuery(request.query());
  return std::nullopt;
}

Refusal checkVersion(const Headers& headers, const std::vector<int>& spoken, ConnectionRequest& out) {
  if (headers.count("Sec-WebSocket-Version") != 1)
    return badRequest("there must be one Sec-WebSocket-Version header");
  const std::string_view text = headers.get("Sec-WebSocket-Version");
  // RFC 6455 section 4.3: 0…255 without leading zeros.
  const auto version = http::parseNumber<std::uint8_t>(text);
  if (!version || (text.size() > 1 && text.front() == '0')) {
    return badRequest("Sec-WebSocket-Version header is not a version number");
  }
  out.version = *version;
  if (std::ranges::find(spoken, out.version) != spoken.end()) return std::nullopt;
  std::vector<int> sorted = spoken;
  std::ranges::sort(sorted, std::ranges::greater{});
  std::string list;
  for (const int each : sorted) list += (list.empty() ? "" : ", ") + std::to_string(each);
  return refusal(426, "WebSocket version " + std::to_string(out.version) + " is not spoken here, but " + list,
                 {{"Sec-WebSocket-Version", list}, {"Upgrade", "websocket"}});
}

// 16 bytes in base64 are 22 letters and "==".
bool isKey(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/';
         });
}

Refusal checkKey(const Headers& headers) {
  if (headers.count("Sec-WebSocket-Key") != 1)
    return badRequest("there must be one Sec-WebSocket-Key header");
  if (!isKey(headers.get("Sec-WebSocket-Key"))) {
    return badRequest("Sec-WebSocket-Key header is not 16 bytes in base64");
  }
  return std::nullopt;
}

Refusal checkProtocols(const Headers& headers, ConnectionRequest& out) {
  if (!headers.contains("Sec-WebSocket-Protocol")) return std::nullopt;
  out.protocols.clear();
  const std::string all = headers.joined("Sec-WebSocket-Protocol");
  std::set<std::string_view> seen;
  for (const std::string_view protocol : http::splitList(all)) {
    if (!http::isToken(protocol))
      return badRequest("Sec-WebSocket-Protocol header holds what is not a token");
    if (!seen.insert(protocol).second)
      return badRequest("Sec-WebSocket-Protocol header names a subprotocol twice");
    out.protocols.emplace_back(protocol);
  }
  if (seen.empty()) return badRequest("Sec-WebSocket-Protocol header is empty");
  return std::nullopt;
}

Refusal checkExtensions(const Headers& headers, ConnectionRequest& out) {
  auto extensions = parseExtensions(headers.joined("Sec-WebSocket-Extensions"));
  if (!extensions) return badRequest("Sec-WebSocket-Extensions header is malformed");
  out.extensions = std::move(*extensions);
  return std::nullopt;
}

// A request without an origin does not come from a page in a browser (RFC 6455 section 10.2): it is allowed.
Refusal checkOrigin(const Headers& headers, const ServerOptions& options, ConnectionRequest& out) {
  const bool isOld = out.version < 13 && headers.contains("Sec-WebSocket-Origin");
  const std::string_view name = isOld ? "Sec-WebSocket-Origin" : "Origin";
  if (!headers.contains(name)) return std::nullopt;
  if (headers.count(name) > 1) return badRequest("more than one " + std::string(name) + " header");
  out.origin = headers.get(name);
  if (!options.allowsOrigin(out.origin)) return refusal(403, "this origin may not open a WebSocket here");
  return std::nullopt;
}

// What the handshake itself puts into a 101, or what would frame a body.
bool isOwnHeader(std::string_view name) {
  constexpr std::string_view kPrefix = "Sec-WebSocket-";
  return http::equalsIgnoreCase(name, "Upgrade") || http::equalsIgnoreCase(name, "Connection") ||
         http::equalsIgnoreCase(name, "Content-Length") ||
         http::equalsIgnoreCase(name, "Transfer-Encoding") ||
         http::equalsIgnoreCase(name.substr(0, kPrefix.size()), kPrefix);
}

void addOwn(Headers& all, const Headers& given) {
  for (const auto& [name, value] : given) {
    if (isOwnHeader(name)) {
      throw InvalidState("header " + name +
                         " is set by the handshake itself; leave it out of the accept's headers");
    }
    all.add(name, value);
  }
}

}  // namespace

http::Response refusal(int status, std::string_view reason, Headers headers) {
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.keepAlive = false;
  if (status < 200 || status == 204 || status == 304) return response;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = reason.empty() ? http::reasonPhrase(status) : reason;
  response.body += '\n';
  return response;
}

bool wantsWebSocket(const http::Request& request) {
  return http::listContains(request.headers, "Upgrade", "websocket") ||
         request.headers.contains("Sec-WebSocket-Key") || request.headers.contains("Sec-WebSocket-Version");
}

std::optional<http::Response> checkRequest(http::Request request, const ServerOptions& options,
                                           const ServerIdentity& identity, ConnectionRequest& out) {
  const Headers& headers = request.headers;
  if (auto refused = checkHttp(request)) return refused;
  if (auto refused = checkHost(headers, identity, out)) return refused;
  if (auto refused = checkTarget(request, out)) return refused;
  if (auto refused = checkVersion(headers, options.versions, out)) return refused;
  if (auto refused = checkKey(headers)) return refused;
  if (auto refused = checkProtocols(headers, out)) return refused;
  if (auto refused = checkExtensions(headers, out)) return refused;
  if (auto refused = checkOrigin(headers, options, out)) return refused;
  out.forwardedFor = forwardedFor(headers, options.trustXForwardedFor);
  out.headers = std::move(request.headers);
  return std::nullopt;
}

std::string chooseSubprotocol(const ConnectionRequest& request, const std::vector<std::string>& spoken) {
  for (const std::string& protocol : request.protocols) {
    if (std::ranges::find(spoken, protocol) != spoken.end()) return protocol;
  }
  return {};
}

std::string buildAccept(const ConnectionRequest& request, const ServerIdentity& identity,
                        const ConnectionAccept& accept,
                        const std::optional<PerMessageDeflateOfferAccept>& compression) {
  http::Response response;
  response.status = 101;
  Headers& headers = response.headers;
  const bool hasServer = identity.headers.contains("Server") || accept.headers.contains("Server");
  if (!identity.server.empty() && !hasServer) headers.add("Server", identity.server);
  headers.add("Upgrade", "websocket");
  headers.add("Connection", "Upgrade");
  headers.add("Sec-WebSocket-Accept", acceptKey(request.headers.get("Sec-WebSocket-Key")));
  if (!accept.subprotocol.empty()) {
    if (std::ranges::find(request.protocols, accept.subprotocol) == request.protocols.end()) {
      throw InvalidState(
          "subprotocol " + accept.subprotocol +
          " was not announced by the client; choose one of ConnectionRequest::protocols or none");
    }
    headers.add("Sec-WebSocket-Protocol", accept.subprotocol);
  }
  if (compression) headers.add("Sec-WebSocket-Extensions", compression->toExtensionString());
  addOwn(headers, identity.headers);
  addOwn(headers, accept.headers);
  return http::serialize(response);
}

}  // namespace autobahn::inline v0::websocket
