#include <algorithm>
#include <autobahn/rawsocket/url.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <autobahn/websocket/url.hpp>
#include <limits>
#include <stdexcept>
#include <utility>

#include "config.hpp"
#include "websocket_config.hpp"

namespace router_tool {

using namespace autobahn;
using wamp::RouterListenOptions;

namespace {

struct Url {
  bool isRawSocket = false;
  bool isSecure = false;
  std::string path{};  ///< "/ws"; empty when there is none
};

Url readUrl(const Setting& setting) {
  const std::string text = setting.name();
  try {
    if (text.starts_with("rs:") || text.starts_with("rss:") || text.starts_with("rs+unix:") ||
        text.starts_with("rss+unix:")) {
      return {.isRawSocket = true, .isSecure = rawsocket::parseUrl(text).isSecure};
    }
    const websocket::UrlParts parts = websocket::parseUrl(text);
    return {.isSecure = parts.isSecure, .path = parts.path == "/" ? std::string() : parts.path};
  } catch (const std::invalid_argument& error) {
    setting.refuse(error.what());
  }
}

util::TlsIdentity readIdentity(const Setting& setting) {
  Section section(setting);
  util::TlsIdentity identity;
  identity.hostnames = section.need("hostnames").texts();
  identity.certificateFile = section.need("certificate").readableFile();
  identity.keyFile = section.need("key").readableFile();
  if (const auto given = section.find("keyPassword")) identity.keyPassword = readSecret(*given).view();
  section.finish();
  return identity;
}

void readClientCertificates(Section& section, util::TlsOptions& tls) {
  enum class Wanted : std::uint8_t { no, requested, required };
  constexpr std::pair<const char*, Wanted> kWanted[] = {
      {"none", Wanted::no}, {"request", Wanted::requested}, {"require", Wanted::required}};
  if (const auto given = section.find("clientCa")) tls.caFile = given->readableFile();
  const auto given = section.find("clientCertificate");
  const Wanted wanted = given ? given->oneOf(kWanted) : tls.caFile.empty() ? Wanted::no : Wanted::requested;
  if (wanted != Wanted::no && tls.caFile.empty()) given->refuse("needs `clientCa`");
  tls.requestClientCertificate = wanted != Wanted::no;
  tls.requireClientCertificate = wanted == Wanted::required;
}

util::TlsOptions readTls(const Setting& setting) {
  constexpr std::pair<const char*, util::TlsVersion> kVersions[] = {{"1.2", util::TlsVersion::tls12},
                                                                    {"1.3", util::TlsVersion::tls13}};
  Section section(setting);
  util::TlsOptions tls;
  const Setting certificate = section.need("certificate");
  tls.certificateFile = certificate.readableFile();
  tls.keyFile = section.need("key").readableFile();
  if (const auto given = section.find("keyPassword")) tls.keyPassword = readSecret(*given).view();
  if (const auto given = section.find("identities")) {
    for (const Setting& each : given->items()) tls.identities.push_back(readIdentity(each));
  }
  readClientCertificates(section, tls);
  if (const auto given = section.find("minVersion")) tls.minVersion = given->oneOf(kVersions);
  if (const auto given = section.find("maxVersion")) tls.maxVersion = given->oneOf(kVersions);
  if (const auto given = section.find("ciphers")) tls.ciphers = given->name();
  if (const auto given = section.find("cipherSuites")) tls.cipherSuites = given->name();
  if (const auto given = section.find("sessionTickets")) tls.sessionTickets = given->flag();
  section.finish();
  try {
    std::ignore = util::TlsContext::server(tls);
  } catch (const util::TlsConfigError& error) {
    certificate.refuse(error.what());
  }
  return tls;
}

wamp::SerializerSet readSerializers(const Setting& setting) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string_view each : wamp::serializerIds()) names.emplace_back(each, each);
  std::vector<std::string> chosen;
  for (const Setting& each : setting.items()) chosen.push_back(each.oneOf(names));
  if (chosen.empty()) setting.refuse("must not be empty");
  return wamp::SerializerSet(chosen);
}

