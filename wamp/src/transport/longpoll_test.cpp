// Long-poll as browsers and attackers use it: raw requests, over real sockets. What sessions see of it is in
// session_features_test.
#include <gmock/gmock.h>

#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/websocket/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../testing/session_peers.hpp"
#include "util/src/net/testing/echo.hpp"
#include "websocket/src/testing/raw_client.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestSession;
using websocket::testing::RawClient;
namespace http = websocket::http;

constexpr char kJson[] = R"({"protocols":["wamp.2.json"]})";
constexpr char kHello[] = R"([1,"realm1",{"roles":{"caller":{},"subscriber":{},"publisher":{}}}])";

std::string post(const std::string& path, const std::string& body = {}, const std::string& more = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// One connection of a client; its answers, parsed.
class Browser {
 public:
  Browser(asio::io_context& io, std::uint16_t port) : raw(io, port) { raw.read(); }

  /// The next answer, once it is complete.
  bool hasAnswer() {
    std::string_view rest = std::string_view(raw.received).substr(taken_);
    const auto before = rest.size();
    const auto status = parser_.feed(rest);
    taken_ += before - rest.size();
    if (status != http::ParseStatus::complete) return false;
    answer = std::move(parser_.response());
    parser_.reset();
    return true;
  }

  RawClient raw;
  http::Response answer;

 private:
  http::ResponseParser parser_{{}, "POST"};
  std::size_t taken_ = 0;
};

class LongPoll : public ::testing::Test {
 protected:
  LongPoll() {
    server->router().addRealm({.name = "realm1"});
    options.longPollPath = "/lp";
  }
  void listen() { port = server->listen("ws://127.0.0.1:0/ws", options).port; }
  bool runUntil(const std::function<bool()>& done) { return util::testing::runUntil(io, done); }
  /// Runs all that can run without waiting.
  void poll() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  Browser& browser() {
    browsers.push_back(std::make_unique<Browser>(io, port));
    return *browsers.back();
  }
  /// The answer to one request, over a connection of its own.
  http::Response ask(const std::string& request) { return ask(browser(), request); }
  http::Response ask(Browser& browser, const std::string& request) {
    browser.raw.send(request);
    EXPECT_TRUE(runUntil([&] { return browser.hasAnswer() || browser.raw.ended; }));
    return browser.answer;
  }
  /// A new transport; its path.
  std::string open(const std::string& body = kJson) {
    const http::Response opened = ask(post("/lp/open", body));
    EXPECT_EQ(opened.status, 200) << opened.body;
    const std::string mark = R"("transport":")";
    const std::size_t at = opened.body.find(mark);
    if (at == std::string::npos) return "/lp/none";
    return "/lp/" + opened.body.substr(at + mark.size(), 32);
  }
  /// A transport that has joined.
  std::string join() {
    const std::string path = open();
    EXPECT_EQ(ask(post(path + "/send", kHello)).status, 204);
    EXPECT_THAT(ask(post(path + "/receive")).body, StartsWith("[2,"));
    return path;
  }

  asio::io_context io{1};
  std::vector<std::unique_ptr<Browser>> browsers;
  std::unique_ptr<RouterServer> server = std::make_unique<RouterServer>(io);
  RouterListenOptions options;
  std::uint16_t port = 0;
};

