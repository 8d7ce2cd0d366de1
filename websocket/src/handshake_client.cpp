// The client's half of the opening handshake (RFC 6455 section 4.1).
#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "handshake.hpp"
#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

std::string hostHeader(const ClientRequest& request) {
  const bool isIpv6 = request.host.find(':') != std::string::npos;
  std::string host = isIpv6 ? '[' + request.host + ']' : request.host;
  if (!http::parseAuthority(host))
    throw std::invalid_argument("host is empty or holds a character that no host has");
  const int defaultPort = request.isSecure ? 443 : 80;
  if (request.port != 0 && request.port != defaultPort) host += ':' + std::to_string(request.port);
  return host;
}

std::string protocolHeader(const std::vector<std::string>& protocols) {
  std::set<std::string_view> seen;
  std::string list;
  for (const std::string& protocol : protocols) {
    if (!http::isToken(protocol)) throw std::invalid_argument("subprotocol is not a token");
    if (!seen.insert(protocol).second)
      throw std::invalid_argument("subprotocol " + protocol + " is given twice");
    list += (list.empty() ? "" : ", ") + protocol;
  }
  return list;
}

// Headers that make the request what it is cannot be given a second time.
void checkOwn(const Headers& headers, const ClientRequest& request) {
  constexpr std::array<std::string_view, 9> kOwn = {"Host",
                                                    "Upgrade",
                                                    "Connection",
                                                    "Content-Length",
                                                    "Transfer-Encoding",
                                                    "Sec-WebSocket-Key",
                                                    "Sec-WebSocket-Version",
                                                    "Sec-WebSocket-Protocol",
                                                    "Sec-WebSocket-Extensions"};
  for (const std::string_view name : kOwn) {
    if (headers.contains(name)) {
      throw std::invalid_argument("header " + std::string(name) + " is set by the handshake itself");
    }
  }
  if (!request.origin.empty() && (headers.contains("Origin") || headers.contains("Sec-WebSocket-Origin"))) {
    throw std::invalid_argument("header Origin is given besides the option origin");
  }
  if (!request.useragent.empty() && headers.contains("User-Agent")) {
    throw std::invalid_argument("header User-Agent is given besides the option useragent");
  }
}

