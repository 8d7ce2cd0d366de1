// The tables under "Defaults" of docs/security.md say what the code does: each option has its row, each row
// its option, and the value is the default.
#include <gtest/gtest.h>

#include <autobahn/rawsocket/client.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/component.hpp>
#include <autobahn/wamp/router/cookie_store.hpp>
#include <autobahn/wamp/router/dynamic_authenticator.hpp>
#include <autobahn/wamp/router/dynamic_authorizer.hpp>
#include <autobahn/wamp/router/sqlite_history.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/wamp/runner.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/static_files.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"

namespace {

using namespace autobahn;
using std::chrono::milliseconds;

// ---- Values as the page writes them

std::string text(bool value) { return value ? "true" : "false"; }
std::string text(std::integral auto value) { return std::to_string(value); }
std::string text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}
std::string text(std::string_view value) { return value.empty() ? "none" : std::string(value); }
std::string text(const std::string& value) { return text(std::string_view(value)); }

template <class Each>
std::string text(const std::vector<Each>& values) {
  std::string all;
  for (const Each& each : values) all += (all.empty() ? "" : ", ") + text(each);
  return text(all);
}

std::string text(milliseconds value) {
  constexpr milliseconds kDay = std::chrono::hours(24);
  if (value.count() == 0) return "0";
  if (value % kDay == milliseconds(0)) return std::to_string(value / kDay) + " d";
  if (value.count() % 1000 != 0) return std::to_string(value.count()) + " ms";
  return std::to_string(value.count() / 1000) + " s";
}

/// What may be there, and is not by default.
template <class Absent>
requires std::constructible_from<bool, const Absent&> std::string ifAny(const Absent& value) {
  return static_cast<bool>(value) ? "some" : "none";
}

std::string octets(std::size_t value) {
  if (value == 0) return "0";
  if (value % (std::size_t{1} << 20) == 0) return std::to_string(value >> 20) + " MiB";
  if (value % (std::size_t{1} << 10) == 0) return std::to_string(value >> 10) + " KiB";
  return std::to_string(value);
}

std::string mode(unsigned value) {
  std::ostringstream out;
  out << '0' << std::oct << value;
  return out.str();
}

/// The name of an enumerator; `names` in their order, from `first` on.
template <class Enum>
std::string named(Enum value, const std::vector<std::string>& names, int first = 0) {
  return names.at(static_cast<std::size_t>(static_cast<int>(value) - first));
}
std::string policy(auto value) { return named(value, {"buffer", "dropMessage", "close"}); }
std::string version(util::TlsVersion value) { return named(value, {"1.2", "1.3"}); }

std::string text(const wamp::RateLimit& limit) {
  return limit.burst == 0 ? "none" : std::to_string(limit.burst) + " + 1 each " + text(limit.interval);
}

// ---- The code's defaults

using Table = std::map<std::string, std::string>;

Table both(const websocket::ProtocolOptions& options) {
  return {
      {"logOctets", text(options.logOctets)},
      {"logFrames", text(options.logFrames)},
      {"trackTimings", text(options.trackTimings)},
      {"utf8validateIncoming", text(options.utf8validateIncoming)},
      {"applyMask", text(options.applyMask)},
      {"maxFramePayloadSize", octets(options.maxFramePayloadSize)},
      {"maxMessagePayloadSize", octets(options.maxMessagePayloadSize)},
      {"maxFramesPerMessage", text(options.maxFramesPerMessage)},
      {"autoFragmentSize", octets(options.autoFragmentSize)},
      {"failByDrop", text(options.failByDrop)},
      {"echoCloseCodeReason", text(options.echoCloseCodeReason)},
      {"openHandshakeTimeout", text(options.openHandshakeTimeout)},
      {"closeHandshakeTimeout", text(options.closeHandshakeTimeout)},
      {"tcpNoDelay", text(options.tcpNoDelay)},
      {"autoPingInterval", text(options.autoPingInterval)},
      {"autoPingTimeout", text(options.autoPingTimeout)},
      {"autoPingSize", text(options.autoPingSize)},
      {"autoPingRestartOnAnyTraffic", text(options.autoPingRestartOnAnyTraffic)},
      {"maxHandshakeSize", octets(options.maxHandshakeSize)},
      {"maxHeaders", text(options.maxHeaders)},
      {"sendBufferHighWatermark", octets(options.sendBufferHighWatermark)},
      {"sendBufferLowWatermark", octets(options.sendBufferLowWatermark)},
  };
}

