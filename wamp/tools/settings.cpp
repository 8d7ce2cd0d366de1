#include "settings.hpp"

#include <autobahn/wamp/client_auth.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <utility>

namespace wamp_tool {

using namespace autobahn::wamp;

namespace {

constexpr double kDefaultJoinTimeout = 10;  // seconds

const std::map<std::string, Match> kMatches = {
    {"exact", Match::exact}, {"prefix", Match::prefix}, {"wildcard", Match::wildcard}};
const std::map<std::string, Invoke> kInvokes = {{"single", Invoke::single},
                                                {"roundrobin", Invoke::roundrobin},
                                                {"random", Invoke::random},
                                                {"first", Invoke::first},
                                                {"last", Invoke::last}};

std::vector<std::string> namesOf(const auto& table) {
  std::vector<std::string> names;
  for (const auto& each : table) names.push_back(each.first);
  return names;
}

std::chrono::milliseconds fromSeconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// The file's text, without the line's end.
std::string readSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::invalid_argument("--secret-file: cannot read " + path);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

template <class T>
std::optional<std::vector<T>> ifAny(const std::vector<T>& values) {
  return values.empty() ? std::nullopt : std::optional(values);
}

}  // namespace

void ConnectionSettings::addTo(CLI::App& app, bool readsEnvironment) {
  app.add_option("--url", url,
                 "router: ws://, wss://, rs:// or rss://host:port, ws+unix:// or rs+unix:///path, "
                 "http:// or https://host:port/path for long-poll")
      ->envname(readsEnvironment ? "WAMP_URL" : "")
      ->capture_default_str();
  app.add_option("-r,--realm", realm, "realm to join")
      ->envname(readsEnvironment ? "WAMP_REALM" : "")
      ->capture_default_str();
  app.add_option("--authmethod", authmethod,
                 "how to authenticate; default: cryptosign with --private-key, otherwise anonymous")
      ->check(CLI::IsMember({"anonymous", "ticket", "wampcra", "scram", "cryptosign"}));
  app.add_option("--authid", authid, "the name to authenticate as");
  auto* given =
      app.add_option("--secret", secret,
                     "ticket or password; others on this machine can see it: better in a file, or in "
                     "the environment variable WAMP_SECRET");
  app.add_option("--secret-file", secretFile, "file with the ticket or password")
      ->check(CLI::ExistingFile)
      ->excludes(given);
  app.add_option("-k,--private-key", privateKeyFile,
                 "Ed25519 key for cryptosign: OpenSSH, signify, 64 hexadecimal digits or 32 bytes")
      ->check(CLI::ExistingFile);
  app.add_option(
         "--serializer", serializers,
         "json, msgpack, cbor, ubjson or flatbuffers, by preference; repeatable. Default: cbor, msgpack, "
         "ubjson, json")
      ->allow_extra_args(false);
  app.add_option("--ca", caFile, "trust these authorities (PEM) instead of the system's")
      ->check(CLI::ExistingFile);
  app.add_flag("--insecure", isInsecure, "accept any certificate: for tests only");
  app.add_option("--timeout", timeout,
                 "seconds until a realm is joined (default: 10), and for each call (default: no limit)")
      ->check(CLI::PositiveNumber);
}

std::string ConnectionSettings::secretGiven() const {
  if (!secretFile.empty()) return readSecret(secretFile);
  if (!secret.empty()) return secret;
  const char* const fromEnvironment = std::getenv("WAMP_SECRET");
  if (fromEnvironment == nullptr) {
    throw std::invalid_argument("--authmethod " + authmethod +
                                " needs --secret-file, --secret or WAMP_SECRET in the environment");
  }
  return fromEnvironment;
}

std::shared_ptr<ClientAuthenticator> ConnectionSettings::authenticator() {
  const std::string method = !authmethod.empty()      ? authmethod
                             : privateKeyFile.empty() ? "anonymous"
                                                      : "cryptosign";
  const std::optional<std::string> name = authid.empty() ? std::nullopt : std::optional(authid);
  if (method == "anonymous") return std::make_shared<AuthAnonymous>(name);
  if (method == "cryptosign") {
    if (privateKeyFile.empty()) throw std::invalid_argument("--authmethod cryptosign needs --private-key");
    return std::make_shared<AuthCryptosign>(CryptosignKey::fromFile(privateKeyFile), name);
  }
  if (!name) throw std::invalid_argument("--authmethod " + method + " needs --authid");
  std::string proof = secretGiven();
  std::shared_ptr<ClientAuthenticator> made;
  if (method == "ticket") made = std::make_shared<AuthTicket>(*name, proof);
  if (method == "wampcra") made = std::make_shared<AuthWampCra>(*name, proof);
  if (method == "scram") made = std::make_shared<AuthScram>(*name, proof);
  wipe(proof);
  wipe(secret);
  return made;
}

TransportConfig ConnectionSettings::transport() const {
  TransportConfig config(url);
  if (!serializers.empty()) config.serializers = SerializerSet(serializers);
  if (!caFile.empty() || isInsecure) {
    config.tls.emplace();
    config.tls->caFile = caFile;
    config.tls->verifyPeer = !isInsecure;
  }
  config.timeout = joinTimeout();
  return config;
}

std::chrono::milliseconds ConnectionSettings::joinTimeout() const {
  return fromSeconds(timeout.value_or(kDefaultJoinTimeout));
}

std::optional<std::chrono::milliseconds> ConnectionSettings::callTimeout() const {
  return timeout ? std::optional(std::max(fromSeconds(*timeout), std::chrono::milliseconds(1)))
                 : std::nullopt;
}

void ArgumentSettings::addTo(CLI::App& app) {
  app.add_option("URI", uri, "procedure or topic")->required();
  app.add_option("ARGS", args, "positional arguments: JSON, or text that is not JSON");
  app.add_option("--kwarg", kwargs, "keyword argument, as NAME=JSON or NAME=text; repeatable")
      ->allow_extra_args(false);
}

CallArgs ArgumentSettings::parsed() const {
  CallArgs all;
  for (const std::string& each : args) all.args.push_back(valueOf(each));
  for (const std::string& each : kwargs) {
    const std::size_t equals = each.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw std::invalid_argument("--kwarg: '" + each + "' is not NAME=VALUE");
    }
    all.kwargs[each.substr(0, equals)] = valueOf(each.substr(equals + 1));
  }
  return all;
}

