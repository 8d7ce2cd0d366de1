// Sockets of the harness on 127.0.0.1: what moves, what ends, what is refused.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "wire/poll.hpp"
#include "wire/testing.hpp"

namespace wstest {
namespace {

using namespace testing;

std::string errorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
  return "";
}

Io readOnce(Stream& stream) {
  const StopSwitch stop;
  EXPECT_EQ(stream.wait(false, soon(), stop), Waited::ready);
  std::array<char, 16> buffer{};
  return stream.read(buffer).io;
}

TEST(Stream, BytesGoBothWays) {
  const auto [client, server] = connection();
  ASSERT_TRUE(writeAll(*client, "to the server"));
  EXPECT_EQ(readSome(*server, 13), "to the server");
  ASSERT_TRUE(writeAll(*server, "and back"));
  EXPECT_EQ(readSome(*client, 8), "and back");
  EXPECT_FALSE(client->isSecure());
}

TEST(Stream, NothingThereIsForLater) {
  const auto [client, server] = connection();
  std::array<char, 16> buffer{};
  EXPECT_EQ(client->read(buffer).io, Io::later);
  const StopSwitch stop;
  EXPECT_EQ(client->wait(false, Clock::now() + 1ms, stop), Waited::timedOut);
  EXPECT_EQ(client->wait(false, Clock::now() - 1s, stop), Waited::timedOut);
  EXPECT_EQ(client->wait(true, soon(), stop), Waited::ready);
}

TEST(Stream, WritesStopWhenNobodyReads) {
  const auto [client, server] = connection();
  const std::string bytes(1 << 16, 'x');
  std::size_t sent = 0;
  IoResult result = client->write(bytes);
  for (; result.io == Io::done; result = client->write(bytes)) sent += result.size;
  EXPECT_EQ(result.io, Io::later);
  const StopSwitch stop;
  EXPECT_EQ(client->wait(true, Clock::now() + 1ms, stop), Waited::timedOut);
  EXPECT_EQ(readSome(*server, sent).size(), sent);
  EXPECT_EQ(client->wait(true, soon(), stop), Waited::ready);
}

TEST(Stream, AnEndIsOfOneSideOnly) {
  const auto [client, server] = connection();
  ASSERT_TRUE(writeAll(*client, "last words"));
  client->endWriting();
  const Got got = readToEnd(*server);
  EXPECT_EQ(got.bytes, "last words");
  EXPECT_EQ(got.ended, Io::end);
  ASSERT_TRUE(writeAll(*server, "answer"));
  EXPECT_EQ(readSome(*client, 6), "answer");
  const IoResult result = client->write("more");
  EXPECT_EQ(result.io, Io::reset);
  EXPECT_EQ(client->problem(), errorText(EPIPE));
}

TEST(Stream, AResetIsSeenByThePeer) {
  const auto [client, server] = connection();
  const int number = client->fd();
  client->reset();
  EXPECT_EQ(client->fd(), number) << "the number stays taken";
  EXPECT_EQ(readOnce(*server), Io::reset);
  EXPECT_EQ(server->problem(), errorText(ECONNRESET));
}

TEST(Stream, AResetEndsItsOwnSide) {
  const auto [client, server] = connection();
  client->reset();
  EXPECT_EQ(client->write("x").io, Io::reset);
  std::array<char, 16> buffer{};
  EXPECT_EQ(client->read(buffer).io, Io::reset);
}

TEST(Stream, BytesBeforeAResetAreStillRead) {
  const auto [client, server] = connection();
  ASSERT_TRUE(writeAll(*client, "why"));
  client->reset();
  const Got got = readToEnd(*server);
  EXPECT_EQ(got.bytes, "why");
  EXPECT_EQ(got.ended, Io::reset);
}

TEST(Stream, KnowsItsPeer) {
  const StopSwitch stop;
  TcpListener listener("127.0.0.1", 0);
  const auto client = connectTcp("127.0.0.1", listener.port(), soon(), stop);
  EXPECT_EQ(client->peer(), "127.0.0.1:" + std::to_string(listener.port()));
  const auto server = listener.accept(stop, soon());
  ASSERT_TRUE(server);
  EXPECT_TRUE(server->peer().starts_with("127.0.0.1:")) << server->peer();
}

TEST(Stream, TheSwitchEndsEveryWait) {
  const auto [client, server] = connection();
  StopSwitch stop;
  std::jthread presser([&] { stop.press(); });
  EXPECT_EQ(client->wait(false, TimePoint::max(), stop), Waited::stopped);
  EXPECT_EQ(client->wait(true, soon(), stop), Waited::stopped) << "even where something could be done";
  EXPECT_TRUE(stop.isPressed());
}

TEST(Connect, RefusedSaysWhere) {
  std::uint16_t port = 0;
  {
    TcpListener gone("127.0.0.1", 0);
    port = gone.port();
  }
  const StopSwitch stop;
  EXPECT_EQ(errorOf([&] { connectTcp("127.0.0.1", port, soon(), stop); }),
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": " + errorText(ECONNREFUSED));
}

TEST(Connect, UnknownNamesAreErrorsOfTheirOwn) {
  const StopSwitch stop;
  // A name with a space needs no name server to be wrong.
  const std::string error = errorOf([&] { connectTcp("no such name", 1, soon(), stop); });
  EXPECT_TRUE(error.starts_with("cannot connect to no such name:1: ")) << error;
}

TEST(Connect, ToAFullBacklogIsBounded) {
  // A listener that takes one connection and never accepts: further SYNs are left without an answer.
  const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(full, generic, size), 0);
  ASSERT_EQ(::listen(full, 0), 0);
  ASSERT_EQ(::getsockname(full, generic, &size), 0);
  const StopSwitch stop;
  std::vector<std::unique_ptr<Stream>> taken;
  const std::uint16_t port = ntohs(address.sin_port);
  const std::string error = errorOf([&] {
    for (int i = 0; i < 100; ++i) taken.push_back(connectTcp("127.0.0.1", port, Clock::now() + 50ms, stop));
  });
  EXPECT_EQ(error, "cannot connect to 127.0.0.1:" + std::to_string(port) + ": " + errorText(ETIMEDOUT));
  ::close(full);
}

TEST(Listener, TakesAFreePort) {
  TcpListener first("127.0.0.1", 0);
  TcpListener second("127.0.0.1", 0);
  EXPECT_NE(first.port(), 0);
  EXPECT_NE(first.port(), second.port());
}

TEST(Listener, PortInUseSaysWhich) {
  TcpListener first("127.0.0.1", 0);
  EXPECT_EQ(errorOf([&] { TcpListener second("127.0.0.1", first.port()); }),
            "cannot listen on 127.0.0.1:" + std::to_string(first.port()) + ": " + errorText(EADDRINUSE));
}

TEST(Listener, HostThatIsNotOursSaysWhy) {
  // 192.0.2.0/24 is for documentation (RFC 5737).
  EXPECT_EQ(errorOf([] { TcpListener("192.0.2.1", 0); }),
            "cannot listen on 192.0.2.1:0: " + errorText(EADDRNOTAVAIL));
  EXPECT_NE(errorOf([] { TcpListener("no such name", 0); }), "");
}

TEST(Listener, WaitsNoLongerThanToldOrUntilTheSwitch) {
  TcpListener listener("127.0.0.1", 0);
  StopSwitch stop;
  EXPECT_FALSE(listener.accept(stop, Clock::now() + 1ms));
  std::jthread presser([&] { stop.press(); });
  EXPECT_FALSE(listener.accept(stop));
}

}  // namespace
}  // namespace wstest
