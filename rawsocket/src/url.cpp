#include <autobahn/rawsocket/url.hpp>
#include <autobahn/util/endpoint_url.hpp>
#include <utility>

namespace autobahn::inline v0::rawsocket {

namespace {
constexpr util::UrlFamily kRawSocket{"RawSocket", "rs", "rss"};
}  // namespace

UrlParts parseUrl(std::string_view url) {
  util::EndpointUrl endpoint = util::parseEndpointUrl(kRawSocket, url);
  if (!endpoint.resource.empty() && endpoint.resource != "/") {
    util::failUrl(kRawSocket, "it has the path or query '" + endpoint.resource + "'");
  }
  return {endpoint.isSecure, std::move(endpoint.host), endpoint.port, std::move(endpoint.unixPath)};
}

std::string createUrl(std::string_view host, std::uint16_t port, bool isSecure) {
  return util::createEndpointUrl(kRawSocket, host, port, isSecure);
}

std::string createUnixUrl(std::string_view unixPath, bool isSecure) {
  return util::createUnixEndpointUrl(kRawSocket, unixPath, isSecure);
}

}  // namespace autobahn::inline v0::rawsocket
