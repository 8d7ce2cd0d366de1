// RouterServer beyond what sessions see of it (session_features_test).
#include <gtest/gtest.h>

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

namespace autobahn::wamp {
namespace {

TEST(RouterServer, RefusesToDropAnswers) {
  asio::io_context io{1};
  RouterServer server(io);
  for (const char* url : {"ws://127.0.0.1:0", "rs://127.0.0.1:0"}) {
    RouterListenOptions options;
    options.websocket.slowConsumerPolicy = websocket::SlowConsumerPolicy::dropMessage;
    EXPECT_THROW(server.listen(url, options), std::invalid_argument);
  }
}

TEST(RouterServer, SaysWhereItListensAndWhereItCannot) {
  asio::io_context io{1};
  RouterServer server(io);
  const RouterListener first = server.listen("ws://127.0.0.1:0/ws");
  EXPECT_EQ(first.url, "ws://127.0.0.1:" + std::to_string(first.port) + "/ws");
  EXPECT_THROW(server.listen(first.url), std::system_error);
  EXPECT_THROW(server.listen("wss://127.0.0.1:0"), InvalidState);
  EXPECT_THROW(server.listen("ftp://127.0.0.1:0"), std::invalid_argument);
}

TEST(RouterServer, RefusesWhatDoesNotFitTheUrl) {
  asio::io_context io{1};
  RouterServer server(io);
  RouterListenOptions options;
  options.webSocketPaths = {"ws"};
  EXPECT_THROW(server.listen("ws://127.0.0.1:0", options), std::invalid_argument);
  options.webSocketPaths = {"/ws"};
  EXPECT_THROW(server.listen("rs://127.0.0.1:0", options), std::invalid_argument);
  options.webSocketPaths = {};
  options.longPollPath = "lp";
  EXPECT_THROW(server.listen("ws://127.0.0.1:0", options), std::invalid_argument);
  options.longPollPath = "/lp";
  EXPECT_THROW(server.listen("rs://127.0.0.1:0", options), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::wamp
