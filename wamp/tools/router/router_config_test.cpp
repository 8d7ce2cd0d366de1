// What a configuration may say, and what is said of those that are wrong.
#include "config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "websocket_config.hpp"

namespace router_tool {
namespace {

using namespace autobahn;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// A configuration of one realm and one listener; the parts stand in lines of their own.
struct Parts {
  std::string realm = R"("name": "realm1")";
  std::string roles = R"({"name": "user", "permissions": []})";
  std::string authentication = R"("anonymous": {"role": "user"})";
  std::string listener = R"("url": "ws://127.0.0.1:0/ws")";
  std::string more{};

  std::string text() const {
    return "{\n\"realms\": [{\n" + realm + ",\n\"roles\": [\n" + roles + "\n],\n\"authentication\": {\n" +
           authentication + "\n}}],\n\"listeners\": [{\n" + listener + "\n}]\n" + more + "\n}\n";
  }
};
// Where they stand.
constexpr const char* kRealmLine = "x.json:3: realms[0]";
constexpr const char* kRolesLine = "x.json:5: realms[0].roles[0]";
constexpr const char* kAuthLine = "x.json:8: realms[0].authentication";
constexpr const char* kListenerLine = "x.json:11: listeners[0]";
constexpr const char* kMoreLine = "x.json:13: ";

Config parsed(const Parts& parts) { return parseConfig("x.json", parts.text()); }

std::string problemOf(const std::string& text) {
  try {
    parseConfig("x.json", text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

TEST(Config, Defaults) {
  const Config config = parsed({});
  ASSERT_EQ(config.realms.size(), 1U);
  EXPECT_EQ(config.realms[0].options.name, "realm1");
  EXPECT_EQ(config.realms[0].options.requestIds, wamp::RequestIds::increasing);
  EXPECT_TRUE(config.realms[0].options.experimental.shardedSubscription);
  EXPECT_FALSE(config.realms[0].options.experimental.sessionResumption);
  EXPECT_EQ(config.drainDeadline, 5s);
  ASSERT_EQ(config.listeners.size(), 1U);
  const ListenerConfig& listener = config.listeners[0];
  EXPECT_EQ(listener.url, "ws://127.0.0.1:0/ws");
  EXPECT_FALSE(listener.options.detectRawSocket);
  EXPECT_EQ(listener.options.websocket.autoPingInterval, 10s);
  EXPECT_FALSE(listener.web);
  EXPECT_FALSE(config.log.level);
}

TEST(Config, TheEmbeddedDefaultIsInOrder) {
  const Config config = parseConfig("default", defaultConfigText());
  EXPECT_EQ(config.listeners[0].url, "ws://127.0.0.1:8080/ws");
  EXPECT_TRUE(config.listeners[0].options.detectRawSocket);
  EXPECT_EQ(config.listeners[0].options.longPollPath, "/lp");
  EXPECT_EQ(config.listeners[0].web->page, "/");
}

TEST(Config, ReadsWhatIsSaid) {
  const Config config = parsed({
      .realm = R"("name": "tenant.", "match": "prefix", "requestIds": "any", "allowDiscloseMe": false,
                  "limits": {"pendingCalls": 7, "maxRetainedSize": 1000},
                  "experimental": {"shardedSubscription": false, "sessionResumption": true},
                  "resumption": {"timeout": 5000, "maxSessions": 2, "maxOctets": 3})",
      .listener = R"("url": "ws://127.0.0.1:0", "paths": ["/a", "/b"], "serializers": ["cbor", "json"],
                     "unixMode": "0660", "rawsocket": true,
                     "longpoll": {"path": "/lp", "pollTimeout": 2000, "maxTransports": 5},
                     "websocket": {"autoPingInterval": 500, "allowedOrigins": ["https://*.example.com"],
                                   "versions": [13], "slowConsumerPolicy": "buffer", "trustXForwardedFor": 1,
                                   "perMessageCompressionAccept": {"windowBits": 10, "memLevel": 2}},
                     "web": {"page": true, "health": "/up", "metrics": false})",
      .more = R"(, "drainDeadline": 10, "log": {"level": "debug", "format": "json"},
                 "router": {"agent": "me", "joinTimeout": 20, "defaultRealm": "tenant.a", "maxRealms": 3,
                            "threads": 4})",
  });
  const RealmConfig& realm = config.realms[0];
  EXPECT_TRUE(realm.isPattern);
  EXPECT_EQ(realm.options.requestIds, wamp::RequestIds::any);
  EXPECT_FALSE(realm.options.allowDiscloseMe);
  EXPECT_EQ(realm.options.limits.pendingCalls, 7U);
  EXPECT_EQ(realm.options.maxRetainedSize, 1000U);
  EXPECT_FALSE(realm.options.experimental.shardedSubscription);
  EXPECT_TRUE(realm.options.experimental.shardedRegistration);
  EXPECT_TRUE(realm.options.experimental.callReroute);
  EXPECT_TRUE(realm.options.experimental.payloadPassthru);
  EXPECT_TRUE(realm.options.experimental.sessionResumption);
  EXPECT_EQ(realm.options.resumption.timeout, 5s);
  EXPECT_EQ(realm.options.resumption.maxSessions, 2U);
  EXPECT_EQ(realm.options.resumption.maxOctets, 3U);
  const wamp::RouterListenOptions& options = config.listeners[0].options;
  EXPECT_THAT(options.webSocketPaths, ElementsAre("/a", "/b"));
  EXPECT_THAT(options.serializers.ids(), ElementsAre("cbor", "json"));
  EXPECT_EQ(options.unixMode, 0660U);
  EXPECT_TRUE(options.detectRawSocket);
  EXPECT_EQ(options.longPollPath, "/lp");
  EXPECT_EQ(options.longPoll.pollTimeout, 2s);
  EXPECT_EQ(options.longPoll.maxTransports, 5U);
  EXPECT_EQ(options.websocket.autoPingInterval, 500ms);
  EXPECT_THAT(options.websocket.allowedOrigins, ElementsAre("https://*.example.com"));
  EXPECT_THAT(options.websocket.versions, ElementsAre(13));
  EXPECT_EQ(options.websocket.slowConsumerPolicy, websocket::SlowConsumerPolicy::buffer);
  EXPECT_EQ(options.websocket.trustXForwardedFor, 1);
  const auto accepted = options.websocket.perMessageCompressionAccept({websocket::PerMessageDeflateOffer{}});
  EXPECT_EQ(accepted->parameters().serverMaxWindowBits, 10);
  EXPECT_EQ(config.listeners[0].web->page, "/");
  EXPECT_EQ(config.listeners[0].web->health, "/up");
  EXPECT_FALSE(config.listeners[0].web->metrics);
  EXPECT_EQ(config.listeners[0].web->webSocketPath, "/a");
  EXPECT_EQ(config.drainDeadline, 10ms);
  EXPECT_EQ(config.log.level, util::Level::debug);
  EXPECT_EQ(config.router.agent, "me");
  EXPECT_EQ(config.router.maxRealms, 3U);
  EXPECT_EQ(config.threads, 4U);
}

// Who may get in and do what, where a procedure, a certificate or a cookie says so.
TEST(Config, ReadsDynamicAccess) {
  const Config config = parsed({
      .roles = R"({"name": "backend", "permissions": []},
                  {"name": "user", "authorizer": {"procedure": "com.authorize", "realm": "users", "timeout": 100,
                                                  "cacheFor": "role", "cacheTime": 0, "maxCached": 5}})",
      .authentication = R"("ticket": {"dynamic": {"procedure": "com.auth", "realm": "users", "timeout": 700,
                                                  "defaultRole": "user"}},
                           "wampcra": {"dynamic": {"procedure": "com.auth"}, "salted": true, "iterations": 10},
                           "scram": {"dynamic": {"procedure": "com.auth"}, "kdf": "pbkdf2"},
                           "cryptosign": {"dynamic": {"procedure": "com.auth"}},
                           "anonymous": {"dynamic": {"procedure": "com.auth"}},
                           "tls": {"users": {"joe": {"role": "user", "commonNames": ["joe.example.com"]}}},
                           "cookie": {})",
      .listener = R"("url": "ws://127.0.0.1:0", "cookies": true,
                     "websocket": {"allowedOrigins": ["https://example.com"]})",
      .more = R"(, "cookies": {"name": "id", "maxAge": 60000, "sameSite": "lax", "alwaysSecure": true},
                 "router": {"authenticationLimits": {"failuresPerPeer": {"burst": 3, "interval": 1000},
                                                     "attemptsPerPeer": false,
                                                     "attemptsPerAuthid": {"burst": 4, "interval": 5},
                                                     "limitLoopback": true, "maxEntries": 6}})",
  });
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    ASSERT_NE(config.realms[0].methods[i], nullptr) << kMethods[i];
    EXPECT_TRUE(config.realms[0].methods[i]->handles(kMethods[i]));
  }
  wamp::SessionInfo session;
  const auto decided = [&](const char* role) {
    session.authrole = role;
    return config.realms[0].permissions->decide({session, wamp::Action::call, "com.p"}).has_value();
  };
  EXPECT_TRUE(decided("backend"));
  EXPECT_FALSE(decided("user"));  // somebody is to be asked
  EXPECT_EQ(config.router.caller, config.lasting.caller);
  EXPECT_EQ(config.listeners[0].options.cookies, config.lasting.cookies);
  EXPECT_THAT(
      config.lasting.cookies->greet("", false).setCookie,
      testing::AllOf(testing::StartsWith("id="), HasSubstr("; Max-Age=60; HttpOnly; SameSite=Lax; Secure")));
  const wamp::AuthenticationLimits& limits = config.router.authenticationLimits;
  EXPECT_EQ(limits.failuresPerPeer.burst, 3U);
  EXPECT_EQ(limits.failuresPerPeer.interval, 1s);
  EXPECT_EQ(limits.attemptsPerPeer.burst, 0U);
  EXPECT_EQ(limits.failuresPerAuthid.burst, 100U);
  EXPECT_EQ(limits.attemptsPerAuthid.burst, 4U);
  EXPECT_TRUE(limits.limitLoopback);
  EXPECT_EQ(limits.maxEntries, 6U);
  // What goes on when the file is read again.
  const Config again = parseConfig("x.json", Parts{}.text(), config.lasting);
  EXPECT_EQ(again.lasting.caller, config.lasting.caller);
  EXPECT_EQ(again.lasting.cookies, config.lasting.cookies);
}