unsigned readMode(const Setting& setting) {
  const std::string text = setting.name();
  constexpr std::string_view kDigits = "01234567";
  if (text.size() > 4 || text.find_first_not_of(kDigits) != std::string::npos) {
    setting.refuse("must be the permissions of a file, in octal: \"0600\"");
  }
  return static_cast<unsigned>(std::stoul(text, nullptr, 8));
}

/// A path, or an object with it.
void readLongPoll(const Setting& setting, RouterListenOptions& options) {
  if (!setting.isObject()) {
    options.longPollPath = readPath(setting);
    return;
  }
  Section section(setting);
  options.longPollPath = readPath(section.need("path"));
  wamp::LongPollOptions& limits = options.longPoll;
  if (const auto given = section.find("pollTimeout")) limits.pollTimeout = given->milliseconds();
  if (const auto given = section.find("inactivityTimeout")) limits.inactivityTimeout = given->milliseconds();
  if (const auto given = section.find("maxQueuedSize")) limits.maxQueuedSize = given->count();
  if (const auto given = section.find("maxQueuedMessages")) limits.maxQueuedMessages = given->count();
  if (const auto given = section.find("maxTransports")) limits.maxTransports = given->count();
  if (const auto given = section.find("maxTransportsPerAddress")) {
    limits.maxTransportsPerAddress = given->count();
  }
  section.finish();
  try {
    limits.validate();
  } catch (const std::invalid_argument& error) {
    setting.refuse(error.what());
  }
}

/// What only WebSocket listeners have.
void readWebSocketParts(Section& section, const Url& url, ListenerConfig& listener) {
  const auto refuseAtRawSocket = [&](const std::optional<Setting>& given) {
    if (given && url.isRawSocket) given->refuse("is for ws, wss and ws+unix");
    return given;
  };
  RouterListenOptions& options = listener.options;
  if (const auto given = refuseAtRawSocket(section.find("rawsocket")))
    options.detectRawSocket = given->flag();
  if (const auto given = refuseAtRawSocket(section.find("longpoll"))) readLongPoll(*given, options);
  if (const auto given = refuseAtRawSocket(section.find("paths"))) {
    for (const Setting& each : given->items()) options.webSocketPaths.push_back(readPath(each));
  }
  if (const auto given = refuseAtRawSocket(section.find("web"))) {
    listener.web = readWeb(*given);
    listener.web->webSocketPath = !url.path.empty()                ? url.path
                                  : options.webSocketPaths.empty() ? "/"
                                                                   : options.webSocketPaths.front();
  }
}

}  // namespace

ListenerConfig readListener(const Setting& setting, const Lasting& lasting) {
  Section section(setting);
  const Setting place = section.need("url");
  ListenerConfig listener{.where = place, .fixedPart = setting.node().canonical()};
  const Url url = readUrl(place);
  listener.url = place.text();
  readWebSocketParts(section, url, listener);
  const auto tls = section.find("tls");
  if (tls) listener.options.tls = readTls(*tls);
  if (url.isSecure && !tls) place.refuse("needs `tls`");
  if (tls && !url.isSecure) tls->refuse("is for wss and rss");
  if (const auto given = section.find("serializers")) listener.options.serializers = readSerializers(*given);
  if (const auto given = section.find("socket")) {
    listener.socket = given->text();
    if (listener.socket.empty()) given->refuse("must be the name of a socket that systemd hands over");
  }
  if (const auto given = section.find("unixMode")) listener.options.unixMode = readMode(*given);
  if (const auto given = section.find("websocket")) {
    readWebSocketOptions(*given, listener.options.websocket);
  }
  if (const auto given = section.find("cookies"); given && given->flag()) {
    if (url.isRawSocket) given->refuse("is for ws, wss and ws+unix");
    const std::vector<std::string>& origins = listener.options.websocket.allowedOrigins;
    if (std::find(origins.begin(), origins.end(), "*") != origins.end()) {
      given->refuse("needs `websocket.allowedOrigins` that names the pages which may connect");
    }
    listener.options.cookies = lasting.cookies;
  }
  section.finish();
  return listener;
}

}  // namespace router_tool
