// SocketStream and Listener over real sockets.
#include <autobahn/util/net/socket_stream.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/listener.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "socket_address.hpp"
#include "testing/echo.hpp"

namespace autobahn::inline v0::util {
namespace {

using testing::Peer;
using testing::runUntil;

class Sockets : public ::testing::Test {
 protected:
  std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> pair(int bufferSize = 0) {
    std::array<int, 2> ends;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    for (int end : ends) {
      if (bufferSize != 0) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &bufferSize, sizeof bufferSize);
    }
    return {makeSocketStream(loop, ends[0]), makeSocketStream(loop, ends[1])};
  }
  /// A blocking connect, which loopback answers without us.
  static int connectTo(const Listener& listener, const std::string& host = "127.0.0.1") {
    SocketAddress address;
    const std::string endpoint = listener.endpoint();
    if (endpoint.starts_with("unix:")) {
      EXPECT_TRUE(address.setUnixPath(endpoint.substr(5)));
    } else {
      EXPECT_TRUE(address.setNumeric(host, listener.port()));
    }
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, address.get(), address.length), 0) << errno;
    return fd;
  }
  std::string path(const std::string& name) { return (directory / name).string(); }

  void SetUp() override {
    setSink([this](const LogRecord& record) { log += formatLogText(record) + '\n'; });
    std::string name = (std::filesystem::temp_directory_path() / "autobahn-socket-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override {
    setSink({});
    std::filesystem::remove_all(directory);
  }

  std::string log;
  std::filesystem::path directory;
  asio::io_context io{1};
  AsioLoop& loop = AsioLoop::of(io);
};

std::string randomBytes(std::size_t size) {
  std::mt19937 random(42);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST_F(Sockets, EchoOverTcpBothFamilies) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    SCOPED_TRACE(host);
    std::unique_ptr<Peer> server;
    Listener listener(loop, {.host = host}, [&](int fd) {
      server = std::make_unique<Peer>(makeSocketStream(loop, fd), true);
      server->start();
    });
    ASSERT_NE(listener.port(), 0);
    const bool v6 = host == "::1";
    const std::string endpoint = (v6 ? "tcp6:[::1]:" : "tcp4:127.0.0.1:") + std::to_string(listener.port());
    EXPECT_EQ(listener.endpoint(), endpoint);
    Peer client(makeSocketStream(loop, connectTo(listener, host)));
    client.start();
    EXPECT_EQ(client.stream().details().peer, endpoint);
    EXPECT_EQ(client.stream().details().peerAddress, host);
    EXPECT_FALSE(client.stream().details().isSecure);
    client.send("hello");
    ASSERT_TRUE(runUntil(io, [&] { return client.received == "hello"; }));
    EXPECT_EQ(server->stream().details().local, endpoint);
    EXPECT_EQ(server->stream().details().peer, client.stream().details().local);
    client.finish();
    ASSERT_TRUE(runUntil(io, [&] { return client.eof && server->eof; }));
    server.reset();
  }
}

TEST_F(Sockets, LargeDataWithShortWritesBothWays) {
  auto [one, other] = pair(4096);
  Peer client(std::move(one));
  Peer server(std::move(other), true);
  client.start();
  server.start();
  const std::string bytes = randomBytes(3'000'000);
  client.send(bytes);
  client.finish();
  ASSERT_TRUE(runUntil(io, [&] { return client.eof; }));
  EXPECT_TRUE(client.received == bytes);
  EXPECT_GT(client.shortWrites, 10U);
}

TEST_F(Sockets, GathersManyParts) {
  auto [one, other] = pair();
  Peer reader(std::move(other));
  reader.start();
  struct : StreamObserver {
    void onReadable() override {}
    void onWritable() override {}
  } nobody;
  ASSERT_FALSE(one->attach(nobody));
  std::vector<std::string> texts;
  std::vector<std::string_view> parts;
  std::string all;
  for (int i = 0; i != 1500; ++i) texts.push_back(i % 7 == 0 ? std::string() : std::to_string(i));
  for (const std::string& text : texts) {
    parts.push_back(text);
    all += text;
  }
  const IoResult result = one->write(parts);
  EXPECT_EQ(result.size, all.size());
  EXPECT_FALSE(result.error);
  ASSERT_TRUE(runUntil(io, [&] { return reader.received == all; }));
  EXPECT_FALSE(one->write({}).error);
}

