#include <autobahn/util/net/asio_stream.hpp>

#include <gtest/gtest.h>

#include <asio/ip/tcp.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <memory>

#include "testing/echo.hpp"

namespace autobahn::inline v0::util {
namespace {

using testing::Peer;
using testing::runUntil;
using Socket = asio::local::stream_protocol::socket;

/// A stream without a lowest layer, as an application may have written it.
struct Bare {
  explicit Bare(Socket s) : socket(std::move(s)) {}
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler handler) {
    socket.async_read_some(buffers, std::move(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler handler) {
    // Takes little at a time.
    socket.async_write_some(asio::buffer(buffers, 1000), std::move(handler));
  }
  void close() { socket.close(); }
  Socket socket;
};

class AsioStreams : public ::testing::Test {
 protected:
  std::pair<Socket, Socket> sockets() {
    Socket one(io);
    Socket other(io);
    asio::local::connect_pair(one, other);
    return {std::move(one), std::move(other)};
  }
  asio::io_context io{1};
  AsioLoop& loop = AsioLoop::of(io);
};

TEST_F(AsioStreams, EchoLargeDataAndBothEnds) {
  auto [one, other] = sockets();
  Peer client(makeAsioStream(loop, std::move(one)));
  Peer server(makeAsioStream(loop, Bare(std::move(other))), true);
  client.start();
  server.start();
  std::string bytes;
  for (int i = 0; bytes.size() < 500'000; ++i) bytes += std::to_string(i);
  client.send(bytes);
  EXPECT_FALSE(client.sentAll());
  ASSERT_TRUE(runUntil(io, [&] { return client.received.size() == bytes.size(); }));
  EXPECT_TRUE(client.received == bytes);
  EXPECT_EQ(client.stream().details().peer, "unix:");
  client.finish();
  ASSERT_TRUE(runUntil(io, [&] { return server.eof; }));
  server.close();
  ASSERT_TRUE(runUntil(io, [&] { return client.eof; }));
}

TEST_F(AsioStreams, DetailsOfTcpAndGivenOnes) {
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  asio::ip::tcp::socket socket(io);
  socket.connect(acceptor.local_endpoint());
  const auto stream = makeAsioStream(loop, std::move(socket));
  EXPECT_EQ(stream->details().peer, "tcp4:127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
  auto [one, other] = sockets();
  TransportDetails details;
  details.peer = "serial:/dev/ttyS0";
  EXPECT_EQ(makeAsioStream(loop, Bare(std::move(one)), details)->details().peer, "serial:/dev/ttyS0");
}

TEST_F(AsioStreams, IsLevelTriggeredAndCanBePaused) {
  auto [one, other] = sockets();
  Peer client(makeAsioStream(loop, std::move(one)));
  Peer server(makeAsioStream(loop, std::move(other)));
  server.readSize = 10;
  server.readOnce = true;
  server.afterRead = [&] {
    if (server.received.size() == 50) server.stream().watchRead(false);
  };
  client.start();
  server.start();
  client.send(std::string(1000, 'x'));
  ASSERT_TRUE(runUntil(io, [&] { return server.received.size() == 50; }));
  for (int i = 0; i != 20; ++i) io.poll();
  EXPECT_EQ(server.received.size(), 50U);
  server.stream().watchRead(true);
  ASSERT_TRUE(runUntil(io, [&] { return server.received.size() == 1000; }));
}

TEST_F(AsioStreams, MayBeDestroyedInItsCallbackAndWithOperationsPending) {
  auto [one, other] = sockets();
  Peer client(makeAsioStream(loop, std::move(one)));
  Peer server(makeAsioStream(loop, std::move(other)));
  server.afterRead = [&] { server.close(); };
  client.start();
  server.start();
  client.send("x");
  ASSERT_TRUE(runUntil(io, [&] { return client.eof || client.error; }));
  EXPECT_FALSE(server.alive());
  auto [three, four] = sockets();
  {
    Peer pending(makeAsioStream(loop, std::move(three)));
    pending.start();
    pending.send(std::string(100'000, 'x'));
  }
  client.close();
  io.restart();
  io.run();  // and nothing is left that keeps it going
}

TEST_F(AsioStreams, WritingAfterTheEndIsABrokenPipe) {
  auto [one, other] = sockets();
  Peer client(makeAsioStream(loop, std::move(one)));
  client.start();
  client.stream().shutdownWrite();
  const std::string_view part = "x";
  EXPECT_EQ(client.stream().write(std::span(&part, 1)).error, std::errc::broken_pipe);
}

}  // namespace
}  // namespace autobahn::inline v0::util