struct Broken {
  Parts parts;
  const char* where;
  const char* what;
};

TEST(Config, NamesTheSpot) {
  const std::string everything = R"("uri": "", "match": "prefix", "allow": ["call"])";
  const Broken cases[] = {
      // Keys
      {{.realm = R"("name": "realm1", "requestIDs": "any")"}, kRealmLine, "(did you mean `requestIds`?)"},
      {{.realm = R"("name": "realm1", "allow_disclose_me": true)"}, kRealmLine, "`allowDiscloseMe`"},
      {{.listener = R"("address": "x")"}, "x.json:10: listeners[0]: ", "`url` is missing"},
      {{.more = R"(, "listners": [])"}, kMoreLine, "listners: is unknown (did you mean `listeners`?)"},
      {{.more = R"(, "quux": 1)"}, kMoreLine, "quux: is unknown"},
      {{.more = R"(, "realms": [])"}, kMoreLine, "realms: is given twice, in line 2 before"},
      // Types and ranges
      {{.realm = R"("name": 5)"}, kRealmLine, ".name: must be a string, is a number"},
      {{.realm = R"("name": "realm1", "limits": [])"}, kRealmLine, ".limits: must be an object, is a list"},
      {{.realm = R"("name": "realm1", "limits": {"testaments": -1})"}, kRealmLine, "0 or more, is -1"},
      {{.realm = R"("name": "realm1", "limits": {"testaments": 1.5})"}, kRealmLine, "a whole number"},
      {{.more = R"(, "drainDeadline": "5s")"}, kMoreLine, "drainDeadline: must be a whole number"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "rawsocket": "yes")"}, kListenerLine, "true or false"},
      // URIs and names
      {{.realm = R"("name": "a", "experimental": {"callRerouting": true})"},
       kRealmLine,
       "did you mean `callReroute`?"},
      {{.realm = R"("name": "a", "experimental": {"callReroute": 1})"}, kRealmLine, ".callReroute: must be"},
      {{.realm = R"("name": "a", "resumption": {})"}, kRealmLine, "needs `experimental.sessionResumption`"},
      {{.realm = R"("name": "a", "experimental": {"sessionResumption": true}, "resumption": {"timeout": 0})"},
       kRealmLine,
       ".resumption.timeout: must be greater than 0"},
      {{.realm = R"("name": "realm one")"}, kRealmLine, ".name: is no URI: \"realm one\""},
      {{.roles = R"({"name": "user", "permissions": [{"uri": "a..b", "allow": []}]})"},
       kRolesLine,
       ".permissions[0].uri: is no URI: \"a..b\""},
      {{.roles = R"({"name": "user", "permissions": [{"uri": "a", "allow": ["publsh"]}]})"},
       kRolesLine,
       "did you mean `publish`?"},
      {{.roles = R"({"name": "user", "permissions": [{)" + everything + "}, {" + everything + "}]}"},
       kRolesLine,
       "two rules"},
      {{.roles = R"({"name": "user", "permissions": []}, {"name": "user", "permissions": []})"},
       "x.json:5: realms[0].roles[1].name",
       "another role"},
      // History
      {{.realm = R"("name": "a", "history": {"topic": []})"}, kRealmLine, "did you mean `topics`?"},
      {{.realm = R"("name": "a", "history": {"topics": [{"uri": "a..b"}]})"},
       kRealmLine,
       ".history.topics[0].uri: is no URI"},
      {{.realm = R"("name": "a", "history": {"topics": [{"uri": "a", "maxEvent": 1}]})"},
       kRealmLine,
       "did you mean `maxEvents`?"},
      {{.realm = R"("name": "a", "history": {"file": {}})"}, kRealmLine, "`name` is missing"},
      {{.realm = R"("name": "a.", "match": "prefix", "history": {"file": {"name": "x"}})"},
       kRealmLine,
       ".history.file: is for one realm, not for a pattern"},
      // Ways to get in
      {{.authentication = ""}, "x.json:7: realms[0].authentication: ", "at least one"},
      {{.authentication = R"("anonymus": {"role": "user"})"}, kAuthLine, "did you mean `anonymous`?"},
      {{.authentication = R"("anonymous": {"role": "usr"})"}, kAuthLine, "did you mean `user`?"},
      {{.authentication = R"("ticket": {"users": {"joe": {"role": "user"}}})"},
       kAuthLine,
       "`ticket` is missing"},
      {{.authentication = R"("ticket": {"users": {"joe": {"role": "user", "ticket": ""}}})"},
       kAuthLine,
       ".ticket.users.joe.ticket: must not be empty"},
      {{.authentication = R"("ticket": {"users": {"joe": {"role": "user", "ticket": {"file": "none"}}}})"},
       kAuthLine,
       ".file: cannot read none: No such file"},
      {{.authentication = R"("ticket": {"users": {"joe": {"role": "user", "ticket": {"env": "NO_SUCH_"}}}})"},
       kAuthLine,
       ".env: the environment has no NO_SUCH_"},
      {{.authentication = R"("ticket": {"users": {"joe": {"role": "user", "ticket": {}}}})"},
       kAuthLine,
       "either `file` or `env`"},
      {{.authentication = R"("wampcra": {"users": {"joe": {"role": "user", "secret": "a", "salt": "b"}}})"},
       kAuthLine,
       "either `secret`, or `derivedKey` and `salt`"},
      {{.authentication = R"("scram": {"kdf": "bcrypt", "users": {}})"}, kAuthLine, "argon2id13, pbkdf2"},
      {{.authentication = R"("scram": {"kdf": "pbkdf2", "memory": 8, "users": {}})"},
       kAuthLine,
       "is for argon2"},
      {{.authentication = R"("scram": {"users": {"joe": {"role": "user", "salt": "00", "serverKey": "00",
                             "storedKey": "0"}}})"},
       "x.json:9: ",
       "even number"},
      {{.authentication = R"("cryptosign": {"users": {"joe": {"role": "user", "authorizedKeys": ["12"]}}})"},
       kAuthLine,
       ".cryptosign.users.joe: "},
      {{.authentication = R"("ticket": {"dynamic": {}})"}, kAuthLine, ".dynamic: `procedure` is missing"},
      {{.authentication = R"("ticket": {"dynamic": {"procedure": "a b"}})"},
       kAuthLine,
       ".procedure: is no URI: \"a b\""},
      {{.authentication = R"("ticket": {"dynamic": {"procedure": "com.p", "timeout": 0}})"},
       kAuthLine,
       ".timeout: must be greater than 0"},
      {{.authentication = R"("ticket": {"dynamic": {"procedure": "com.p", "defaultRole": "usr"}})"},
       kAuthLine,
       "did you mean `user`?"},
      {{.authentication = R"("ticket": {"dynamic": {"procedure": "com.p"}, "users": {}})"},
       kAuthLine,
       ".ticket.dynamic: stands in place of `users` and `role`"},
      {{.authentication = R"("tls": {"users": {"joe": {"role": "user"}}})"},
       kAuthLine,
       "must have `fingerprints` or `commonNames`"},
      {{.authentication = R"("tls": {"users": {"joe": {"role": "user", "fingerprints": ["12"]}}})"},
       kAuthLine,
       "no SHA-256 fingerprint: 12"},
      {{.authentication = R"("cookie": {"name": "x"})"}, kAuthLine, ".cookie.name: is unknown"},
      {{.roles = R"({"name": "user", "authorizer": {"procedure": "com.p", "cacheFor": "ever"}})"},
       kRolesLine,
       ".authorizer.cacheFor: must be one of"},
      {{.roles = R"({"name": "user", "authorizer": {"procedure": "com.p"}, "permissions": []})"},
       kRolesLine,
       ".authorizer: stands in place of `permissions`"},
      {{.more = R"(, "router": {"threads": 0})"}, kMoreLine, "router.threads: must be "},
      {{.more = R"(, "router": {"authenticationLimits": {"failuresPerPeer": true}})"},
       kMoreLine,
       ".failuresPerPeer: must be an object, or false"},
      {{.more = R"(, "router": {"authenticationLimits": {"failuresPerPeer": {"interval": 0}}})"},
       kMoreLine,
       ".failuresPerPeer: needs an `interval`"},
      {{.more = R"(, "router": {"authenticationLimits": {"attemptsPerAuthid": {"interval": 5}}})"},
       kMoreLine,
       ".attemptsPerAuthid: needs `burst`"},
      {{.more = R"(, "cookies": {"name": "a b"})"}, kMoreLine, "cookies: no name for a cookie: a b"},
      {{.more = R"(, "cookies": {"maxAge": 10})"}, kMoreLine, "cookies: a cookie's maxAge"},
      // Listeners
      {{.listener = R"("url": "ws://127.0.0.1:0", "cookies": true)"},
       kListenerLine,
       ".cookies: needs `websocket.allowedOrigins`"},
      {{.listener = R"("url": "rs://127.0.0.1:0", "cookies": true)"}, kListenerLine, "is for ws, wss"},
      {{.listener = R"("url": "http://127.0.0.1")"}, kListenerLine, ".url: "},
      {{.listener = R"("url": "wss://127.0.0.1:0")"}, kListenerLine, ".url: needs `tls`"},
      {{.listener = R"("url": "wss://127.0.0.1:0", "tls": {"certificate": "none.pem", "key": "none.pem"})"},
       kListenerLine,
       ".tls.certificate: cannot read none.pem: No such file"},
      {{.listener = R"("url": "rs://127.0.0.1:0", "longpoll": "/lp")"}, kListenerLine, "is for ws, wss"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "longpoll": "lp")"}, kListenerLine, "must begin with '/'"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "longpoll": {"path": "/lp", "pollTimeout": 0})"},
       kListenerLine,
       ".longpoll: "},
      {{.listener = R"("url": "ws://127.0.0.1:0", "paths": ["/a b"])"}, kListenerLine, ".paths[0]: is not"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "serializers": ["xml"])"}, kListenerLine, "must be one of"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "unixMode": "0999")"}, kListenerLine, "in octal"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "websocket": {"autoPingSize": 1000})"},
       kListenerLine,
       "autoPingSize"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "websocket": {"slowConsumerPolicy": "dropMessage"})"},
       kListenerLine,
       "buffer, close"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "web": {"page": "/status"})"},
       kListenerLine,
       "end with '/'"},
      {{.listener = R"("url": "ws://127.0.0.1:0", "web": {"static": [{"path": "/", "directory": "none"}]})"},
       kListenerLine,
       ".web.static[0].directory: "},
  };
  for (const Broken& each : cases) {
    const std::string text = each.parts.text();
    SCOPED_TRACE(text);
    EXPECT_THAT(problemOf(text), testing::StartsWith(each.where));
    EXPECT_THAT(problemOf(text), HasSubstr(each.what));
    EXPECT_THAT(problemOf(text), testing::Not(HasSubstr("\n")));
  }
}

TEST(Config, SaysWhereItIsNoJson) {
  EXPECT_THAT(problemOf(""), HasSubstr("x.json:1: is no JSON"));
  EXPECT_THAT(problemOf("{\n\"realms\": [}\n"), HasSubstr("x.json:2: is no JSON"));
  EXPECT_THAT(problemOf("{} {}"), HasSubstr("x.json:1: is no JSON"));
  EXPECT_THAT(problemOf("[1]"), HasSubstr("x.json:1: must be an object, is a list"));
  EXPECT_THAT(problemOf(std::string(100'000, '[')), HasSubstr("is nested too deeply"));
  EXPECT_THAT(problemOf("{\"a\": \"\xff\"}"), HasSubstr("is no JSON"));
  // RapidJSON passes over the second half of a pair that has no first.
  EXPECT_EQ(problemOf("{\n\"a\": \"\\udd06\"}"), "x.json:2: is no JSON: a text that is not UTF-8");
  EXPECT_EQ(problemOf("{\n\n\"\\udd06\": 1}"), "x.json:3: is no JSON: a text that is not UTF-8");
  EXPECT_THROW(readConfig("/no/such/file"), ConfigError);
  EXPECT_THROW(readConfig("/"), ConfigError);
}

// It goes to terminals and logs.
TEST(Config, ComplainsInOneLineOfPlainText) {
  EXPECT_EQ(problemOf(Parts{.more = R"(, "a\n\u001b[2Jb\u007f": 1)"}.text()),
            std::string(kMoreLine) + "a??[2Jb?: is unknown");
  EXPECT_EQ(problemOf(Parts{.realm = R"("name": "a\r\nb")"}.text()),
            std::string(kRealmLine) + R"(.name: is no URI: "a??b")");
}

TEST(Config, LetsCommentsPass) {
  Parts parts;
  parts.more = ", // to the end of the line\n/* and\nthis */ \"log\": {\"level\": \"inf\",},";
  EXPECT_THAT(problemOf(parts.text()), testing::StartsWith("x.json:15: log.level: must be one of"));
}

TEST(Config, SecretsComeFromFilesAndTheEnvironment) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "router_config_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "secret") << "from a file\n";
  ::setenv("ROUTER_CONFIG_TEST", "from the environment", 1);
  const auto secretOf = [&](const std::string& value) {
    const std::string file = (folder / "x.json").string();
    return std::string(
        readSecret(Setting(file, std::make_shared<const Node>(parseNode(file, value)))).view());
  };
  EXPECT_EQ(secretOf(R"("plain")"), "plain");
  EXPECT_EQ(secretOf(R"({"file": "secret"})"), "from a file");  // beside the configuration
  EXPECT_EQ(secretOf(R"({"env": "ROUTER_CONFIG_TEST"})"), "from the environment");
  std::filesystem::remove_all(folder);
}

TEST(Config, FindsTheRealmOfAName) {
  Config config;
  for (const auto& [name, isPattern] : {std::pair{"a.", true}, {"a.b.", true}, {"a.b.c", false}}) {
    RealmConfig realm;
    realm.isPattern = isPattern;
    realm.options.name = name;
    config.realms.push_back(std::move(realm));
  }
  EXPECT_EQ(config.realmFor("a.x")->options.name, "a.");
  EXPECT_EQ(config.realmFor("a.b.x")->options.name, "a.b.");
  EXPECT_EQ(config.realmFor("a.b.c")->options.name, "a.b.c");
  EXPECT_EQ(config.realmFor("b"), nullptr);
}

TEST(Config, KnowsWhatIsTheSame) {
  const auto listener = [](const std::string& text) {
    return parseConfig("x.json", Parts{.listener = text}.text()).listeners[0].fixedPart;
  };
  const std::string url = R"("url": "ws://127.0.0.1:0")";
  const std::string raw = R"("rawsocket": true)";
  EXPECT_EQ(listener(url + "," + raw), listener("// other order\n" + raw + ",\n" + url));
  EXPECT_NE(listener(url + "," + raw), listener(url));
}

/// The names of members that the library declares between two lines of a header.
std::vector<std::string> membersIn(const std::string& header, const std::string& type,
                                   const std::string& from, const std::string& to) {
  std::ifstream file(AUTOBAHN_SOURCE_DIR "/" + header);
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  text = text.substr(text.find(from));
  text = text.substr(0, text.find(to));
  const std::regex member("^  (?:" + type + R"() (\w+)\s*[=;])", std::regex::multiline);
  std::vector<std::string> names;
  for (std::sregex_iterator each(text.begin(), text.end(), member); each != std::sregex_iterator(); ++each) {
    names.push_back((*each)[1]);
  }
  return names;
}

// What the library has is to be configurable: its headers are read for the names.
TEST(Config, ReadsWhatAHistoryIs) {
  const Config config = parseConfig("/etc/x.json", Parts{.realm = R"("name": "realm1", "history": {
      "topics": [{"uri": "com.app.", "match": "prefix", "maxEvents": 5, "maxOctets": 6, "maxAge": 7}, {"uri": "b"}],
      "maxEventsPerRead": 8, "maxOctetsPerRead": 9,
      "file": {"name": "realm1.history", "survivesPowerLoss": false, "keepsRetained": false,
               "maxQueuedEvents": 10, "maxQueuedOctets": 11, "maxQueuedReads": 12, "maxFileSize": 13}})"}
                                                       .text());
  const wamp::HistoryOptions& history = config.realms[0].options.history;
  ASSERT_EQ(history.rules.size(), 2U);
  EXPECT_EQ(history.rules[0].uri, "com.app.");
  EXPECT_EQ(history.rules[0].match, wamp::Match::prefix);
  EXPECT_EQ(history.rules[0].maxEvents, 5U);
  EXPECT_EQ(history.rules[0].maxOctets, 6U);
  EXPECT_EQ(history.rules[0].maxAge, 7ms);
  EXPECT_EQ(history.rules[1].match, wamp::Match::exact);
  EXPECT_EQ(history.maxEventsPerRead, 8U);
  EXPECT_EQ(history.maxOctetsPerRead, 9U);
  EXPECT_EQ(history.store, nullptr);
  const wamp::SqliteHistoryOptions& file = config.realms[0].historyFile->options;
  EXPECT_EQ(file.file, "/etc/realm1.history");
  EXPECT_FALSE(file.survivesPowerLoss);
  EXPECT_FALSE(file.keepsRetained);
  EXPECT_EQ(file.maxQueuedEvents, 10U);
  EXPECT_EQ(file.maxQueuedOctets, 11U);
  EXPECT_EQ(file.maxQueuedReads, 12U);
  EXPECT_EQ(file.maxFileSize, 13U);
}

TEST(WebSocketConfig, HasEveryOption) {
  const auto names = membersIn("websocket/include/autobahn/websocket/options.hpp",
                               R"(bool|int|std::[\w:<>]+|SlowConsumerPolicy|ProxyProtocol|PerMessage\w+)",
                               "/// Options of both roles.", "/// Options of clients.");
  EXPECT_GE(names.size(), 36U);
  for (const std::string& name : names) {
    // No option is an object of this kind: it is known when it is not called unknown.
    const std::string json = "{\"" + name + "\": {\"?\": 0}}";
    websocket::ServerOptions options;
    try {
      readWebSocketOptions(Setting("x.json", std::make_shared<const Node>(parseNode("x.json", json))),
                           options);
      ADD_FAILURE() << name;
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), testing::Not(HasSubstr(name + ": is unknown"))) << name;
    }
  }
}

TEST(Config, HasEveryLimit) {
  auto names = membersIn("wamp/include/autobahn/wamp/router/session_info.hpp", "std::size_t",
                         "struct SessionLimits", "\n};");
  const auto more = membersIn("wamp/include/autobahn/wamp/router/options.hpp", "std::size_t",
                              "struct RealmOptions", "\n};");
  EXPECT_GE(names.size(), 6U);
  EXPECT_GE(more.size(), 5U);
  names.insert(names.end(), more.begin(), more.end());
  for (const std::string& name : names) {
    const Parts parts{.realm = R"("name": "realm1", "limits": {")" + name + R"(": 7})"};
    EXPECT_EQ(problemOf(parts.text()), "none") << name;
  }
}

TEST(Suggestion, FindsWhatWasMeant) {
  const std::vector<std::string> known = {"listeners", "realms", "drainDeadline", "log"};
  EXPECT_EQ(suggestion("listner", known), "listeners");
  EXPECT_EQ(suggestion("drain_deadline", known), "drainDeadline");
  EXPECT_EQ(suggestion("relams", known), "realms");  // neighbours swapped
  EXPECT_EQ(suggestion("Log", known), "log");
  EXPECT_EQ(suggestion("xyz", known), std::nullopt);
  EXPECT_EQ(suggestion(std::string(100'000, 'l'), known), std::nullopt);
}

}  // namespace
}  // namespace router_tool