TEST_F(Sockets, ReadsIntoTwoPlacesAtOnce) {
  auto ends = pair();  // no structured binding: Clang 14 lets no lambda capture one
  Peer writer(std::move(ends.first));
  writer.start();
  writer.send("firstsecond");
  const std::unique_ptr<Stream> reader = std::move(ends.second);
  std::string first(5, '-');
  std::string then(100, '-');
  IoResult result;
  ASSERT_TRUE(runUntil(io, [&] { return (result = reader->readScattered(first, then)).size != 0; }));
  EXPECT_EQ(result.size, 11U);
  EXPECT_EQ(first, "first");
  EXPECT_EQ(then.substr(0, 6), "second");
  EXPECT_TRUE(reader->readScattered(first, then).wouldBlock());
}

TEST_F(Sockets, HalfCloseLetsTheOtherDirectionGoOn) {
  auto [one, other] = pair();
  Peer client(std::move(one));
  Peer server(std::move(other));
  client.start();
  server.start();
  client.send("request");
  client.finish();
  ASSERT_TRUE(runUntil(io, [&] { return server.eof; }));
  EXPECT_EQ(server.received, "request");
  server.send("answer");
  ASSERT_TRUE(runUntil(io, [&] { return client.received == "answer"; }));
  EXPECT_FALSE(client.eof);
}

TEST_F(Sockets, ReadWithoutDataWouldBlockAndWriteToAFullSocketToo) {
  auto [one, other] = pair(4096);
  std::array<char, 16> buffer;
  EXPECT_TRUE(one->read(buffer).wouldBlock());
  const std::string bytes(1 << 20, 'x');
  const std::string_view part = bytes;
  EXPECT_LT(one->write(std::span(&part, 1)).size, bytes.size());
  const IoResult full = one->write(std::span(&part, 1));
  EXPECT_TRUE(full.wouldBlock());
  EXPECT_FALSE(full.failed());
  EXPECT_EQ(full.size, 0U);
}

TEST_F(Sockets, WritingToAGonePeerIsAnErrorAndNoSignal) {
  auto [one, other] = pair();
  other.reset();
  const std::string_view part = "x";
  const IoResult result = one->write(std::span(&part, 1));
  EXPECT_TRUE(result.failed());
  EXPECT_EQ(result.error, std::errc::broken_pipe);
}

TEST_F(Sockets, AnAbortiveCloseResetsTheConnection) {
  int accepted = -1;
  Listener listener(loop, ListenAddress{}, [&](int fd) { accepted = fd; });
  Peer client(makeSocketStream(loop, connectTo(listener)));
  client.start();
  ASSERT_TRUE(runUntil(io, [&] { return accepted >= 0; }));
  auto server = makeSocketStream(loop, accepted);
  server->setAbortive();
  server.reset();
  ASSERT_TRUE(runUntil(io, [&] { return client.error == std::errc::connection_reset; }));
}

TEST_F(Sockets, PausedReadingIsSilentAndLosesNothing) {
  auto [one, other] = pair();
  Peer client(std::move(one));
  Peer server(std::move(other));
  client.start();
  server.start();
  server.stream().watchRead(false);
  client.send("later");
  for (int i = 0; i != 10; ++i) io.poll();
  EXPECT_EQ(server.received, "");
  server.stream().watchRead(true);
  ASSERT_TRUE(runUntil(io, [&] { return server.received == "later"; }));
}

TEST_F(Sockets, ADeadConnectionDoesNotSpinWhileReadingIsOff) {
  auto [one, other] = pair();
  struct Observer : StreamObserver {
    int readable = 0;
    void onReadable() override { ++readable; }
    void onWritable() override {}
  } observer;
  ASSERT_FALSE(one->attach(observer));
  one->watchRead(false);
  other.reset();
  for (int i = 0; i != 20; ++i) io.poll_one();
  EXPECT_EQ(observer.readable, 1);
  one->watchRead(true);  // brings it back
  io.restart();
  for (int i = 0; i != 20; ++i) io.poll_one();
  EXPECT_GT(observer.readable, 1);
  std::array<char, 16> buffer;
  EXPECT_TRUE(one->read(buffer).eof);
  io.restart();
  io.poll_one();
  const int calls = observer.readable;
  for (int i = 0; i != 20; ++i) io.poll_one();
  EXPECT_LE(observer.readable, calls + 1);  // the end is told once
}

