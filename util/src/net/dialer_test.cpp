// The dialer over real sockets, through proxies made here.
#include <autobahn/util/net/dialer.hpp>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/listener.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <autobahn/util/net/tls.hpp>
#include <filesystem>
#include <memory>
#include <vector>

#include "address_order.hpp"
#include "proxy_handshake.hpp"
#include "testing/certificates.hpp"
#include "testing/echo.hpp"

namespace autobahn::inline v0::util {
namespace {

using namespace std::chrono_literals;
using testing::Peer;
using testing::runUntil;

class Dial : public ::testing::Test {
 protected:
  struct Outcome {
    bool called = false;
    std::error_code error;
    std::string detail;
    std::unique_ptr<Stream> stream;
  };

  /// Echoes on everything that connects.
  std::unique_ptr<Listener> echo(const ListenAddress& address = {}) {
    return std::make_unique<Listener>(loop, address, [this](int fd) {
      peers.push_back(std::make_unique<Peer>(makeSocketStream(loop, fd), true));
      peers.back()->start();
    });
  }
  Outcome dial(const DialTarget& target, std::chrono::milliseconds timeout = 10s) {
    Outcome outcome;
    const DialHandle handle =
        dialer->dial(target, timeout,
                     [&](std::error_code error, const std::string& detail, std::unique_ptr<Stream> stream) {
                       outcome = {true, error, detail, std::move(stream)};
                     });
    EXPECT_FALSE(outcome.called);  // never from inside
    EXPECT_TRUE(runUntil(io, [&] { return outcome.called; }));
    return outcome;
  }
  bool echoes(std::unique_ptr<Stream> stream) {
    Peer client(std::move(stream));
    client.start();
    client.send("hello");
    return runUntil(io, [&] { return client.received == "hello" || client.error; }) && !client.error;
  }
  /// A port nobody listens on.
  std::uint16_t deadPort() {
    Listener listener(loop, ListenAddress{}, [](int) {});
    return listener.port();
  }

  asio::io_context io{1};
  AsioLoop& loop = AsioLoop::of(io);
  std::unique_ptr<Dialer> dialer = makeDialer(io);
  std::vector<std::unique_ptr<Peer>> peers;
};

TEST_F(Dial, AddressesOfBothFamiliesAndNames) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const auto listener = echo({.host = host});
    Outcome outcome = dial({.host = host, .port = listener->port()});
    ASSERT_TRUE(outcome.stream) << outcome.detail;
    EXPECT_EQ(outcome.stream->details().peer, listener->endpoint());
    EXPECT_TRUE(echoes(std::move(outcome.stream)));
  }
  // "localhost" may be ::1 first, where nobody listens, or 127.0.0.1 alone.
  const auto listener = echo();
  Outcome outcome = dial({.host = "localhost", .port = listener->port()});
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_TRUE(echoes(std::move(outcome.stream)));
}