// What a peer wrote, made fit for a log line.
std::string printable(std::string_view text) {
  constexpr std::size_t kLimit = 200;
  std::string plain(text.substr(0, std::min({text.size(), text.find_first_of("\r\n"), kLimit})));
  std::ranges::replace_if(
      plain, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return plain;
}

std::string describeRefusal(const http::Response& response) {
  std::string text = "the server answered " + std::to_string(response.status);
  const std::string reason = printable(response.reason);
  if (!reason.empty()) text += ' ' + reason;
  text += " instead of 101";
  const std::string_view location = response.headers.get("Location");
  if (!location.empty()) text += ", with Location: " + printable(location) + " (redirects are not followed)";
  if (response.headers.get("Content-Type").starts_with("text/plain") && !response.body.empty()) {
    text += ": " + printable(response.body);
  }
  return text;
}

// Each of these must be there; Connection is a list, which may come in several lines (RFC 9110 section 5.3).
std::string checkUpgrade(const Headers& headers, std::string_view key) {
  constexpr std::array<std::string_view, 3> kNeeded = {"Upgrade", "Connection", "Sec-WebSocket-Accept"};
  for (const std::string_view name : kNeeded) {
    if (!headers.contains(name)) return "the response has no " + std::string(name) + " header";
    if (headers.count(name) > 1 && name != "Connection")
      return "the response has more than one " + std::string(name) + " header";
  }
  if (!http::equalsIgnoreCase(headers.get("Upgrade"), "websocket")) {
    return "Upgrade header of the response is not websocket: " + printable(headers.get("Upgrade"));
  }
  if (!http::listContains(headers, "Connection", "upgrade")) {
    return "Connection header of the response does not list Upgrade: " + printable(headers.get("Connection"));
  }
  if (headers.get("Sec-WebSocket-Accept") != acceptKey(key)) {
    return "Sec-WebSocket-Accept header of the response does not belong to our Sec-WebSocket-Key";
  }
  const std::string_view length = headers.get("Content-Length");
  if (headers.contains("Transfer-Encoding") || (!length.empty() && length != "0")) {
    return "the response declares a body with Content-Length or Transfer-Encoding";
  }
  return {};
}

std::string checkProtocol(const Headers& headers, const ClientRequest& request, ConnectionResponse& out) {
  constexpr std::string_view kName = "Sec-WebSocket-Protocol";
  if (!headers.contains(kName)) return {};
  if (headers.count(kName) > 1) return "the response has more than one Sec-WebSocket-Protocol header";
  const std::string_view protocol = headers.get(kName);
  if (std::ranges::find(request.protocols, protocol) == request.protocols.end()) {
    return "Sec-WebSocket-Protocol header of the response names a subprotocol that was not asked for: " +
           printable(protocol);
  }
  out.protocol = protocol;
  return {};
}

std::string acceptCompression(const ExtensionOffer& answer, const ClientOptions& options,
                              std::optional<PerMessageDeflateParameters>& compression) {
  std::string error;
  const auto response = PerMessageDeflateResponse::parse(answer, options.perMessageCompressionOffers, error);
  if (!response) return "Sec-WebSocket-Extensions header of the response: " + error;
  PerMessageDeflateResponseAccept accept;
  accept.response = *response;
  if (options.perMessageCompressionAccept) {
    const auto chosen = options.perMessageCompressionAccept(*response);
    if (!chosen)
      return "Sec-WebSocket-Extensions header of the response: perMessageCompressionAccept refused it";
    accept = *chosen;
  }
  try {
    accept.validate();
  } catch (const std::invalid_argument& problem) {
    return std::string("perMessageCompressionAccept: ") + problem.what();
  }
  compression = accept.parameters();
  return {};
}

std::string checkExtensions(const Headers& headers, const ClientOptions& options, ConnectionResponse& out,
                            std::optional<PerMessageDeflateParameters>& compression) {
  auto extensions = parseExtensions(headers.joined("Sec-WebSocket-Extensions"));
  if (!extensions) return "Sec-WebSocket-Extensions header of the response is malformed";
  for (const ExtensionOffer& extension : *extensions) {
    const bool wasOffered = extension.name == PerMessageDeflateOffer::kExtensionName &&
                            !options.perMessageCompressionOffers.empty();
    if (!wasOffered) {
      return "Sec-WebSocket-Extensions header of the response names an extension that was not offered: " +
             extension.name;
    }
    if (compression) return "Sec-WebSocket-Extensions header of the response has permessage-deflate twice";
    std::string problem = acceptCompression(extension, options, compression);
    if (!problem.empty()) return problem;
  }
  out.extensions = std::move(*extensions);
  return {};
}

}  // namespace

std::string buildRequest(const ClientRequest& request, const ClientOptions& options, std::string_view key) {
  const auto version = wireVersion(options.version);
  if (!version) throw std::invalid_argument("version is not 13, 8 or 10…18");
  http::Request made;
  made.method = "GET";
  made.target = request.resource;
  if (!made.target.starts_with('/')) throw std::invalid_argument("resource does not start with '/'");
  checkOwn(request.headers, request);
  Headers& headers = made.headers;
  headers.add("Host", hostHeader(request));
  headers.add("Upgrade", "websocket");
  headers.add("Connection", "Upgrade");
  headers.add("Sec-WebSocket-Key", std::string(key));
  headers.add("Sec-WebSocket-Version", std::to_string(*version));
  if (!request.protocols.empty()) headers.add("Sec-WebSocket-Protocol", protocolHeader(request.protocols));
  std::string extensions;
  for (const PerMessageDeflateOffer& offer : options.perMessageCompressionOffers) {
    extensions += (extensions.empty() ? "" : ", ") + offer.toExtensionString();
  }
  if (!extensions.empty()) headers.add("Sec-WebSocket-Extensions", extensions);
  if (!request.origin.empty()) headers.add(*version < 13 ? "Sec-WebSocket-Origin" : "Origin", request.origin);
  if (!request.useragent.empty()) headers.add("User-Agent", request.useragent);
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  return http::serialize(made);
}

std::string checkResponse(const http::Response& response, const ClientRequest& request,
                          const ClientOptions& options, std::string_view key, ConnectionResponse& out,
                          std::optional<PerMessageDeflateParameters>& compression) {
  compression.reset();
  if (response.status != 101) return describeRefusal(response);
  if (response.minorVersion != 1) return "the response is not HTTP/1.1";
  std::string problem = checkUpgrade(response.headers, key);
  if (problem.empty()) problem = checkProtocol(response.headers, request, out);
  if (problem.empty()) problem = checkExtensions(response.headers, options, out, compression);
  if (!problem.empty()) return problem;
  out.headers = response.headers;
  out.version = wireVersion(options.version).value_or(13);
  return {};
}

}  // namespace autobahn::inline v0::websocket