TEST_F(Sockets, MayBeDestroyedInItsOwnCallback) {
  auto [one, other] = pair();
  struct Observer : StreamObserver {
    std::unique_ptr<Stream> stream;
    int calls = 0;
    void onReadable() override {
      ++calls;
      stream.reset();
    }
    void onWritable() override { ++calls; }
  } observer;
  observer.stream = std::move(one);
  ASSERT_FALSE(observer.stream->attach(observer));
  observer.stream->watchWrite(true);
  Peer peer(std::move(other));
  peer.start();
  peer.send("x");
  ASSERT_TRUE(runUntil(io, [&] { return peer.eof || peer.error; }));
  EXPECT_FALSE(observer.stream);
}

TEST_F(Sockets, CanBeHandedToAnotherObserver) {
  auto [one, other] = pair();
  struct Observer : StreamObserver {
    int readable = 0;
    int writable = 0;
    void onReadable() override { ++readable; }
    void onWritable() override { ++writable; }
  } first, second;
  ASSERT_FALSE(one->attach(first));
  one->watchWrite(true);
  one->watchRead(false);
  ASSERT_TRUE(runUntil(io, [&] { return first.writable != 0; }));
  ASSERT_FALSE(one->attach(second));
  const int before = first.writable;
  Peer peer(std::move(other));
  peer.start();
  peer.send("x");
  ASSERT_TRUE(runUntil(io, [&] { return second.readable != 0; }));
  EXPECT_EQ(first.writable, before);
  EXPECT_EQ(second.writable, 0);
}

// ---- Listener