TEST_F(Dial, UnixSockets) {
  std::string directory = (std::filesystem::temp_directory_path() / "autobahn-dial-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/socket";
  {
    const auto listener = echo({.unixPath = path});
    Outcome outcome = dial({.unixPath = path});
    ASSERT_TRUE(outcome.stream) << outcome.detail;
    EXPECT_TRUE(echoes(std::move(outcome.stream)));
  }
  const Outcome outcome = dial({.unixPath = path});
  EXPECT_EQ(outcome.detail, "cannot connect to " + path + ": No such file or directory");
  std::filesystem::remove_all(directory);
}

TEST_F(Dial, ErrorsNameTheAddress) {
  const std::uint16_t port = deadPort();
  const Outcome refused = dial({.host = "127.0.0.1", .port = port});
  EXPECT_EQ(refused.error, std::errc::connection_refused);
  EXPECT_EQ(refused.detail, "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  const Outcome unknown = dial({.host = "no-such-host.invalid", .port = 1});
  EXPECT_TRUE(unknown.error);
  EXPECT_TRUE(unknown.detail.starts_with("cannot resolve no-such-host.invalid: ")) << unknown.detail;
  const Outcome local = dial({.host = "127.0.0.1", .port = port, .localAddress = "nonsense"});
  EXPECT_EQ(local.error, std::errc::invalid_argument);
  const Outcome family = dial({.host = "127.0.0.1", .port = port, .localAddress = "::1"});
  EXPECT_EQ(family.error, std::errc::address_not_available);
}

TEST_F(Dial, LocalAddress) {
  const auto listener = echo();
  const Outcome outcome = dial({.host = "127.0.0.1", .port = listener->port(), .localAddress = "127.0.0.2"});
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_TRUE(outcome.stream->details().local.starts_with("tcp4:127.0.0.2:"));
}

TEST_F(Dial, CanBeCancelledAtAnyTime) {
  const auto listener = echo();
  bool called = false;
  for (int turns = 0; turns != 5; ++turns) {
    DialHandle handle =
        dialer->dial({.host = "localhost", .port = listener->port()}, 10s,
                     [&](std::error_code, const std::string&, std::unique_ptr<Stream>) { called = true; });
    for (int i = 0; i != turns && !called; ++i) io.run_one_for(1ms);
    if (called) break;
    handle.reset();
    for (int i = 0; i != 20; ++i) io.poll();
    EXPECT_FALSE(called);
  }
}

TEST_F(Dial, TheHandleMayDieInTheHandlerAndRunReturns) {
  DialHandle handle;
  bool called = false;
  handle = dialer->dial({.host = "127.0.0.1", .port = deadPort()}, 10s,
                        [&](std::error_code error, const std::string&, std::unique_ptr<Stream>) {
                          called = true;
                          EXPECT_TRUE(error);
                          handle.reset();
                        });
  io.run();  // no timer and no descriptor is left behind
  EXPECT_TRUE(called);
}

TEST_F(Dial, WrapsInTls) {
  const testing::TestAuthority authority;
  TlsOptions serverOptions;
  serverOptions.certificate = authority.server.certificate;
  serverOptions.key = authority.server.key;
  const auto serverContext = TlsContext::server(serverOptions);
  Listener listener(loop, ListenAddress{}, [&](int fd) {
    peers.push_back(
        std::make_unique<Peer>(makeTlsStream(makeSocketStream(loop, fd), serverContext, loop, true), true));
    peers.back()->start();
  });
  TlsOptions clientOptions;
  clientOptions.ca = authority.ca.certificate;
  const auto clientContext = TlsContext::client(clientOptions);
  EXPECT_TRUE(echoes(dial({.host = "127.0.0.1", .port = listener.port(), .tls = clientContext}).stream));
  EXPECT_TRUE(echoes(
      dial({.host = "127.0.0.1", .port = listener.port(), .tls = clientContext, .serverName = "localhost"})
          .stream));
  EXPECT_FALSE(
      echoes(dial({.host = "127.0.0.1", .port = listener.port(), .tls = clientContext, .serverName = "other"})
                 .stream));
}

TEST_F(Dial, TimesOut) {
  // A proxy that accepts and says nothing.
  std::vector<UniqueFd> held;
  Listener silent(loop, ListenAddress{}, [&](int fd) { held.emplace_back(fd); });
  const DialTarget target{
      .host = "example.com", .port = 80, .proxy = ProxyTarget{.host = "127.0.0.1", .port = silent.port()}};
  const Outcome outcome = dial(target, 50ms);
  EXPECT_EQ(outcome.error, std::errc::timed_out);
  EXPECT_EQ(outcome.detail,
            "connecting to proxy 127.0.0.1:" + std::to_string(silent.port()) + " took too long");
}

// ---- proxies

/// A proxy that answers from a script, then echoes: the tunnel's other end is not what is tested.
class ScriptedProxy {
 public:
  /// Pairs of what is expected and what is answered, in turn.
  using Script = std::vector<std::pair<std::string, std::string>>;
  ScriptedProxy(AsioLoop& loop, Script script) : loop_(loop), script_(std::move(script)) {}

  std::uint16_t port() const { return listener_.port(); }
  ProxyTarget target(ProxyTarget::Type type) const {
    return {.type = type, .host = "127.0.0.1", .port = port()};
  }
  std::string unexpected;

 private:
  void accepted(int fd) {
    peer_ = std::make_unique<Peer>(makeSocketStream(loop_, fd));
    peer_->afterRead = [this] { answer(); };
    peer_->start();
  }
  void answer() {
    if (next_ == script_.size()) {
      peer_->send(std::exchange(peer_->received, {}));
      return;
    }
    const auto& [expected, reply] = script_[next_];
    if (peer_->received.size() < expected.size()) return;
    if (peer_->received != expected) unexpected += peer_->received;
    peer_->received.clear();
    ++next_;
    peer_->send(reply);
    if (reply.empty()) peer_->finish();
  }

  AsioLoop& loop_;
  Script script_;
  std::size_t next_ = 0;
  std::unique_ptr<Peer> peer_;
  Listener listener_{loop_, ListenAddress{}, [this](int fd) { accepted(fd); }};
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (int value : values) text += static_cast<char>(value);
  return text;
}

TEST_F(Dial, HttpConnect) {
  ScriptedProxy proxy(loop,
                      {{"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n"
                        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nX-More: yes\r\n\r\n",
                        "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"}});
  DialTarget target{
      .host = "example.com", .port = 443, .proxy = proxy.target(ProxyTarget::Type::httpConnect)};
  target.proxy->username = "Aladdin";
  target.proxy->password = "open sesame";
  target.proxy->headers = {{"X-More", "yes"}};
  Outcome outcome = dial(target);
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_EQ(proxy.unexpected, "");
  EXPECT_TRUE(echoes(std::move(outcome.stream)));
}

TEST_F(Dial, Socks5) {
  const std::string host = "example.com";
  ScriptedProxy proxy(
      loop, {{bytes({5, 2, 0, 2}), bytes({5, 2})},
             {bytes({1, 4}) + "user" + bytes({4}) + "pass", bytes({1, 0})},
             {bytes({5, 1, 0, 3, 11}) + host + bytes({1, 187}), bytes({5, 0, 0, 1, 0, 0, 0, 0, 0, 0})}});
  DialTarget target{.host = host, .port = 443, .proxy = proxy.target(ProxyTarget::Type::socks5)};
  target.proxy->username = "user";
  target.proxy->password = "pass";
  Outcome outcome = dial(target);
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_EQ(proxy.unexpected, "");
  EXPECT_TRUE(echoes(std::move(outcome.stream)));
}

TEST_F(Dial, ProxyFailuresNameTheProxy) {
  ScriptedProxy refusing(loop, {{"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
                                 "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}});
  const Outcome refused =
      dial({.host = "h", .port = 1, .proxy = refusing.target(ProxyTarget::Type::httpConnect)});
  EXPECT_EQ(refused.error, std::errc::connection_refused);
  EXPECT_EQ(refused.detail, "proxy 127.0.0.1:" + std::to_string(refusing.port()) +
                                ": the proxy refused: 407 Proxy Authentication Required");
  ScriptedProxy closing(loop, {{bytes({5, 1, 0}), ""}});
  const Outcome closed = dial({.host = "h", .port = 1, .proxy = closing.target(ProxyTarget::Type::socks5)});
  EXPECT_EQ(closed.error, std::errc::connection_aborted);
  EXPECT_EQ(closed.detail, "proxy 127.0.0.1:" + std::to_string(closing.port()) +
                               " closed the connection during its handshake");
  const std::uint16_t port = deadPort();
  const Outcome dead =
      dial({.host = "h", .port = 1, .proxy = ProxyTarget{.host = "127.0.0.1", .port = port}});
  EXPECT_EQ(dead.error, std::errc::connection_refused);
  EXPECT_NE(dead.detail.find("cannot connect to proxy 127.0.0.1:" + std::to_string(port)), std::string::npos)
      << dead.detail;
}

/// The whole, then byte by byte: the same outcome.
void check(const ProxyTarget& proxy, const std::string& host, const std::string& answer,
           ProxyHandshake::Status expected, const std::string& error = {}) {
  SCOPED_TRACE(answer);
  for (const std::size_t step : {answer.size() + 1, std::size_t{1}}) {
    const auto handshake = makeProxyHandshake(proxy, host, 80);
    std::string output;
    ProxyHandshake::Status status = handshake->feed({}, output);
    for (std::size_t at = 0; at < answer.size() && status == ProxyHandshake::Status::partial; at += step) {
      status = handshake->feed(std::string_view(answer).substr(at, step), output);
    }
    EXPECT_EQ(status, expected) << handshake->error();
    if (!error.empty()) {
      EXPECT_EQ(handshake->error(), error);
    }
  }
}

TEST(ProxyHandshake, HttpAnswers) {
  using enum ProxyHandshake::Status;
  const ProxyTarget proxy{.host = "proxy"};
  check(proxy, "h", "HTTP/1.1 200 OK\r\n\r\n", done);
  check(proxy, "h", "HTTP/1.0 200\r\n\r\n", done);
  check(proxy, "h", "HTTP/1.1 204 \r\nA: b\r\n\r\n", done);
  check(proxy, "h", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", done);
  check(proxy, "h", "HTTP/1.1 200 OK\r\nA: b", partial);
  check(proxy, "h", "", partial);
  check(proxy, "h", "HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n", failed, "the proxy refused: 302 Found");
  check(proxy, "h", "HTTP/1.1 403 \x1b[2J\r\n\r\n", failed, "the proxy refused: 403 ?[2J");
  for (const char* const bad : {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n",
                                "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 O\nK\r\n\r\n"}) {
    check(proxy, "h", bad, failed, "the proxy does not answer in HTTP/1.1");
  }
  for (const char* const bad :
       {"HTTP/1.1 200 OK\r\nA\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded: c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n"}) {
    check(proxy, "h", bad, failed, "the proxy's answer has a malformed header");
  }
  check(proxy, "h", "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x'), failed,
        "the proxy's answer is too long");
}

TEST(ProxyHandshake, DataBeforeItsTimeIsRefused) {
  const auto handshake = makeProxyHandshake({.host = "proxy"}, "h", 80);
  std::string output;
  EXPECT_EQ(handshake->feed("HTTP/1.1 200 OK\r\n\r\nhello", output), ProxyHandshake::Status::failed);
}

TEST(ProxyHandshake, NothingCanBeSmuggledIntoTheRequest) {
  using enum ProxyHandshake::Status;
  check({.host = "proxy"}, "h\r\nX: y", "", failed);
  check({.host = "proxy"}, "h h", "", failed);
  check({.host = "proxy", .headers = {{"X", "a\r\nY: b"}}}, "h", "", failed);
  check({.host = "proxy", .headers = {{"X: y\r\nZ", "a"}}}, "h", "", failed);
  std::string output;
  makeProxyHandshake({.host = "proxy"}, "::1", 80)->feed({}, output);
  EXPECT_TRUE(output.starts_with("CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n"));
}

TEST(ProxyHandshake, SocksAnswers) {
  using enum ProxyHandshake::Status;
  const ProxyTarget plain{.type = ProxyTarget::Type::socks5, .host = "proxy"};
  ProxyTarget named = plain;
  named.username = "user";
  const std::string method = bytes({5, 0});
  check(plain, "h", method + bytes({5, 0, 0, 1, 1, 2, 3, 4, 5, 6}), done);
  check(plain, "h", method + bytes({5, 0, 0, 3, 2, 'a', 'b', 5, 6}), done);
  check(plain, "h", method + bytes({5, 0, 0, 4}) + std::string(18, 'x'), done);
  check(plain, "h", method + bytes({5, 0, 0, 1, 1, 2, 3, 4, 5}), partial);
  check(plain, "h", method + bytes({5, 5}), failed, "the proxy refused: connection refused");
  check(plain, "h", method + bytes({5, 99}), failed, "the proxy refused: error 99");
  check(plain, "h", method + bytes({5, 0, 0, 2, 0}), failed, "the proxy's answer is malformed");
  check(plain, "h", bytes({4, 0}), failed, "the proxy does not speak SOCKS5");
  check(plain, "h", bytes({5, 2}), failed, "the proxy wants another authentication than we have");
  check(named, "h", bytes({5, 255}), failed, "the proxy wants another authentication than we have");
  check(named, "h", bytes({5, 2, 1, 1}), failed, "the proxy did not accept user name and password");
  check(named, "h", bytes({5, 2, 1, 0, 5, 0, 0, 1, 1, 2, 3, 4, 5, 6}), done);
  check(plain, std::string(256, 'h'), "", failed);
  std::string output;
  const auto numeric = makeProxyHandshake(plain, "127.0.0.1", 0x1234);
  numeric->feed({}, output);
  numeric->feed(method, output);
  EXPECT_EQ(output, bytes({5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0x12, 0x34}));
}

// ---- Happy Eyeballs

SocketAddress address(const std::string& text) {
  SocketAddress made;
  EXPECT_TRUE(made.setNumeric(text, 80));
  return made;
}

SocketAddress address(const std::string& text, std::uint16_t port) {
  SocketAddress made;
  EXPECT_TRUE(made.setNumeric(text, port));
  return made;
}

TEST_F(Dial, ADeadAddressIsFollowedByTheNextAtOnce) {
  const auto listener = echo();
  const std::uint16_t dead = deadPort();
  dialer = makeDialerTo(io, {address("::1", dead), address("127.0.0.1", listener->port())});
  Outcome outcome = dial({.host = "two.example", .port = 1});
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_EQ(outcome.stream->details().peer, listener->endpoint());

  dialer = makeDialerTo(io, {address("::1", dead), address("127.0.0.1", dead)});
  outcome = dial({.host = "two.example", .port = 1});
  EXPECT_EQ(outcome.error, std::errc::connection_refused);
  EXPECT_EQ(outcome.detail, "cannot connect to two.example:1: [::1]:" + std::to_string(dead) +
                                ": Connection refused; 127.0.0.1:" + std::to_string(dead) +
                                ": Connection refused");
}

/// A listener that answers no more: its queue is full and nobody accepts, so connecting hangs.
struct Hanging {
  explicit Hanging(AsioLoop& loop) : listener(loop, {.backlog = 0}, [](int) {}) {
    listener.setAccepting(false);
    const SocketAddress where = address("127.0.0.1", listener.port());
    for (UniqueFd& fd : queue) {
      fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(fd.get(), where.get(), where.length);
    }
  }
  Listener listener;
  std::array<UniqueFd, 4> queue;
};

TEST_F(Dial, ASilentAddressIsOvertakenByTheNext) {
  const auto listener = echo();
  const Hanging hanging(loop);
  dialer = makeDialerTo(
      io, {address("127.0.0.1", hanging.listener.port()), address("127.0.0.1", listener->port())});
  Outcome outcome = dial({.host = "two.example", .port = 1}, 60s);
  ASSERT_TRUE(outcome.stream) << outcome.detail;
  EXPECT_EQ(outcome.stream->details().peer, listener->endpoint());
  EXPECT_TRUE(echoes(std::move(outcome.stream)));
}

TEST_F(Dial, AnAddressThatStaysSilentTimesOut) {
  const Hanging hanging(loop);
  const Outcome outcome = dial({.host = "127.0.0.1", .port = hanging.listener.port()}, 20ms);
  EXPECT_EQ(outcome.error, std::errc::timed_out);
}

TEST(HappyEyeballs, FamiliesAlternate) {
  std::string order;
  for (const SocketAddress& one : interleaveFamilies(
           {address("::1"), address("::2"), address("::3"), address("1.1.1.1"), address("2.2.2.2")})) {
    order += one.address() + ' ';
  }
  EXPECT_EQ(order, "::1 1.1.1.1 ::2 2.2.2.2 ::3 ");
  EXPECT_TRUE(interleaveFamilies({}).empty());
  EXPECT_EQ(interleaveFamilies({address("1.1.1.1"), address("::1")}).front().address(), "1.1.1.1");
}

}  // namespace
}  // namespace autobahn::inline v0::util
