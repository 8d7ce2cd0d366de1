#include <autobahn/websocket/options.hpp>
#include <stdexcept>
#include <string>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {
namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(rule);
}

void requireDuration(std::chrono::milliseconds value, const char* name) {
  // More than ten years is a mistake and could overflow a deadline.
  constexpr auto kMost = std::chrono::hours(24 * 3650);
  if (value < std::chrono::milliseconds::zero() || value > kMost) {
    throw std::invalid_argument(std::string(name) + " is outside 0…10 years");
  }
}

// A pattern is compared with scheme://host:port, so that one with anything behind the host never matches.
bool isOriginPattern(const std::string& pattern) {
  if (pattern.empty() || !http::isFieldValue(pattern) || pattern.find_first_of(" \t,") != std::string::npos) {
    return false;
  }
  const std::size_t mark = pattern.find("://");
  return pattern.find('/', mark == std::string::npos ? 0 : mark + 3) == std::string::npos;
}

}  // namespace

void ProtocolOptions::validate() const {
  require(autoPingSize >= 4 && autoPingSize <= 125, "autoPingSize is outside 4…125");
  requireDuration(openHandshakeTimeout, "openHandshakeTimeout");
  requireDuration(closeHandshakeTimeout, "closeHandshakeTimeout");
  requireDuration(autoPingInterval, "autoPingInterval");
  requireDuration(autoPingTimeout, "autoPingTimeout");
  require(maxHandshakeSize > 0, "maxHandshakeSize is 0: no handshake would fit");
  require(maxHeaders > 0, "maxHeaders is 0: no handshake would fit");
  require(sendBufferHighWatermark > 0, "sendBufferHighWatermark is 0: nothing could be sent");
  require(sendBufferLowWatermark <= sendBufferHighWatermark,
          "sendBufferLowWatermark is above sendBufferHighWatermark");
}

void ServerOptions::validate() const {
  ProtocolOptions::validate();
  require(!versions.empty(), "versions is empty: name 13, 8 or both");
  for (const int version : versions)
    require(version == 8 || version == 13, "versions holds other than 8 and 13");
  requireDuration(httpHandlerTimeout, "httpHandlerTimeout");
  require(trustXForwardedFor >= 0, "trustXForwardedFor is negative: it is a number of proxies");
  for (const std::string& pattern : allowedOrigins) {
    if (!isOriginPattern(pattern)) {
      throw std::invalid_argument("allowedOrigins: not a pattern for scheme://host:port: \"" + pattern + '"');
    }
  }
  require(!serveFlashSocketPolicy || !flashSocketPolicy.empty(),
          "flashSocketPolicy is empty but to be served");
}

void ClientOptions::validate() const {
  ProtocolOptions::validate();
  require(wireVersion(version).has_value(), "version is not 13, 8 or a draft number 10…18");
  requireDuration(serverConnectionDropTimeout, "serverConnectionDropTimeout");
  for (const PerMessageDeflateOffer& offer : perMessageCompressionOffers) offer.validate();
}

}  // namespace autobahn::inline v0::websocket