TEST_F(Sockets, ListenErrorsNameTheAddress) {
  const auto message = [&](const ListenAddress& address) -> std::string {
    try {
      const Listener listener(loop, address, [](int) {});
      return "no error";
    } catch (const std::system_error& error) {
      return error.what();
    }
  };
  const Listener first(loop, ListenAddress{}, [](int) {});
  EXPECT_EQ(message({.port = first.port()}),
            "cannot listen on 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
  EXPECT_EQ(message({.host = "192.0.2.1", .port = 9}),
            "cannot listen on 192.0.2.1:9: Cannot assign requested address");
  EXPECT_TRUE(message({.host = "no such host"}).starts_with("cannot listen on no such host:0: "));
  EXPECT_EQ(message({.unixPath = path("none/socket")}),
            "cannot listen on " + path("none/socket") + ": No such file or directory");
  EXPECT_NE(message({.unixPath = path(std::string(200, 'x'))}).find("File name too long"), std::string::npos);
}

TEST_F(Sockets, ReusePortLetsOthersListen) {
  const Listener first(loop, {.reusePort = true}, [](int) {});
  const Listener second(loop, {.port = first.port(), .reusePort = true}, [](int) {});
  EXPECT_EQ(first.port(), second.port());
}

TEST_F(Sockets, StopRefusesAndRunReturns) {
  Listener listener(loop, ListenAddress{}, [](int fd) { ::close(fd); });
  const std::uint16_t port = listener.port();
  listener.stop();
  EXPECT_EQ(listener.port(), 0);
  io.run();
  SocketAddress address;
  ASSERT_TRUE(address.setNumeric("127.0.0.1", port));
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_NE(::connect(fd.get(), address.get(), address.length), 0);
}

TEST_F(Sockets, ListenerMayBeDestroyedByItsCallback) {
  std::vector<UniqueFd> accepted;
  std::unique_ptr<Listener> listener;
  listener = std::make_unique<Listener>(loop, ListenAddress{}, [&](int fd) {
    accepted.emplace_back(fd);
    listener.reset();
  });
  const UniqueFd one(connectTo(*listener));
  const UniqueFd two(connectTo(*listener));
  io.run();
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(Sockets, AcceptingCanBeSuspended) {
  std::vector<UniqueFd> accepted;
  Listener listener(loop, ListenAddress{}, [&](int fd) { accepted.emplace_back(fd); });
  listener.setAccepting(false);
  const UniqueFd client(connectTo(listener));
  for (int i = 0; i != 10; ++i) io.poll();
  EXPECT_TRUE(accepted.empty());
  listener.setAccepting(true);
  ASSERT_TRUE(runUntil(io, [&] { return accepted.size() == 1; }));
}

TEST_F(Sockets, AnExceptionInTheCallbackIsLogged) {
  int calls = 0;
  Listener listener(loop, ListenAddress{}, [&](int fd) {
    ::close(fd);
    ++calls;
    throw std::runtime_error("thrown on purpose");
  });
  const UniqueFd one(connectTo(listener));
  const UniqueFd two(connectTo(listener));
  ASSERT_TRUE(runUntil(io, [&] { return calls == 2; }));
  EXPECT_NE(log.find("thrown on purpose"), std::string::npos);
}

TEST_F(Sockets, OutOfDescriptorsAcceptingRestsAndGoesOn) {
  std::vector<UniqueFd> accepted;
  Listener listener(loop, ListenAddress{}, [&](int fd) { accepted.emplace_back(fd); });
  const UniqueFd client(connectTo(listener));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;  // fewer than are open: accept fails with EMFILE
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool rested = runUntil(io, [&] { return log.find("out of resources") != std::string::npos; });
  std::size_t handlers = 0;
  for (int i = 0; i != 10; ++i) handlers += io.poll();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(rested) << log;
  EXPECT_LE(handlers, 2U);  // it does not spin meanwhile
  ASSERT_TRUE(runUntil(io, [&] { return accepted.size() == 1; }));
}

TEST_F(Sockets, UnixSocketHasItsModeAndGoesAtTheEnd) {
  const std::string file = path("socket");
  {
    std::unique_ptr<Peer> server;
    Listener listener(loop, {.unixPath = file, .unixMode = 0640}, [&](int fd) {
      server = std::make_unique<Peer>(makeSocketStream(loop, fd), true);
      server->start();
    });
    EXPECT_EQ(listener.endpoint(), "unix:" + file);
    EXPECT_EQ(listener.port(), 0);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
    Peer client(makeSocketStream(loop, connectTo(listener)));
    client.start();
    EXPECT_EQ(client.stream().details().peer, "unix:" + file);
    EXPECT_EQ(client.stream().details().peerAddress, "");
    client.send("hello");
    ASSERT_TRUE(runUntil(io, [&] { return client.received == "hello"; }));
    EXPECT_EQ(server->stream().details().peer, "unix:" + file);
    server->stream().setNoDelay(true);  // no effect, no harm
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Sockets, AStaleUnixSocketIsReplacedALiveOneOrAFileIsNot) {
  const std::string file = path("socket");
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    SocketAddress address;
    ASSERT_TRUE(address.setUnixPath(file));
    ASSERT_EQ(::bind(dead.get(), address.get(), address.length), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(file));
  const Listener listener(loop, {.unixPath = file}, [](int fd) { ::close(fd); });
  EXPECT_THROW(Listener(loop, {.unixPath = file}, [](int) {}), std::system_error);
  ASSERT_TRUE(std::filesystem::exists(file));

  const std::string plain = path("plain");
  std::ofstream(plain) << "precious";
  EXPECT_THROW(Listener(loop, {.unixPath = plain}, [](int) {}), std::system_error);
  EXPECT_TRUE(std::filesystem::is_regular_file(plain));
}

TEST_F(Sockets, AUnixSocketOfSomebodyElseIsLeftAlone) {
  const std::string file = path("socket");
  Listener listener(loop, {.unixPath = file}, [](int) {});
  std::filesystem::rename(file, path("moved"));
  const Listener other(loop, {.unixPath = file}, [](int) {});
  listener.stop();
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(Sockets, AbstractUnixNames) {
  const std::string name = "@autobahn-test-" + std::to_string(::getpid());
  bool accepted = false;
  Listener listener(loop, {.unixPath = name}, [&](int fd) {
    ::close(fd);
    accepted = true;
  });
  EXPECT_EQ(listener.endpoint(), "unix:" + name);
  const UniqueFd client(connectTo(listener));
  ASSERT_TRUE(runUntil(io, [&] { return accepted; }));
}

TEST(SocketAddress, MappedIpv4LooksLikeIpv4) {
  SocketAddress address;
  ASSERT_TRUE(address.setNumeric("::ffff:127.0.0.1", 80));
  EXPECT_EQ(address.endpoint(), "tcp4:127.0.0.1:80");
  EXPECT_EQ(address.address(), "127.0.0.1");
  EXPECT_FALSE(address.setNumeric("localhost", 80));
  EXPECT_EQ(SocketAddress().endpoint(), "");
}

}  // namespace
}  // namespace autobahn::inline v0::util