TEST_F(LongPoll, ADialogueAsAutobahnJsHasIt) {
  listen();
  const http::Response opened = ask(post("/lp/open?x=382913", kJson, "Content-Type: application/json\r\n"));
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(opened.headers.get("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(opened.headers.get("Cache-Control"), "no-store");
  EXPECT_THAT(opened.body, StartsWith(R"({"protocol":"wamp.2.json","transport":")"));

  const std::string path = open();
  Browser& poller = browser();
  poller.raw.send(post(path + "/receive"));
  poll();
  EXPECT_FALSE(poller.hasAnswer());
  const http::Response sent = ask(post(path + "/send", kHello));
  EXPECT_EQ(sent.status, 204);
  ASSERT_TRUE(runUntil([&] { return poller.hasAnswer(); }));
  EXPECT_EQ(poller.answer.status, 200);
  EXPECT_THAT(poller.answer.body, StartsWith("[2,"));
  // One message per request, on the same connection.
  EXPECT_EQ(ask(post(path + "/send", "[32,1,{},\"com.myapp.a\"]")).status, 204);
  EXPECT_EQ(ask(post(path + "/send", "[32,2,{},\"com.myapp.b\"]")).status, 204);
  EXPECT_THAT(ask(poller, post(path + "/receive")).body, StartsWith("[33,1,"));
  EXPECT_THAT(ask(poller, post(path + "/receive")).body, StartsWith("[33,2,"));
  EXPECT_EQ(ask(post(path + "/close")).status, 204);
  EXPECT_EQ(ask(post(path + "/receive")).status, 404);
  EXPECT_EQ(ask(post(path + "/close")).status, 204);  // what is closed is closed
}

TEST_F(LongPoll, BatchesHoldAllThatWaits) {
  listen();
  const std::string path = open(R"({"protocols":["wamp.2.unknown","wamp.2.json.batched","wamp.2.json"]})");
  const std::string batch =
      std::string(kHello) + "\x1e" + "[32,1,{},\"com.myapp.a\"]\x1e" + "[32,2,{},\"com.myapp.b\"]\x1e";
  EXPECT_EQ(ask(post(path + "/send", batch)).status, 204);
  const std::string body = ask(post(path + "/receive")).body;
  EXPECT_THAT(body, StartsWith("[2,"));
  EXPECT_THAT(body, HasSubstr("\x1e[33,1,"));
  EXPECT_THAT(body, HasSubstr("\x1e[33,2,"));
}

TEST_F(LongPoll, ARequestForWhichThereIsNothingIsAnswered) {
  options.longPoll.pollTimeout = std::chrono::milliseconds(10);
  listen();
  const std::string path = join();
  EXPECT_EQ(ask(post(path + "/receive")).status, 204);
  EXPECT_EQ(ask(post(path + "/receive")).status, 204);
}

TEST_F(LongPoll, ARequestMayWaitLongerThanAHandshake) {
  options.longPoll.pollTimeout = std::chrono::milliseconds(60);
  options.websocket.openHandshakeTimeout = std::chrono::milliseconds(20);
  listen();
  EXPECT_EQ(ask(post(open() + "/receive")).status, 204);
}

TEST_F(LongPoll, OfTwoRequestsTheLaterOneGetsTheMessages) {
  listen();
  const std::string path = open();
  Browser& first = browser();
  first.raw.send(post(path + "/receive"));
  poll();
  Browser& second = browser();
  second.raw.send(post(path + "/receive"));
  ASSERT_TRUE(runUntil([&] { return first.hasAnswer(); }));
  EXPECT_EQ(first.answer.status, 204);
  EXPECT_EQ(ask(post(path + "/send", kHello)).status, 204);
  ASSERT_TRUE(runUntil([&] { return second.hasAnswer(); }));
  EXPECT_THAT(second.answer.body, StartsWith("[2,"));
}

TEST_F(LongPoll, OpenIsCheckedNarrowly) {
  listen();
  for (const char* body :
       {"", "[]", "{}", "{", R"({"protocols":"wamp.2.json"})", R"({"protocols":[1]})", R"({"protocols":[]})",
        R"({"protocols":["wamp.2.xml"]})", R"({"protocols":["wamp.2.json"]},{})"}) {
    EXPECT_EQ(ask(post("/lp/open", body)).status, 400) << body;
  }
  EXPECT_EQ(ask(post("/lp/open", std::string(5000, ' ') + kJson)).status, 400);
  EXPECT_EQ(server->connectionCount(), 0u);
}

TEST_F(LongPoll, OnlyPostsAreServed) {
  listen();
  const http::Response got = ask("GET /lp/open HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.headers.get("Allow"), "POST, OPTIONS");
  EXPECT_EQ(ask(post("/lp")).status, 404);
  EXPECT_EQ(ask(post("/lpopen", kJson)).status, 404);
  EXPECT_EQ(ask(post("/elsewhere")).status, 404);
}

TEST_F(LongPoll, ForeignPagesAreKeptOut) {
  options.websocket.allowedOrigins = {"https://example.com"};
  listen();
  const http::Response good = ask(post("/lp/open", kJson, "Origin: https://example.com\r\n"));
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.headers.get("Access-Control-Allow-Origin"), "https://example.com");
  EXPECT_EQ(good.headers.get("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(good.headers.get("Vary"), "Origin");
  for (const char* origin : {"https://evil.com", "null", "https://example.com.evil.com", "*"}) {
    const http::Response bad = ask(post("/lp/open", kJson, "Origin: " + std::string(origin) + "\r\n"));
    EXPECT_EQ(bad.status, 403) << origin;
    EXPECT_FALSE(bad.headers.contains("Access-Control-Allow-Origin"));
  }
  // Also for a page that has learnt an id.
  EXPECT_EQ(ask(post(join() + "/receive", {}, "Origin: https://evil.com\r\n")).status, 403);
  const http::Response preflight =
      ask("OPTIONS /lp/open HTTP/1.1\r\nHost: localhost\r\nOrigin: https://example.com\r\n"
          "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "Content-Type");
}

TEST_F(LongPoll, IdsAreNotGuessed) {
  listen();
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    const std::string path = open();
    EXPECT_EQ(path.size(), 4 + 32u);
    EXPECT_TRUE(ids.insert(path).second);
  }
  const std::string mine = *ids.begin();
  for (const std::string& guess :
       {std::string("/lp/0"), std::string("/lp/" + std::string(32, '0')), mine.substr(0, 35), mine + "0",
        std::string("/lp/"), std::string("/lp//"), std::string("/lp/open")}) {
    for (const char* action : {"/receive", "/send", "/else"}) {
      EXPECT_EQ(ask(post(guess + action, "[]")).status, 404) << guess << action;
    }
  }
  EXPECT_EQ(ask(post(mine + "/steal")).status, 404);
  EXPECT_EQ(server->connectionCount(), 50u);
}

TEST_F(LongPoll, WhatIsNoMessageEndsTheTransportAndNoOther) {
  listen();
  const std::string other = join();
  for (const char* body : {"", "[", "[1]", "{}", "\xff", "[1,\"realm1\",{}][1,\"realm1\",{}]"}) {
    const std::string path = open();
    const http::Response answer = ask(post(path + "/send", body));
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_FALSE(answer.body.empty());
    EXPECT_THAT(ask(post(path + "/receive")).body, StartsWith("[3,")) << body;
    EXPECT_EQ(ask(post(path + "/receive")).status, 404);
  }
  EXPECT_EQ(ask(post(other + "/send", "[32,1,{},\"com.myapp.a\"]")).status, 204);
  EXPECT_THAT(ask(post(other + "/receive")).body, StartsWith("[33,1,"));
  EXPECT_EQ(server->connectionCount(), 1u);
}

TEST_F(LongPoll, BodiesHaveALimit) {
  options.websocket.maxHttpBodySize = 10'000;
  listen();
  const std::string path = join();
  Browser& large = browser();
  large.raw.send("POST " + path + "/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10001\r\n\r\n");
  ASSERT_TRUE(runUntil([&] { return large.hasAnswer(); }));
  EXPECT_EQ(large.answer.status, 413);
  EXPECT_EQ(ask(post(path + "/send", "[32,1,{},\"com.myapp.a\"]")).status, 204);
}

TEST_F(LongPoll, WhoDoesNotFetchIsDropped) {
  options.longPoll.maxQueuedMessages = 3;
  listen();
  const std::string slow = join();
  const std::string fast = join();
  EXPECT_EQ(ask(post(slow + "/send", "[32,1,{},\"com.myapp.a\"]")).status, 204);
  for (int i = 1; i <= 3; ++i) {
    const std::string publish = "[16," + std::to_string(i) + ",{},\"com.myapp.a\"]";
    EXPECT_EQ(ask(post(fast + "/send", publish)).status, 204);
  }
  ASSERT_TRUE(runUntil([&] { return server->connectionCount() == 1; }));
  EXPECT_EQ(ask(post(slow + "/receive")).status, 404);
  EXPECT_EQ(ask(post(fast + "/send", "[32,4,{},\"com.myapp.a\"]")).status, 204);
}

TEST_F(LongPoll, OneMessageIsNeverTooMuch) {
  options.longPoll.maxQueuedSize = 10;
  listen();
  const std::string path = open();
  EXPECT_EQ(ask(post(path + "/send", kHello)).status, 204);
  EXPECT_THAT(ask(post(path + "/receive")).body, StartsWith("[2,"));
}

TEST_F(LongPoll, WhoStaysAwayIsForgotten) {
  options.longPoll.inactivityTimeout = std::chrono::milliseconds(20);
  options.longPoll.pollTimeout = std::chrono::milliseconds(100);
  listen();
  const std::string path = open();
  // A request that waits is a sign of life.
  EXPECT_EQ(ask(post(path + "/receive")).status, 204);
  ASSERT_TRUE(runUntil([&] { return server->connectionCount() == 0; }));
  EXPECT_EQ(ask(post(path + "/receive")).status, 404);
}

TEST_F(LongPoll, BehindAProxyItCountsTheAddressesThatTheProxySaw) {
  options.longPoll.maxTransportsPerAddress = 1;
  options.websocket.trustXForwardedFor = 1;
  listen();
  const auto openFor = [this](const std::string& address) {
    return ask(post("/lp/open", kJson, "X-Forwarded-For: 9.9.9.9, " + address + "\r\n")).status;
  };
  EXPECT_EQ(openFor("192.0.2.1"), 200);
  EXPECT_EQ(openFor("192.0.2.1"), 503);
  EXPECT_EQ(openFor("192.0.2.2"), 200);
}

TEST_F(LongPoll, WhoIsNoProxyCannotClaimAnAddress) {
  options.longPoll.maxTransportsPerAddress = 1;
  listen();
  EXPECT_EQ(ask(post("/lp/open", kJson, "X-Forwarded-For: 192.0.2.1\r\n")).status, 200);
  EXPECT_EQ(ask(post("/lp/open", kJson, "X-Forwarded-For: 192.0.2.2\r\n")).status, 503);
}

TEST_F(LongPoll, ThousandsOfOpensAreRefused) {
  options.longPoll.maxTransportsPerAddress = 20;
  listen();
  std::vector<std::string> paths;
  for (int i = 0; i < 20; ++i) paths.push_back(open());
  Browser& attacker = browser();
  for (int i = 0; i < 3000; ++i) attacker.raw.send(post("/lp/open", kJson));
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(runUntil([&] { return attacker.hasAnswer(); }));
    ASSERT_EQ(attacker.answer.status, 503);
  }
  EXPECT_EQ(server->connectionCount(), 20u);
  EXPECT_EQ(ask(post(paths[0] + "/close")).status, 204);
  open();
}

TEST_F(LongPoll, AllTogetherHaveALimitToo) {
  options.longPoll.maxTransports = 2;
  listen();
  open();
  open();
  EXPECT_EQ(ask(post("/lp/open", kJson)).status, 503);
}

TEST_F(LongPoll, APollThatGoesAwayTakesNothingAlong) {
  listen();
  const std::string path = join();
  Browser& gone = browser();
  gone.raw.send(post(path + "/receive"));
  poll();
  gone.raw.socket().set_option(asio::socket_base::linger(true, 0));
  gone.raw.socket().close();
  poll();
  Browser& back = browser();
  back.raw.send(post(path + "/receive"));
  poll();
  EXPECT_EQ(ask(post(path + "/send", "[32,1,{},\"com.myapp.a\"]")).status, 204);
  ASSERT_TRUE(runUntil([&] { return back.hasAnswer(); }));
  EXPECT_THAT(back.answer.body, StartsWith("[33,1,"));
}

TEST_F(LongPoll, DrainSaysGoodbye) {
  listen();
  const std::string path = join();
  Browser& poller = browser();
  poller.raw.send(post(path + "/receive"));
  poll();
  bool isDone = false;
  server->drain(std::chrono::seconds(10), [&] { isDone = true; });
  ASSERT_TRUE(runUntil([&] { return poller.hasAnswer(); }));
  EXPECT_THAT(poller.answer.body, HasSubstr("wamp.close.system_shutdown"));
  ASSERT_TRUE(runUntil([&] { return isDone; }));
}

/// Between two requests a client learns of the end only when its next one is let in.
TEST_F(LongPoll, DrainWaitsForClientsBetweenTwoRequests) {
  listen();
  const std::string path = join();
  bool isDone = false;
  server->drain(std::chrono::seconds(10), [&] { isDone = true; });
  poll();
  EXPECT_FALSE(isDone);
  EXPECT_EQ(ask(post("/lp/open", kJson)).status, 503);
  EXPECT_THAT(ask(post(path + "/receive")).body, HasSubstr("wamp.close.system_shutdown"));
  ASSERT_TRUE(runUntil([&] { return isDone; }));
}

/// Half of the deadline is theirs, and no more.
TEST_F(LongPoll, DrainDoesNotWaitForClientsThatHaveGone) {
  listen();
  join();
  bool isDone = false;
  server->drain(std::chrono::milliseconds(100), [&] { isDone = true; });
  ASSERT_TRUE(runUntil([&] { return isDone; }));
}

TEST_F(LongPoll, DestructionEndsRequestsThatWait) {
  listen();
  const std::string path = join();
  Browser& poller = browser();
  poller.raw.send(post(path + "/receive"));
  poll();
  server.reset();
  ASSERT_TRUE(runUntil([&] { return poller.raw.ended; }));
}

// ---- Our client against servers that are none

class LongPollClient : public LongPoll {
 protected:
  /// How connecting to a server ends that gives these answers.
  std::string reasonWith(const websocket::HttpHandler& handler) {
    RouterListenOptions other;
    other.httpHandler = handler;
    const auto where = server->listen("ws://127.0.0.1:0/ws", other);
    return reasonAt("http://127.0.0.1:" + std::to_string(where.port) + "/lp");
  }
  std::string reasonAt(const std::string& url) {
    struct Handler : TransportHandler {
      void onOpen(std::shared_ptr<Transport>) override {}
      void onMessage(Message) override {}
      void onBadMessage(const std::string& problem) override { bad = problem; }
      void onClose(bool, const std::string& why) override { reason = why; }
      std::string bad;
      std::string reason;
    };
    const auto handler = std::make_shared<Handler>();
    const auto connection = connectTransport(io, url, handler);
    EXPECT_TRUE(runUntil([&] { return !handler->reason.empty(); }));
    return handler->reason;
  }
  static http::Response give(int status, std::string body) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
};

TEST_F(LongPollClient, SaysWhyItDoesNotConnect) {
  EXPECT_THAT(reasonAt("http://127.0.0.1:1/lp"), HasSubstr("127.0.0.1"));
  const auto answering = [&](int status, const std::string& body) {
    return reasonWith(
        [=](const http::Request&, const websocket::TransportDetails&) { return give(status, body); });
  };
  EXPECT_THAT(answering(503, "too many transports\n"), HasSubstr("HTTP status 503: too many transports"));
  EXPECT_THAT(answering(200, "hello"), HasSubstr("no JSON object"));
  EXPECT_THAT(answering(200, R"({"protocol":"wamp.2.xml","transport":"1"})"), HasSubstr("wamp.2.xml"));
}

TEST_F(LongPollClient, EndsWithTheServersWord) {
  const std::string reason = reasonWith([](const http::Request& request, const websocket::TransportDetails&) {
    return request.path() == "/lp/open" ? give(200, R"({"protocol":"wamp.2.json","transport":"abc"})")
                                        : give(404, "there is no such transport\n");
  });
  EXPECT_EQ(reason, "HTTP status 404: there is no such transport");
}

TEST_F(LongPollClient, RefusesUrlsThatAreNone) {
  for (const char* url : {"http://", "http://host/lp?x=1", "https://host/#a"}) {
    EXPECT_THROW(reasonAt(url), std::invalid_argument) << url;
  }
}

}  // namespace
}  // namespace autobahn::wamp