Table webSocketServers() {
  const websocket::ServerOptions options;
  return {
      {"slowConsumerPolicy", policy(options.slowConsumerPolicy)},
      {"versions", text(options.versions)},
      {"webStatus", text(options.webStatus)},
      {"requireMaskedClientFrames", text(options.requireMaskedClientFrames)},
      {"maskServerFrames", text(options.maskServerFrames)},
      {"perMessageCompressionAccept", ifAny(options.perMessageCompressionAccept)},
      {"serveFlashSocketPolicy", text(options.serveFlashSocketPolicy)},
      {"allowedOrigins", text(options.allowedOrigins)},
      {"allowNullOrigin", text(options.allowNullOrigin)},
      {"maxConnections", text(options.maxConnections)},
      {"maxConnectionsPerIp", text(options.maxConnectionsPerIp)},
      {"maxHttpBodySize", octets(options.maxHttpBodySize)},
      {"httpHandlerTimeout", text(options.httpHandlerTimeout)},
      {"trustXForwardedFor", text(options.trustXForwardedFor)},
      {"proxyProtocol", named(options.proxyProtocol, {"off", "required"})},
  };
}

Table webSocketClients() {
  const websocket::ClientOptions options;
  return {
      {"slowConsumerPolicy", policy(options.slowConsumerPolicy)},
      {"version", text(options.version)},
      {"acceptMaskedServerFrames", text(options.acceptMaskedServerFrames)},
      {"maskClientFrames", text(options.maskClientFrames)},
      {"serverConnectionDropTimeout", text(options.serverConnectionDropTimeout)},
      {"perMessageCompressionOffers", ifAny(!options.perMessageCompressionOffers.empty())},
      {"perMessageCompressionAccept", ifAny(options.perMessageCompressionAccept)},
      {"timeout", text(websocket::ConnectOptions{}.timeout)},
  };
}

Table both(const rawsocket::ProtocolOptions& options) {
  return {
      {"maxMessagePayloadSize", octets(options.maxMessagePayloadSize)},
      {"minPeerMaxPayloadSize", octets(options.minPeerMaxPayloadSize)},
      {"openHandshakeTimeout", text(options.openHandshakeTimeout)},
      {"closeTimeout", text(options.closeTimeout)},
      {"tcpNoDelay", text(options.tcpNoDelay)},
      {"autoPingInterval", text(options.autoPingInterval)},
      {"autoPingTimeout", text(options.autoPingTimeout)},
      {"autoPingSize", text(options.autoPingSize)},
      {"autoPingRestartOnAnyTraffic", text(options.autoPingRestartOnAnyTraffic)},
      {"sendBufferHighWatermark", octets(options.sendBufferHighWatermark)},
      {"sendBufferLowWatermark", octets(options.sendBufferLowWatermark)},
  };
}

Table rawSocketServers() {
  const rawsocket::ServerOptions options;
  std::string serializers;
  for (const rawsocket::SerializerId each : options.serializers) {
    serializers += (serializers.empty() ? "" : ", ") + std::string(rawsocket::serializerName(each));
  }
  return {
      {"slowConsumerPolicy", policy(options.slowConsumerPolicy)},
      {"serializers", serializers},
      {"maxConnections", text(options.maxConnections)},
      {"maxConnectionsPerIp", text(options.maxConnectionsPerIp)},
  };
}

Table rawSocketClients() {
  const rawsocket::ClientOptions options;
  return {
      {"slowConsumerPolicy", policy(options.slowConsumerPolicy)},
      {"serializer", std::string(rawsocket::serializerName(options.serializer))},
      {"timeout", text(rawsocket::ConnectOptions{}.timeout)},
  };
}

