#include "websocket_config.hpp"

#include <limits>
#include <stdexcept>
#include <variant>

namespace router_tool {

using namespace autobahn::websocket;

namespace {

using Milliseconds = std::chrono::milliseconds;
using Member = std::variant<bool ServerOptions::*, std::size_t ServerOptions::*, int ServerOptions::*,
                            Milliseconds ServerOptions::*, std::string ServerOptions::*,
                            std::vector<std::string> ServerOptions::*, std::vector<int> ServerOptions::*>;
struct Option {
  const char* name;
  Member member;
};

// All but those that have values of their own kind, below.
const Option kOptions[] = {
    {"logOctets", &ServerOptions::logOctets},
    {"logFrames", &ServerOptions::logFrames},
    {"trackTimings", &ServerOptions::trackTimings},
    {"utf8validateIncoming", &ServerOptions::utf8validateIncoming},
    {"applyMask", &ServerOptions::applyMask},
    {"maxFramePayloadSize", &ServerOptions::maxFramePayloadSize},
    {"maxMessagePayloadSize", &ServerOptions::maxMessagePayloadSize},
    {"maxFramesPerMessage", &ServerOptions::maxFramesPerMessage},
    {"autoFragmentSize", &ServerOptions::autoFragmentSize},
    {"failByDrop", &ServerOptions::failByDrop},
    {"echoCloseCodeReason", &ServerOptions::echoCloseCodeReason},
    {"openHandshakeTimeout", &ServerOptions::openHandshakeTimeout},
    {"closeHandshakeTimeout", &ServerOptions::closeHandshakeTimeout},
    {"tcpNoDelay", &ServerOptions::tcpNoDelay},
    {"autoPingInterval", &ServerOptions::autoPingInterval},
    {"autoPingTimeout", &ServerOptions::autoPingTimeout},
    {"autoPingSize", &ServerOptions::autoPingSize},
    {"autoPingRestartOnAnyTraffic", &ServerOptions::autoPingRestartOnAnyTraffic},
    {"maxHandshakeSize", &ServerOptions::maxHandshakeSize},
    {"maxHeaders", &ServerOptions::maxHeaders},
    {"sendBufferHighWatermark", &ServerOptions::sendBufferHighWatermark},
    {"sendBufferLowWatermark", &ServerOptions::sendBufferLowWatermark},
    {"versions", &ServerOptions::versions},
    {"webStatus", &ServerOptions::webStatus},
    {"requireMaskedClientFrames", &ServerOptions::requireMaskedClientFrames},
    {"maskServerFrames", &ServerOptions::maskServerFrames},
    {"serveFlashSocketPolicy", &ServerOptions::serveFlashSocketPolicy},
    {"flashSocketPolicy", &ServerOptions::flashSocketPolicy},
    {"allowedOrigins", &ServerOptions::allowedOrigins},
    {"allowNullOrigin", &ServerOptions::allowNullOrigin},
    {"maxConnections", &ServerOptions::maxConnections},
    {"maxConnectionsPerIp", &ServerOptions::maxConnectionsPerIp},
    {"maxHttpBodySize", &ServerOptions::maxHttpBodySize},
    {"httpHandlerTimeout", &ServerOptions::httpHandlerTimeout},
    {"trustXForwardedFor", &ServerOptions::trustXForwardedFor},
};

int wholeNumber(const Setting& setting) {
  return static_cast<int>(setting.integer(0, std::numeric_limits<int>::max()));
}

/// What a setting says, in the option's type.
struct Read {
  const Setting& setting;
  ServerOptions& options;

  void operator()(bool ServerOptions::*member) const { options.*member = setting.flag(); }
  void operator()(std::size_t ServerOptions::*member) const { options.*member = setting.count(); }
  void operator()(int ServerOptions::*member) const { options.*member = wholeNumber(setting); }
  void operator()(Milliseconds ServerOptions::*member) const { options.*member = setting.milliseconds(); }
  void operator()(std::string ServerOptions::*member) const { options.*member = setting.text(); }
  void operator()(std::vector<std::string> ServerOptions::*member) const {
    options.*member = setting.texts();
  }
  void operator()(std::vector<int> ServerOptions::*member) const {
    (options.*member).clear();
    for (const Setting& each : setting.items()) (options.*member).push_back(wholeNumber(each));
  }
};

/// true, false, or an object with limits of our own.
PerMessageCompressionAccept readCompression(const Setting& setting) {
  if (setting.isFlag()) return setting.flag() ? acceptPerMessageDeflate() : nullptr;
  Section section(setting);
  PerMessageDeflateOfferAccept ours;
  constexpr int kLeastWindow = 8;
  constexpr int kMostWindow = 15;
  constexpr int kMostMemory = 9;
  int windowBits = 0;
  if (const auto given = section.find("noContextTakeover")) ours.noContextTakeover = given->flag();
  if (const auto given = section.find("windowBits")) {
    windowBits = static_cast<int>(given->integer(kLeastWindow, kMostWindow));
  }
  if (const auto given = section.find("memLevel")) {
    ours.memLevel = static_cast<int>(given->integer(1, kMostMemory));
  }
  if (const auto given = section.find("compressionLevel")) {
    ours.compressionLevel = static_cast<int>(given->integer(-1, kMostMemory));
  }
  if (const auto given = section.find("maxMessageSize")) ours.maxMessageSize = given->count();
  section.finish();
  return [ours, windowBits](const std::vector<PerMessageDeflateOffer>& offers) {
    std::optional<PerMessageDeflateOfferAccept> accepted = ours;
    accepted->offer = offers.front();
    // A client may ask for a smaller window than ours.
    const int asked = accepted->offer.requestMaxWindowBits;
    if (windowBits != 0) accepted->windowBits = asked == 0 ? windowBits : std::min(asked, windowBits);
    if (accepted->offer.requestNoContextTakeover) accepted->noContextTakeover.reset();
    return accepted;
  };
}

}  // namespace

void readWebSocketOptions(const Setting& setting, ServerOptions& options) {
  // `dropMessage` would drop answers that clients wait for.
  constexpr std::pair<const char*, SlowConsumerPolicy> kPolicies[] = {{"buffer", SlowConsumerPolicy::buffer},
                                                                      {"close", SlowConsumerPolicy::close}};
  constexpr std::pair<const char*, ProxyProtocol> kProxies[] = {{"off", ProxyProtocol::off},
                                                                {"required", ProxyProtocol::required}};
  Section section(setting);
  for (const Option& each : kOptions) {
    if (const auto given = section.find(each.name)) std::visit(Read{*given, options}, each.member);
  }
  if (const auto given = section.find("slowConsumerPolicy")) {
    options.slowConsumerPolicy = given->oneOf(kPolicies);
  }
  if (const auto given = section.find("proxyProtocol")) options.proxyProtocol = given->oneOf(kProxies);
  if (const auto given = section.find("perMessageCompressionAccept")) {
    options.perMessageCompressionAccept = readCompression(*given);
  }
  section.finish();
  try {
    options.validate();
  } catch (const std::invalid_argument& error) {
    setting.refuse(error.what());
  }
}

}  // namespace router_tool
