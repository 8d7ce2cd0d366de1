// What a WebSocket server's port serves beside WebSockets: plain HTTP that takes its time, other protocols.
#include <gmock/gmock.h>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "testing/loopback.hpp"

namespace autobahn::websocket {
namespace {

using ::testing::HasSubstr;
using testing::Loopback;
using testing::RawClient;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

class BesideWebSocket : public Loopback {
 protected:
  /// Requests are answered once `isReady` is set and `wake` cancelled.
  void answerLater() {
    server.setHttpHandler([this](const http::Request&, const TransportDetails&) -> HttpDecision {
      ++asked;
      return later();
    });
  }
  asio::awaitable<http::Response> later() {
    while (!isReady) {
      std::error_code ignored;
      co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    http::Response response;
    response.body = "here";
    co_return response;
  }
  void finish() {
    isReady = true;
    wake.cancel();
  }

  asio::steady_timer wake{io, std::chrono::hours(1)};
  int asked = 0;
  bool isReady = false;
};

TEST_F(BesideWebSocket, AHandlerMayTakeLongerThanAHandshake) {
  ServerOptions options;
  options.openHandshakeTimeout = std::chrono::milliseconds(20);
  options.httpHandlerTimeout = std::chrono::hours(1);
  server.setProtocolOptions(options);
  answerLater();
  listen();
  RawClient raw(io, server.port());
  raw.read();
  raw.send(kGet);
  runUntil([&] { return asked == 1; });
  // A connection that says nothing ends meanwhile: so much time has passed.
  RawClient silent(io, server.port());
  silent.read();
  runUntil([&] { return silent.ended; });
  EXPECT_EQ(raw.received, "");
  finish();
  runUntil([&] { return raw.ended; });  // after the answer, openHandshakeTimeout holds again
  EXPECT_THAT(raw.received, StartsWith("HTTP/1.1 200"));
}

TEST_F(BesideWebSocket, AHandlerMayTakeTooLong) {
  ServerOptions options;
  options.httpHandlerTimeout = std::chrono::milliseconds(10);
  server.setProtocolOptions(options);
  answerLater();
  EXPECT_THAT(exchange(kGet), StartsWith("HTTP/1.1 503"));
  finish();
}

TEST_F(BesideWebSocket, DrainWaitsForTheAnswer) {
  answerLater();
  listen();
  RawClient raw(io, server.port());
  raw.read();
  raw.send(kGet);
  RawClient idle(io, server.port());
  idle.read();
  runUntil([&] { return asked == 1 && server.connectionCount() == 2; });
  bool isDone = false;
  server.drain(std::chrono::seconds(20), [&] { isDone = true; });
  runUntil([&] { return idle.ended; });
  EXPECT_FALSE(isDone);
  EXPECT_EQ(raw.received, "");
  finish();
  runUntil([&] { return raw.ended; });
  EXPECT_THAT(raw.received, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(raw.received, HasSubstr("Connection: close"));
  raw.socket().close();
  idle.socket().close();
  runUntil([&] { return isDone; });
}

/// Of a protocol whose first octet is '\x7F'.
bool isOurs(std::string_view received) { return received.starts_with('\x7F'); }

TEST_F(BesideWebSocket, AForeignConnectionIsHandedOver) {
  std::vector<ForeignConnection> taken;
  server.setForeignProtocol(
      {isOurs, [&](ForeignConnection connection) { taken.push_back(std::move(connection)); }});
  listen();
  RawClient raw(io, server.port());
  raw.read();
  raw.send("\x7Fhello");
  runUntil([&] { return !taken.empty(); });
  EXPECT_EQ(taken[0].received, "\x7Fhello");
  EXPECT_FALSE(taken[0].stream->details().peer.empty());
  EXPECT_EQ(server.connectionCount(), 1u);
  const std::string_view answer = "welcome";
  EXPECT_EQ(taken[0].stream->write(std::span(&answer, 1)).size, answer.size());
  runUntil([&] { return raw.received == answer; });
  taken[0].admitted.reset();
  runUntil([&] { return server.connectionCount() == 0; });
  // The server goes before the stream.
  raw.socket().shutdown(asio::ip::tcp::socket::shutdown_both);
  io.poll();
  taken.clear();
  runUntil([&] { return raw.ended; });
}

TEST_F(BesideWebSocket, WhatItThrowsHarmsNobodyElse) {
  server.setForeignProtocol({[](std::string_view received) {
                               if (received.starts_with('G')) throw std::runtime_error("unsure");
                               return isOurs(received);
                             },
                             [](ForeignConnection) { throw std::runtime_error("no"); }});
  EXPECT_EQ(exchange("\x7F"), "");
  EXPECT_EQ(exchange("GET / HTTP/1.0\r\n\r\n"), "");
  EXPECT_THAT(exchange("HEAD / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace autobahn::websocket