Table listening() {
  const websocket::ListenOptions options;
  return {
      {"threads", text(options.threads)},     {"backlog", text(options.backlog)},
      {"reusePort", text(options.reusePort)}, {"ipv6Only", text(options.ipv6Only)},
      {"unixMode", mode(options.unixMode)},   {"listeningSocket", text(options.listeningSocket)},
  };
}

Table tls() {
  const util::TlsOptions options;
  return {
      {"caFile", text(options.caFile)},
      {"ca", text(options.ca)},
      {"caPath", text(options.caPath)},
      {"verifyPeer", text(options.verifyPeer)},
      {"verifyHostname", text(options.verifyHostname)},
      {"serverName", text(options.serverName)},
      {"requestClientCertificate", text(options.requestClientCertificate)},
      {"requireClientCertificate", text(options.requireClientCertificate)},
      {"minVersion", version(options.minVersion)},
      {"maxVersion", version(options.maxVersion)},
      {"ciphers", text(options.ciphers)},
      {"cipherSuites", text(options.cipherSuites)},
      {"alpn", text(options.alpn)},
      {"sessionTickets", text(options.sessionTickets)},
      {"keyLogFile", text(options.keyLogFile)},
  };
}

Table staticFiles() {
  const websocket::StaticFilesOptions options;
  return {{"maxFileSize", octets(options.maxFileSize)},
          {"index", text(options.index)},
          {"prefix", text(options.prefix)}};
}

Table reconnecting() {
  const websocket::ReconnectOptions options;
  return {
      {"maxRetries", text(options.maxRetries)},
      {"initialRetryDelay", text(options.initialRetryDelay)},
      {"maxRetryDelay", text(options.maxRetryDelay)},
      {"retryDelayGrowth", text(options.retryDelayGrowth)},
      {"retryDelayJitter", text(options.retryDelayJitter)},
      {"retryIfUnreachable", text(options.retryIfUnreachable)},
  };
}

Table wampMessages() {
  const wamp::SerializerOptions options;
  return {
      {"maxMessageSize", octets(options.maxMessageSize)},
      {"maxBatch", text(options.maxBatch)},
      {"maxDepth", text(options.maxDepth)},
      {"maxValues", text(options.maxValues)},
      {"uriRule", named(options.uriRule, {"loose", "strict"})},
      {"batchSeparatorOfAutobahn", text(options.batchSeparatorOfAutobahn)},
  };
}

Table wampClients() {
  const wamp::TransportConfig transport;
  const wamp::RunnerOptions runner;
  const wamp::JoinOptions join;
  const wamp::ComponentOptions component;
  return {
      {"TransportConfig::timeout", text(transport.timeout)},
      {"TransportConfig::tls", ifAny(transport.tls)},
      {"TransportConfig::proxy", ifAny(transport.proxy)},
      {"websocket.autoPingInterval", text(transport.websocket.autoPingInterval)},
      {"websocket.autoPingTimeout", text(transport.websocket.autoPingTimeout)},
      {"RunnerOptions::autoReconnect", text(runner.autoReconnect)},
      {"RunnerOptions::authenticators", ifAny(!runner.authenticators.empty())},
      {"JoinOptions::resumable", text(join.resumable)},
      {"ComponentOptions::retryIfUnreachable", text(component.retryIfUnreachable)},
  };
}

Table challenges() {
  const wamp::ScramLimits scram;
  const wamp::WampCraLimits wampCra;
  return {
      {"ScramLimits::minPbkdf2Iterations", text(scram.minPbkdf2Iterations)},
      {"ScramLimits::maxPbkdf2Iterations", text(scram.maxPbkdf2Iterations)},
      {"ScramLimits::minArgon2Work", text(scram.minArgon2Work)},
      {"ScramLimits::maxArgon2Work", text(scram.maxArgon2Work)},
      {"ScramLimits::maxArgon2Memory", text(scram.maxArgon2Memory)},
      {"ScramLimits::maxSaltSize", octets(scram.maxSaltSize)},
      {"WampCraLimits::maxIterations", text(wampCra.maxIterations)},
      {"WampCraLimits::minIterations", text(wampCra.minIterations)},
      {"WampCraLimits::maxKeylen", text(wampCra.maxKeylen)},
      {"WampCraLimits::maxChallengeSize", octets(wampCra.maxChallengeSize)},
      {"WampCraLimits::maxSaltSize", octets(wampCra.maxSaltSize)},
      {"WampCraLimits::requireSalt", text(wampCra.requireSalt)},
  };
}

