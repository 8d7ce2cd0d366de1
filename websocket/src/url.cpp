#include <algorithm>
#include <autobahn/util/endpoint_url.hpp>
#include <autobahn/websocket/http.hpp>
#include <autobahn/websocket/url.hpp>

namespace autobahn::inline v0::websocket {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

constexpr util::UrlFamily kWebSocket{"WebSocket", "ws", "wss"};

std::string encodedResource(std::string_view path, const Params& params) {
  if (!path.empty() && path.front() != '/') util::failUrl(kWebSocket, "the path does not start with '/'");
  std::string resource = path.empty() ? "/" : util::encodePath(path);
  char separator = '?';
  for (const auto& [name, value] : params) {
    resource += separator + http::percentEncode(name) + '=' + http::percentEncode(value);
    separator = '&';
  }
  return resource;
}

}  // namespace

UrlParts parseUrl(std::string_view url) {
  util::EndpointUrl endpoint = util::parseEndpointUrl(kWebSocket, url);
  UrlParts parts;
  parts.isSecure = endpoint.isSecure;
  parts.host = std::move(endpoint.host);
  parts.port = endpoint.port;
  parts.unixPath = std::move(endpoint.unixPath);
  parts.resource = endpoint.resource.starts_with('/') ? "" : "/";
  parts.resource += endpoint.resource;
  const std::string_view resource = parts.resource;
  const std::size_t mark = std::min(resource.find('?'), resource.size());
  parts.path = util::decodeUrlPart(kWebSocket, resource.substr(0, mark), "path");
  if (mark != resource.size()) parts.params = http::parseQuery(resource.substr(mark + 1));
  return parts;
}

std::string createUrl(std::string_view host, std::uint16_t port, bool isSecure, std::string_view path,
                      const Params& params) {
  return util::createEndpointUrl(kWebSocket, host, port, isSecure) + encodedResource(path, params);
}

std::string createUnixUrl(std::string_view unixPath, bool isSecure, std::string_view path,
                          const Params& params) {
  return util::createUnixEndpointUrl(kWebSocket, unixPath, isSecure) + ':' + encodedResource(path, params);
}

}  // namespace autobahn::inline v0::websocket
