// The cookie in the WebSocket's handshake, and who is known by it.
#include <gmock/gmock.h>

#include <autobahn/wamp/router/cookie_store.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "util/src/net/testing/echo.hpp"
#include "websocket/src/testing/raw_client.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using websocket::testing::RawClient;

constexpr const char* kHello =
    R"([1,"realm1",{"roles":{"caller":{}},"authid":"joe","authmethods":["cookie","ticket"]}])";
constexpr const char* kOrigin = "https://example.com";

class RouterCookies : public ::testing::Test {
 protected:
  RouterCookies() {
    auto tickets = std::make_shared<TicketAuthenticator>();
    tickets->setUser("joe", Secret::copyOf("secret!!!"), "user");
    server_.router().addRealm(
        {.name = "realm1",
         .authenticators = {tickets, std::make_shared<CookieAuthenticator>(options_.cookies)}});
    options_.websocket.allowedOrigins = {kOrigin};
  }

  // A browser that has opened a WebSocket and said HELLO, if it could.
  std::unique_ptr<RawClient> open(const std::string& cookie, const std::string& origin = kOrigin) {
    auto client = std::make_unique<RawClient>(io_, port_);
    client->read();
    client->send(websocket::testing::goodRequest("Sec-WebSocket-Protocol: wamp.2.json\r\nOrigin: " + origin +
                                                 "\r\n" + cookie));
    client->send(websocket::testing::maskedFrame(0x81, kHello));
    return client;
  }
  // Until that much has come.
  void expect(const RawClient& client, const std::string& text) {
    EXPECT_TRUE(util::testing::runUntil(
        io_, [&] { return client.ended || client.received.find(text) != std::string::npos; }));
    EXPECT_THAT(client.received, HasSubstr(text));
  }
  void listen() { port_ = server_.listen("ws://127.0.0.1:0", options_).port; }

  asio::io_context io_{1};
  RouterServer server_{io_};
  RouterListenOptions options_ = [] {
    RouterListenOptions made;
    made.cookies = std::make_shared<CookieStore>();
    return made;
  }();
  std::uint16_t port_ = 0;
};

std::string cookieIn(const std::string& response) {
  const std::string name = "Set-Cookie: ";
  const std::size_t begin = response.find(name);
  if (begin == std::string::npos) return {};
  return response.substr(begin + name.size(), response.find(';', begin) - begin - name.size());
}

TEST_F(RouterCookies, WhoHasLoggedInIsKnownAgain) {
  listen();
  const auto first = open({});
  expect(*first, R"([4,"ticket")");
  const std::string cookie = cookieIn(first->received);
  EXPECT_THAT(cookie, StartsWith("autobahn_session="));
  EXPECT_THAT(first->received, HasSubstr("; HttpOnly; SameSite=Strict\r\n"));
  first->send(websocket::testing::maskedFrame(0x81, R"([5,"secret!!!",{}])"));
  expect(*first, R"("authmethod":"ticket")");

  const auto second = open("Cookie: theme=dark; " + cookie + "\r\n");
  expect(*second, R"("authmethod":"cookie")");
  EXPECT_THAT(second->received, HasSubstr(R"("authid":"joe")"));
  EXPECT_THAT(second->received, Not(HasSubstr("Set-Cookie")));

  const auto stranger = open("Cookie: autobahn_session=AAAA\r\n");
  expect(*stranger, R"([4,"ticket")");
  EXPECT_THAT(stranger->received, HasSubstr("Set-Cookie: autobahn_session="));
}

// Cross-site WebSocket hijacking: with the user's cookie, from another page.
TEST_F(RouterCookies, AnotherPageGetsNowhere) {
  listen();
  const auto hijacker = open({}, "https://evil.example");
  expect(*hijacker, "HTTP/1.1 403");
  EXPECT_THAT(hijacker->received, Not(HasSubstr("Set-Cookie")));
}

TEST_F(RouterCookies, NeedOriginsThatAreNamed) {
  for (const std::vector<std::string>& origins : {std::vector<std::string>{"*"}, {kOrigin, "*"}}) {
    options_.websocket.allowedOrigins = origins;
    EXPECT_THROW(listen(), std::invalid_argument);
  }
  options_.websocket.allowedOrigins = {kOrigin};
  EXPECT_THROW(server_.listen("rs://127.0.0.1:0", options_), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::wamp