Table routers() {
  const wamp::RouterOptions options;
  return {
      {"agent", text(options.agent)},
      {"joinTimeout", text(options.joinTimeout)},
      {"goodbyeTimeout", text(options.goodbyeTimeout)},
      {"defaultRealm", text(options.defaultRealm)},
      {"makeRealm", ifAny(options.makeRealm)},
      {"maxRealms", text(options.maxRealms)},
  };
}

Table realms() {
  const wamp::RealmOptions options;
  return {
      {"requestIds", named(options.requestIds, {"any", "increasing", "sequential"})},
      {"maxUriSize", octets(options.maxUriSize)},
      {"maxWaitingCalls", text(options.maxWaitingCalls)},
      {"maxRetainedTopics", text(options.maxRetainedTopics)},
      {"maxRetainedSize", octets(options.maxRetainedSize)},
      {"maxRetainedPerSubscribe", text(options.maxRetainedPerSubscribe)},
      {"allowDiscloseMe", text(options.allowDiscloseMe)},
      {"authenticators", ifAny(!options.authenticators.empty())},
      {"authorizer", ifAny(options.authorizer)},
      {"experimental.callReroute", text(options.experimental.callReroute)},
      {"experimental.shardedRegistration", text(options.experimental.shardedRegistration)},
      {"experimental.shardedSubscription", text(options.experimental.shardedSubscription)},
      {"experimental.payloadPassthru", text(options.experimental.payloadPassthru)},
      {"experimental.sessionResumption", text(options.experimental.sessionResumption)},
  };
}

Table sessions() {
  const wamp::SessionLimits options;
  return {
      {"subscriptions", text(options.subscriptions)},     {"registrations", text(options.registrations)},
      {"pendingCalls", text(options.pendingCalls)},       {"testaments", text(options.testaments)},
      {"waitingMessages", text(options.waitingMessages)}, {"waitingOctets", octets(options.waitingOctets)},
  };
}

Table resumption() {
  const wamp::ResumptionOptions options;
  return {
      {"timeout", text(options.timeout)},
      {"maxSessions", text(options.maxSessions)},
      {"maxSessionsPerAuthid", text(options.maxSessionsPerAuthid)},
      {"maxMessages", text(options.maxMessages)},
      {"maxOctets", octets(options.maxOctets)},
      {"maxTotalOctets", octets(options.maxTotalOctets)},
  };
}

Table attempts() {
  const wamp::AuthenticationLimits options;
  return {
      {"failuresPerPeer", text(options.failuresPerPeer)},
      {"attemptsPerPeer", text(options.attemptsPerPeer)},
      {"failuresPerAuthid", text(options.failuresPerAuthid)},
      {"attemptsPerAuthid", text(options.attemptsPerAuthid)},
      {"limitLoopback", text(options.limitLoopback)},
      {"maxEntries", text(options.maxEntries)},
  };
}

Table routerListeners() {
  const wamp::RouterListenOptions options;
  return {
      {"tls", ifAny(options.tls)},
      {"serializers", options.serializers.ids().size() == wamp::serializerIds().size() ? "all" : "some"},
      {"unixMode", mode(options.unixMode)},
      {"listeningSocket", text(options.listeningSocket)},
      {"cookies", ifAny(options.cookies)},
      {"webSocketPaths", text(options.webSocketPaths)},
      {"detectRawSocket", text(options.detectRawSocket)},
      {"longPollPath", text(options.longPollPath)},
      {"httpHandler", ifAny(options.httpHandler)},
      {"websocket.autoPingInterval", text(options.websocket.autoPingInterval)},
      {"websocket.autoPingTimeout", text(options.websocket.autoPingTimeout)},
  };
}