void CallSettings::addTo(CLI::App& app) {
  arguments.addTo(app);
  app.add_option("--repeat", repeat, "call so many times, one after the other")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--progress", showsProgress, "ask for progressive results, and show them as they come");
  app.add_flag("--full", isFull, "show results as {\"args\": …, \"kwargs\": …} always");
  app.add_flag("--disclose-me", disclosesMe, "let the callee know who calls");
}

void PublishSettings::addTo(CLI::App& app) {
  arguments.addTo(app);
  const auto add = [&](const char* name, auto& values, const char* what) {
    app.add_option(name, values, what)->allow_extra_args(false);
  };
  app.add_flag("--acknowledge", isAcknowledged,
               "wait for the router's acknowledgement; show the publication's ID");
  app.add_flag("--retain", isRetained, "the router keeps the event for those who subscribe later");
  app.add_flag("--include-me", includesMe, "this session may get the event too");
  app.add_flag("--disclose-me", disclosesMe, "let subscribers know who publishes");
  add("--exclude", exclude, "not to this session; repeatable, as are the following");
  add("--exclude-authid", excludeAuthid, "not to sessions of this authid");
  add("--exclude-authrole", excludeAuthrole, "not to sessions of this authrole");
  add("--eligible", eligible, "to this session only");
  add("--eligible-authid", eligibleAuthid, "to sessions of this authid only");
  add("--eligible-authrole", eligibleAuthrole, "to sessions of this authrole only");
}

PublishOptions PublishSettings::options() const {
  PublishOptions made;
  made.retain = isRetained;
  if (includesMe) made.excludeMe = false;
  if (disclosesMe) made.discloseMe = true;
  made.exclude = ifAny(exclude);
  made.excludeAuthid = ifAny(excludeAuthid);
  made.excludeAuthrole = ifAny(excludeAuthrole);
  made.eligible = ifAny(eligible);
  made.eligibleAuthid = ifAny(eligibleAuthid);
  made.eligibleAuthrole = ifAny(eligibleAuthrole);
  return made;
}

void SubscribeSettings::addTo(CLI::App& app) {
  app.add_option("URI", topic, "topic")->required();
  app.add_option("--match", match, "what the URI is")
      ->check(CLI::IsMember(namesOf(kMatches)))
      ->capture_default_str();
  app.add_option("--max-events", maxEvents, "end after so many events");
  app.add_flag("--get-retained", getsRetained, "show the retained event first");
}

SubscribeOptions SubscribeSettings::options() const {
  SubscribeOptions made;
  made.match = kMatches.at(match);
  made.getRetained = getsRetained;
  return made;
}

void RegisterSettings::addTo(CLI::App& app) {
  app.add_option("URI", procedure, "procedure")->required();
  app.add_flag("--echo", isEcho, "run nothing: give the arguments back");
  app.add_option("--match", match, "what the URI is")
      ->check(CLI::IsMember(namesOf(kMatches)))
      ->capture_default_str();
  app.add_option("--invoke", invoke, "how calls are shared with others who register the URI")
      ->check(CLI::IsMember(namesOf(kInvokes)))
      ->capture_default_str();
  app.add_option("--concurrency", concurrency, "so many commands at a time")->check(CLI::PositiveNumber);
  app.add_flag("--force", forces, "take the URI from whoever has it");
  // The command's own options are not ours: options stand before COMMAND.
  app.prefix_command();
  app.footer(
      "URI is followed by COMMAND [ARGUMENTS…], the program that answers calls; options go before it.");
}

RegisterOptions RegisterSettings::options() const {
  RegisterOptions made;
  made.match = kMatches.at(match);
  made.invoke = kInvokes.at(invoke);
  if (concurrency > 0) made.concurrency = concurrency;
  made.forceReregister = forces;
  return made;
}

}  // namespace wamp_tool
