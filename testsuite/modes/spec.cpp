#include "modes/spec.hpp"

#include <algorithm>
#include <autobahn/websocket/url.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "cases/case.hpp"
#include "modes/json_node.hpp"

namespace wstest {

const char* const kDefaultClientSpec = R"({
  "outdir": "./reports/servers",
  "servers": [
    {"agent": "MyServer", "url": "ws://127.0.0.1:9001"}
  ],
  "cases": ["*"],
  "exclude-cases": [],
  "exclude-agent-cases": {}
}
)";

const char* const kDefaultServerSpec = R"({
  "url": "ws://127.0.0.1:9001",
  "outdir": "./reports/clients",
  "webport": 8080,
  "cases": ["*"],
  "exclude-cases": [],
  "exclude-agent-cases": {}
}
)";

const char* const kDefaultMassConnectSpec = R"({
  "options": {"connections": 10000, "batchsize": 100, "batchdelay": 10, "retrydelay": 10},
  "servers": [
    {"name": "MyServer", "uri": "ws://127.0.0.1:9000"}
  ]
}
)";

namespace {

using Keys = std::vector<std::string_view>;
using Warnings = std::vector<std::string>;

/// The options of Autobahn's protocol classes. They bent its engine; ours checks everything, whatever they
/// say.
const Keys kAutobahnOptions{"acceptMaskedServerFrames",
                            "allowHixie76",
                            "allowedOrigins",
                            "allowNullOrigin",
                            "applyMask",
                            "autoFragmentSize",
                            "autoPingInterval",
                            "autoPingSize",
                            "autoPingTimeout",
                            "closeHandshakeTimeout",
                            "echoCloseCodeReason",
                            "failByDrop",
                            "flashSocketPolicy",
                            "logFrames",
                            "logOctets",
                            "maskClientFrames",
                            "maskServerFrames",
                            "maxConnections",
                            "maxFramePayloadSize",
                            "maxMessagePayloadSize",
                            "openHandshakeTimeout",
                            "perMessageCompressionAccept",
                            "perMessageCompressionOffers",
                            "requireMaskedClientFrames",
                            "serveFlashSocketPolicy",
                            "serverConnectionDropTimeout",
                            "tcpNoDelay",
                            "trackTimings",
                            "trustXForwardedFor",
                            "utf8validateIncoming",
                            "version",
                            "versions",
                            "webStatus"};

void warnOfUnknown(const JsonNode& node, const Keys& known, Warnings& warnings) {
  for (const auto& [key, value] : node.members()) {
    if (std::ranges::find(known, key) == known.end()) warnings.push_back(value.located("unknown, ignored"));
  }
}

void readOptions(const JsonNode& node, Warnings& warnings) {
  if (const auto options = node.find("options")) warnOfUnknown(*options, kAutobahnOptions, warnings);
}

/// As there, it is no fault of a spec when a pattern matches nothing: "11.*" stands in some.
std::vector<std::string> readPatterns(const JsonNode& node, Warnings& warnings) {
  std::vector<std::string> patterns;
  for (const JsonNode& each : node.items()) {
    const std::string pattern = each.text();
    const bool isKnown = std::ranges::any_of(
        allCases(), [&](const Case& testCase) { return matchesPattern(pattern, testCase.id.text()); });
    if (isKnown || pattern.find('*') == std::string::npos) {
      patterns.push_back(pattern);
    } else {
      warnings.push_back(each.located("no case matches '" + pattern + "', ignored"));
    }
  }
  return patterns;
}

/// What the specs of both fuzzing modes have.
void readRun(const JsonNode& root, RunSettings& run, Warnings& warnings) {
  if (const auto outdir = root.find("outdir")) run.outdir = outdir->text();
  if (const auto cases = root.find("cases")) run.cases = readPatterns(*cases, warnings);
  if (const auto exclude = root.find("exclude-cases")) run.exclude = readPatterns(*exclude, warnings);
  const auto forAgents = root.find("exclude-agent-cases");
  if (!forAgents) return;
  for (const auto& [agent, patterns] : forAgents->members())
    run.excludeAgentCases.emplace_back(agent, patterns.texts());
}

/// Calls `convert(text)` and says where the text stands when it does not like it.
template <class Convert>
auto converted(const JsonNode& node, Convert convert) {
  const std::string text = node.text();
  try {
    return convert(text);
  } catch (const std::invalid_argument& error) {
    throw JsonError(node.located(error.what()));
  }
}

/// The name by which the server is to be asked, in the Host header and in TLS.
void setHostname(ServerTarget& target, const std::string& hostname) {
  const bool hasPort = target.hostHeader.ends_with(":" + std::to_string(target.port));
  target.hostHeader = hostname + (hasPort ? ":" + std::to_string(target.port) : "");
  target.tls.serverName = hostname;
}

ServerUnderTest readServer(const JsonNode& node, Warnings& warnings) {
  warnOfUnknown(node, {"agent", "url", "hostname", "protocols", "origin", "options"}, warnings);
  readOptions(node, warnings);
  ServerUnderTest server;
  server.target = converted(node.at("url"), parseServerUrl);
  if (const auto agent = node.find("agent")) server.agent = agent->text();
  if (const auto hostname = node.find("hostname")) setHostname(server.target, hostname->text());
  if (const auto protocols = node.find("protocols")) server.target.protocols = protocols->texts();
  if (const auto origin = node.find("origin")) server.target.origin = origin->text();
  return server;
}

}  // namespace