Table longPoll() {
  const wamp::LongPollOptions options;
  return {
      {"pollTimeout", text(options.pollTimeout)},
      {"inactivityTimeout", text(options.inactivityTimeout)},
      {"maxQueuedSize", octets(options.maxQueuedSize)},
      {"maxQueuedMessages", text(options.maxQueuedMessages)},
      {"maxTransports", text(options.maxTransports)},
      {"maxTransportsPerAddress", text(options.maxTransportsPerAddress)},
  };
}

Table cookies() {
  const wamp::CookieOptions options;
  return {
      {"name", text(options.name)},
      {"maxAge", text(milliseconds(options.maxAge))},
      {"sameSite", named(options.sameSite, {"strict", "lax", "none"})},
      {"isAlwaysSecure", text(options.isAlwaysSecure)},
      {"maxLogins", text(options.maxLogins)},
  };
}

Table procedures() {
  const wamp::DynamicAuthenticatorOptions authenticator;
  const wamp::DynamicAuthorizerOptions authorizer;
  return {
      {"DynamicAuthenticatorOptions::timeout", text(authenticator.timeout)},
      {"DynamicAuthenticatorOptions::defaultRole", text(authenticator.defaultRole)},
      {"DynamicAuthorizerOptions::timeout", text(authorizer.timeout)},
      {"DynamicAuthorizerOptions::cacheScope", named(authorizer.cacheScope, {"session", "role"})},
      {"DynamicAuthorizerOptions::cacheTime", text(authorizer.cacheTime)},
      {"DynamicAuthorizerOptions::maxCached", text(authorizer.maxCached)},
  };
}

Table history() {
  const wamp::HistoryRule rule;
  const wamp::HistoryOptions options;
  const wamp::SqliteHistoryOptions file;
  return {
      {"HistoryOptions::rules", ifAny(!options.rules.empty())},
      {"HistoryOptions::maxEventsPerRead", text(options.maxEventsPerRead)},
      {"HistoryOptions::maxOctetsPerRead", octets(options.maxOctetsPerRead)},
      {"HistoryRule::maxEvents", text(rule.maxEvents)},
      {"HistoryRule::maxOctets", octets(rule.maxOctets)},
      {"HistoryRule::maxAge", text(rule.maxAge)},
      {"SqliteHistoryOptions::survivesPowerLoss", text(file.survivesPowerLoss)},
      {"SqliteHistoryOptions::keepsRetained", text(file.keepsRetained)},
      {"SqliteHistoryOptions::maxQueuedEvents", text(file.maxQueuedEvents)},
      {"SqliteHistoryOptions::maxQueuedOctets", octets(file.maxQueuedOctets)},
      {"SqliteHistoryOptions::maxQueuedReads", text(file.maxQueuedReads)},
      {"SqliteHistoryOptions::maxFileSize", octets(file.maxFileSize)},
  };
}

/// What the program does without a file, where that is not what the library does.
Table routerProgram() {
  const router_tool::Config config =
      router_tool::parseConfig("default.json", router_tool::defaultConfigText());
  const router_tool::ListenerConfig& listener = config.listeners.at(0);
  return {
      {"url", listener.url},
      {"threads", text(config.threads)},
      {"rawsocket", text(listener.options.detectRawSocket)},
      {"longpoll", text(listener.options.longPollPath)},
      {"web.page", text(listener.web->page.value_or(""))},
      {"web.health", text(listener.web->health.value_or(""))},
      {"web.metrics", text(listener.web->metrics.value_or(""))},
      {"websocket.perMessageCompressionAccept",
       ifAny(listener.options.websocket.perMessageCompressionAccept)},
      {"websocket.allowedOrigins", text(listener.options.websocket.allowedOrigins)},
      {"realms", config.realms.at(0).options.name},
      {"drainDeadline", text(config.drainDeadline)},
  };
}

