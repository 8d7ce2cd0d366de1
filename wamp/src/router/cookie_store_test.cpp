// Cookies, and authentication by them.
#include <gmock/gmock.h>

#include <autobahn/wamp/router/cookie_store.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <stdexcept>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RouterScript;
using ::testing::StartsWith;

using Now = std::shared_ptr<std::chrono::steady_clock::time_point>;

// ---- In the handshake

TEST(CookieStore, GivesACookieAndKnowsItAgain) {
  const CookieStore store;
  const auto first = store.greet("", false);
  EXPECT_EQ(first.setCookie,
            "autobahn_session=" + first.cookie + "; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict");
  const auto other = store.greet("", false);
  EXPECT_NE(other.cookie, first.cookie);
  const std::string pair = "autobahn_session=" + first.cookie;
  for (const std::string& header :
       {pair, "a=b; " + pair, pair + "; a=b", "autobahn_session=x;" + pair, ";; ;\t" + pair + " ;x"}) {
    const auto again = store.greet(header, false);
    EXPECT_EQ(again.cookie, first.cookie) << header;
    EXPECT_EQ(again.setCookie, "");
  }
}

// Session fixation: a cookie that somebody has thought up is not taken.
TEST(CookieStore, TakesNoCookieThatItHasNotMade) {
  const CookieStore store;
  std::string forged = CookieStore().greet("", false).cookie;
  std::string changed = store.greet("", false).cookie;
  changed[3] = changed[3] == 'A' ? 'B' : 'A';
  for (const std::string& each :
       {std::string(), std::string("x"), std::string("\"\""), forged, changed, std::string(100'000, 'A')}) {
    const auto greeting = store.greet("autobahn_session=" + each, false);
    EXPECT_NE(greeting.cookie, each);
    EXPECT_THAT(greeting.setCookie, StartsWith("autobahn_session=" + greeting.cookie));
  }
  EXPECT_NE(store.greet("autobahn_session", false).setCookie, "");
}

TEST(CookieStore, HasOptions) {
  const CookieStore store({.name = "__Host-id", .maxAge = 60s, .sameSite = SameSite::lax});
  EXPECT_THAT(store.greet("", true).setCookie, HasSubstr("; Max-Age=60; HttpOnly; SameSite=Lax; Secure"));
  EXPECT_THAT(store.greet("", false).setCookie, Not(HasSubstr("Secure")));
  const CookieStore behindProxy({.isAlwaysSecure = true});
  EXPECT_THAT(behindProxy.greet("", false).setCookie, HasSubstr("; Secure"));
  for (const char* name : {"", "a b", "a=b", "a;b", "a\r\nb", "\xc3\xa4"}) {
    EXPECT_THROW(CookieStore({.name = name}), std::invalid_argument) << name;
  }
  EXPECT_THROW(CookieStore({.maxAge = 0s}), std::invalid_argument);
}

// ---- Logins

TEST(CookieStore, ForgetsLogins) {
  const auto now = std::make_shared<std::chrono::steady_clock::time_point>();
  CookieStore store({.maxAge = 60s, .maxLogins = 3}, [now] { return *now; });
  store.remember("a", "realm1", {.authid = "joe"});
  store.remember("b", "realm1", {.authid = "joe"});
  store.remember("b", "realm2", {.authid = "ann"});
  EXPECT_EQ(store.find("a", "realm2"), nullptr);
  EXPECT_EQ(store.find("c", "realm1"), nullptr);
  EXPECT_EQ(store.find("b", "realm2")->authid, "ann");
  *now += 30s;
  store.remember("a", "realm1", {.authid = "moe"});
  EXPECT_EQ(store.find("a", "realm1")->authid, "moe");
  *now += 30s;
  EXPECT_EQ(store.find("b", "realm1"), nullptr);
  EXPECT_EQ(store.loginCount(), 1u);
  for (const char* each : {"1", "2", "3", "4"}) store.remember(each, "realm1", {.authid = "joe"});
  EXPECT_EQ(store.loginCount(), 3u);
  EXPECT_EQ(store.find("1", "realm1"), nullptr);
  store.remember("5", "realm1", {.authid = "ann"});
  EXPECT_EQ(store.forgetUser("realm1", "joe"), 2u);
  EXPECT_EQ(store.loginCount(), 1u);
  store.forgetAll();
  EXPECT_EQ(store.find("5", "realm1"), nullptr);
}

// ---- In the router

class CookieAuthentication : public ::testing::Test {
 protected:
  CookieAuthentication() {
    auto tickets = std::make_shared<TicketAuthenticator>();
    tickets->setUser("joe", Secret::copyOf("secret!!!"), "user");
    const auto byCookie = std::make_shared<CookieAuthenticator>(cookies_);
    router_->addRealm(
        {.name = "realm2", .authenticators = {tickets, byCookie, makeAnonymousAuthenticator()}});
  }

  void hello(Client& client, std::vector<Text> methods, std::string cookie) {
    client.peer.cookie = std::move(cookie);
    message::Hello said{.realm = Text("realm2"),
                        .details = {.roles = testing::allRoles(), .authmethods = std::move(methods)}};
    said.details.authid = Text("joe");
    client.say(std::move(said));
  }
  // With the ticket.
  void logIn(const std::string& cookie) {
    Client client(router_);
    hello(client, {"cookie", "ticket"}, cookie);
    EXPECT_EQ(client.expect<message::Challenge>().method, "ticket");
    client.say(message::Authenticate{.signature = "secret!!!"});
    EXPECT_EQ(client.expect<message::Welcome>().details.authmethod, Text("ticket"));
  }

  std::shared_ptr<CookieStore> cookies_ = std::make_shared<CookieStore>();
  RouterScript router_;
};

TEST_F(CookieAuthentication, WhoHasLoggedInIsKnownAgain) {
  logIn("cookie1");
  Client client(router_);
  hello(client, {"cookie", "ticket"}, "cookie1");
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(welcome.details.authmethod, Text("cookie"));
  EXPECT_EQ(welcome.details.authid, Text("joe"));
  EXPECT_EQ(welcome.details.authrole, Text("user"));
  // The cookie is nobody else's business.
  const Id call = client.call("wamp.session.get", {welcome.session});
  const auto shown = client.expect<message::Result>();
  EXPECT_EQ(shown.request, call);
  EXPECT_THAT(testing::toJson(shown), Not(HasSubstr("cookie1")));
}

TEST_F(CookieAuthentication, OnlyWithTheCookieOfTheLogin) {
  logIn("cookie1");
  for (const char* cookie : {"", "cookie2"}) {
    Client client(router_);
    hello(client, {"cookie"}, cookie);
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoMatchingAuthMethod);
  }
  cookies_->forgetUser("realm2", "joe");
  Client client(router_);
  hello(client, {"cookie"}, "cookie1");
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoMatchingAuthMethod);
}

TEST_F(CookieAuthentication, FailedAndAnonymousSessionsAreNotRemembered) {
  Client wrong(router_), anonymous(router_), none(router_);
  hello(wrong, {"ticket"}, "cookie1");
  wrong.expect<message::Challenge>();
  wrong.say(message::Authenticate{.signature = "wrong"});
  wrong.expect<message::Abort>();
  hello(anonymous, {"anonymous"}, "cookie2");
  anonymous.expect<message::Welcome>();
  EXPECT_EQ(cookies_->loginCount(), 0u);
  logIn("");
  EXPECT_EQ(cookies_->loginCount(), 0u);
}

}  // namespace
}  // namespace autobahn::wamp::router