Spec<FuzzingClientSettings> readClientSpec(const std::string& file) {
  const JsonDocument document = JsonDocument::ofFile(file);
  const JsonNode root = document.root();
  Spec<FuzzingClientSettings> spec;
  warnOfUnknown(root, {"outdir", "servers", "cases", "exclude-cases", "exclude-agent-cases", "options"},
                spec.warnings);
  readOptions(root, spec.warnings);
  spec.settings.run.outdir = "./reports/servers";
  readRun(root, spec.settings.run, spec.warnings);
  const JsonNode servers = root.at("servers");
  for (const JsonNode& each : servers.items())
    spec.settings.servers.push_back(readServer(each, spec.warnings));
  if (spec.settings.servers.empty()) throw JsonError(servers.located("is empty: nothing to test"));
  return spec;
}

void setListenUrl(FuzzingServerSettings& settings, const std::string& url) {
  const auto parts = autobahn::websocket::parseUrl(url);
  if (!parts.unixPath.empty()) throw std::invalid_argument(url + ": Unix sockets are not served here");
  settings.host = parts.host;
  settings.port = parts.port;
  settings.isSecure = parts.isSecure;
}

Spec<FuzzingServerSettings> readServerSpec(const std::string& file) {
  const JsonDocument document = JsonDocument::ofFile(file);
  const JsonNode root = document.root();
  Spec<FuzzingServerSettings> spec;
  FuzzingServerSettings& settings = spec.settings;
  warnOfUnknown(root,
                {"url", "key", "cert", "outdir", "webport", "protocols", "cases", "exclude-cases",
                 "exclude-agent-cases", "options"},
                spec.warnings);
  readOptions(root, spec.warnings);
  converted(root.at("url"), [&](const std::string& url) { return setListenUrl(settings, url), 0; });
  if (const auto key = root.find("key")) settings.keyFile = key->text();
  if (const auto certificate = root.find("cert")) settings.certificateFile = certificate->text();
  if (settings.keyFile.empty() != settings.certificateFile.empty()) {
    throw JsonError(root.located("'key' and 'cert' go together"));
  }
  settings.webPort = 8080;
  if (const auto port = root.find("webport")) settings.webPort = port->integer(0, 65535);
  if (settings.webPort == 0) settings.webPort = -1;  // as there: none
  if (const auto protocols = root.find("protocols")) settings.protocols = protocols->texts();
  settings.run.outdir = "./reports/clients";
  readRun(root, settings.run, spec.warnings);
  return spec;
}

Spec<MassConnectSpec> readMassConnectSpec(const std::string& file) {
  constexpr int kMany = 1'000'000;
  const JsonDocument document = JsonDocument::ofFile(file);
  const JsonNode root = document.root();
  Spec<MassConnectSpec> spec;
  warnOfUnknown(root, {"options", "servers"}, spec.warnings);
  if (const auto options = root.find("options")) {
    warnOfUnknown(*options, {"connections", "batchsize", "batchdelay", "retrydelay"}, spec.warnings);
    const auto read = [&](const char* key, int least, int& into) {
      if (const auto node = options->find(key)) into = node->integer(least, kMany);
    };
    read("connections", 1, spec.settings.connections);
    read("batchsize", 1, spec.settings.batchSize);
    read("batchdelay", 0, spec.settings.batchDelay);
    read("retrydelay", 0, spec.settings.retryDelay);
  }
  for (const JsonNode& each : root.at("servers").items()) {
    warnOfUnknown(each, {"name", "uri", "desc"}, spec.warnings);
    const std::string url = converted(
        each.at("uri"), [](const std::string& text) { return autobahn::websocket::parseUrl(text), text; });
    const auto name = each.find("name");
    spec.settings.servers.push_back({name ? name->text() : url, url});
  }
  if (spec.settings.servers.empty())
    throw JsonError(root.at("servers").located("is empty: nothing to connect to"));
  return spec;
}

void provideSpec(const std::string& file, const std::string& content) {
  if (std::filesystem::exists(file)) {
    std::cout << "using the spec file " << file << std::endl;
    return;
  }
  std::ofstream stream(file);
  if (!(stream << content << std::flush)) throw std::runtime_error("cannot write " + file);
  std::cout << "made the spec file " << file << ": change it to your needs" << std::endl;
}

}  // namespace wstest