std::map<std::string, Table> ofTheCode() {
  return {
      {"WebSocket, both ends", both(websocket::ServerOptions{})},
      {"WebSocket servers", webSocketServers()},
      {"WebSocket clients", webSocketClients()},
      {"RawSocket, both ends", both(rawsocket::ServerOptions{})},
      {"RawSocket servers", rawSocketServers()},
      {"RawSocket clients", rawSocketClients()},
      {"Listening", listening()},
      {"TLS", tls()},
      {"Static files", staticFiles()},
      {"Reconnecting", reconnecting()},
      {"WAMP messages", wampMessages()},
      {"WAMP clients", wampClients()},
      {"Challenges that clients answer", challenges()},
      {"Routers", routers()},
      {"Realms", realms()},
      {"Sessions", sessions()},
      {"Session resumption", resumption()},
      {"Attempts to join", attempts()},
      {"Router listeners", routerListeners()},
      {"Long-poll", longPoll()},
      {"Cookies", cookies()},
      {"Procedures that decide", procedures()},
      {"Histories", history()},
      {"autobahn-router without a configuration", routerProgram()},
  };
}

// ---- The page

std::string trimmed(std::string_view cell) {
  const std::size_t begin = cell.find_first_not_of(" `");
  if (begin == std::string_view::npos) return {};
  return std::string(cell.substr(begin, cell.find_last_not_of(" `") - begin + 1));
}

/// The tables under "## Defaults", by their headings. A value ends where its comment begins: "0 (unlimited)".
std::map<std::string, Table> ofThePage() {
  std::ifstream page(AUTOBAHN_SECURITY_PAGE);
  EXPECT_TRUE(page.is_open()) << AUTOBAHN_SECURITY_PAGE;
  std::map<std::string, Table> tables;
  std::string heading;
  bool isInside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) isInside = line == "## Defaults";
    if (line.starts_with("### ")) heading = line.substr(4);
    if (!isInside || !line.starts_with("| `")) continue;
    const std::size_t second = line.find('|', 1);
    const std::size_t third = line.find('|', second + 1);
    const std::string value = line.substr(second + 1, third - second - 1);
    const std::string option = trimmed(std::string_view(line).substr(1, second - 1));
    const bool isNew = tables[heading].emplace(option, trimmed(value.substr(0, value.find(" (")))).second;
    EXPECT_TRUE(isNew) << heading << ": two rows for " << option;
    EXPECT_NE(trimmed(std::string_view(line).substr(third + 1, line.size() - third - 2)), "")
        << heading << ": no reason for " << option;
  }
  return tables;
}

std::string valueIn(const Table& table, const std::string& option) {
  const auto found = table.find(option);
  return found == table.end() ? "missing" : found->second;
}

TEST(Defaults, ThePageSaysWhatTheCodeDoes) {
  const std::map<std::string, Table> code = ofTheCode();
  std::map<std::string, Table> page = ofThePage();
  for (const auto& [heading, options] : code) {
    for (const auto& [option, value] : options) {
      EXPECT_EQ(valueIn(page[heading], option), value) << heading << ": the page about " << option;
    }
  }
  for (const auto& [heading, rows] : page) {
    const auto found = code.find(heading);
    if (found == code.end()) {
      ADD_FAILURE() << "no such table here: " << heading;
      continue;
    }
    for (const auto& [option, value] : rows) {
      EXPECT_TRUE(found->second.contains(option))
          << heading << ": no such option: " << option << " = " << value;
    }
  }
}

/// Where the page has one row for both.
TEST(Defaults, BothEndsHaveTheSame) {
  EXPECT_EQ(both(websocket::ServerOptions{}), both(websocket::ClientOptions{}));
  EXPECT_EQ(both(rawsocket::ServerOptions{}), both(rawsocket::ClientOptions{}));
  EXPECT_EQ(text(rawsocket::ListenOptions{}.backlog), text(websocket::ListenOptions{}.backlog));
  EXPECT_EQ(mode(rawsocket::ListenOptions{}.unixMode), mode(websocket::ListenOptions{}.unixMode));
}

}  // namespace
