// Features of the framework over real sockets: TLS, proxies' headers, HTTP beside, streaming, back-pressure,
// and streams of the caller's.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/socket_stream.hpp>

#include <sys/socket.h>

#include "testing/loopback.hpp"
#include "testing/raw_client.hpp"
#include "util/src/net/testing/certificates.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;
using util::testing::TestCertificate;

class Features : public Loopback {
 protected:
  Features() {
    closeAfterFirst();
    clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("hello"); };
  }
  void closeAfterFirst() {
    clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) {
      protocol.sendClose();
    };
  }
  /// A connected pair of sockets as streams on the test's loop.
  std::pair<std::unique_ptr<util::Stream>, std::unique_ptr<util::Stream>> streamPair() {
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), 0);
    util::AsioLoop& loop = util::AsioLoop::of(io);
    return {util::makeSocketStream(loop, sockets[0]), util::makeSocketStream(loop, sockets[1])};
  }
};

// ---- TLS

class Tls : public Features {
 protected:
  Tls() {
    server.setSessionParameters("wss://localhost:0");
    util::testing::CertificateRequest request;
    request.commonName = "test authority";
    request.altNames = "";
    request.isAuthority = true;
    authority = util::testing::makeCertificate(request);
  }
  TestCertificate issue(const std::string& name, const std::string& altNames) {
    util::testing::CertificateRequest request;
    request.commonName = name;
    request.altNames = altNames;
    request.issuer = &authority;
    return util::testing::makeCertificate(request);
  }
  void listenTls(const TestCertificate& certificate, util::TlsOptions options = {}) {
    options.certificate = certificate.certificate;
    options.key = certificate.key;
    ListenOptions listening;
    listening.tls = options;
    listen(listening);
  }
  ConnectOptions trusting() const {
    ConnectOptions options;
    options.tls.emplace();
    options.tls->ca = authority.certificate;
    return options;
  }
  TestCertificate authority;
};

TEST_F(Tls, EchoesOverWss) {
  TransportDetails details;
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    details = protocol.transportDetails();
    EXPECT_FALSE(protocol.channelId().empty());
    protocol.sendMessage(std::string(3 << 20, 'x'), true);
  };
  serverScript->onConnect = [](WebSocketServerProtocol& protocol, const ConnectionRequest& request) {
    EXPECT_TRUE(request.tls.has_value());
    EXPECT_FALSE(protocol.channelId().empty());
    return ConnectionAccept{};
  };
  listenTls(issue("localhost", "DNS:localhost"));
  client->connect(trusting());
  runUntilClosed();
  ASSERT_EQ(clientScript->messages.size(), 1U) << clientScript->close.reason;
  EXPECT_EQ(clientScript->messages[0].size(), std::size_t{3} << 20);
  EXPECT_TRUE(clientScript->close.wasClean);
  ASSERT_TRUE(details.tls.has_value());
  EXPECT_EQ(details.tls->version, "TLSv1.3");
  EXPECT_EQ(details.tls->alpn, "http/1.1");
  EXPECT_EQ(details.tls->peerCertificate->commonName, "localhost");
}

TEST_F(Tls, ACertificateForAnotherHostIsRefused) {
  listenTls(issue("other", "DNS:other.example"));
  client->connect(trusting());
  runUntil([&] { return clientScript->closed == 1; });
  EXPECT_EQ(clientScript->opened, 0);
  EXPECT_EQ(clientScript->close.code, 1015);
  EXPECT_NE(clientScript->close.reason.find("ostname"), std::string::npos) << clientScript->close.reason;
}

TEST_F(Tls, AnUnknownAuthorityIsRefused) {
  listenTls(issue("localhost", "DNS:localhost"));
  client->connect();
  runUntil([&] { return clientScript->closed == 1; });
  EXPECT_EQ(clientScript->close.code, 1015);
}

TEST_F(Tls, ClientsShowTheirCertificateWhenItIsRequired) {
  std::string subject;
  serverScript->onConnect = [&](WebSocketServerProtocol&, const ConnectionRequest& request) {
    if (request.tls && request.tls->peerCertificate) subject = request.tls->peerCertificate->commonName;
    return ConnectionAccept{};
  };
  util::TlsOptions options;
  options.ca = authority.certificate;
  options.requireClientCertificate = true;
  listenTls(issue("localhost", "DNS:localhost"), options);
  client->connect(trusting());
  runUntil([&] { return clientScript->closed == 1; });
  EXPECT_EQ(clientScript->opened, 0);
  const TestCertificate alice = issue("alice", "");
  ConnectOptions withCertificate = trusting();
  withCertificate.tls->certificate = alice.certificate;
  withCertificate.tls->key = alice.key;
  client->connect(withCertificate);
  runUntil([&] { return clientScript->closed == 2; });
  EXPECT_EQ(clientScript->opened, 1);
  EXPECT_EQ(subject, "alice");
}

TEST_F(Tls, WssWithoutACertificateIsRefusedByListen) { EXPECT_THROW(server.listen(), InvalidState); }

// ---- What proxies tell

TEST_F(Features, XForwardedForIsBelievedFromTrustedHopsOnly) {
  std::string seen = "-";
  serverScript->onConnect = [&](WebSocketServerProtocol&, const ConnectionRequest& request) {
    seen = request.forwardedFor;
    return ConnectionAccept{};
  };
  listen();
  const std::string request = goodRequest("X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n") + maskedFrame(0x88, "");
  exchange(request);
  EXPECT_EQ(seen, "");
  ServerOptions options;
  options.trustXForwardedFor = 1;
  server.setProtocolOptions(options);
  exchange(request);
  EXPECT_EQ(seen, "192.0.2.7");
}

TEST_F(Features, TheProxyProtocolGivesTheTrueAddress) {
  ServerOptions options;
  options.proxyProtocol = ProxyProtocol::required;
  options.maxConnectionsPerIp = 1;
  server.setProtocolOptions(options);
  std::vector<std::string> peers;
  serverScript->onConnect = [&](WebSocketServerProtocol&, const ConnectionRequest& request) {
    peers.push_back(request.peer);
    return ConnectionAccept{};
  };
  listen();
  const std::string rest = goodRequest() + maskedFrame(0x88, "");
  EXPECT_EQ(exchange("PROXY TCP4 192.0.2.1 192.0.2.9 51000 80\r\n" + rest).substr(0, 12), "HTTP/1.1 101");
  EXPECT_EQ(peers, std::vector<std::string>{"tcp4:192.0.2.1:51000"});
  EXPECT_EQ(exchange(rest), "") << "without the header the connection is dropped";
  RawClient first(io, server.port());
  first.send("PROXY TCP4 192.0.2.1 192.0.2.9 51000 80\r\n" + goodRequest());
  runUntil([&] { return serverScript->opened == 2; });
  RawClient second(io, server.port());
  second.read();
  second.send("PROXY TCP4 192.0.2.2 192.0.2.9 51000 80\r\n" + rest);
  runUntil([&] { return second.ended; });
  EXPECT_EQ(second.received.substr(0, 12), "HTTP/1.1 101") << "another address behind the same proxy";
}

// ---- HTTP beside WebSocket

TEST_F(Features, ListenSaysWhereItListens) {
  const ListenerInfo tcp = server.listen("ws://127.0.0.1:0/path");
  EXPECT_EQ(tcp.port, server.port());
  EXPECT_EQ(tcp.url, "ws://127.0.0.1:" + std::to_string(tcp.port) + "/path");
  EXPECT_EQ(tcp.endpoint, "tcp4:127.0.0.1:" + std::to_string(tcp.port));
  server.setHeaders({{"X-Later", "yes"}});
  ConnectionResponse seen;
  clientScript->onResponse = [&](const ConnectionResponse& response) { seen = response; };
  makeClient(tcp.url);
  client->setHeaders({{"X-Mine", "too"}});
  std::string mine;
  serverScript->onConnect = [&](WebSocketServerProtocol&, const ConnectionRequest& request) {
    mine = request.headers.get("X-Mine");
    return ConnectionAccept{};
  };
  client->connect();
  runUntilClosed();
  EXPECT_EQ(seen.headers.get("X-Later"), "yes");
  EXPECT_EQ(mine, "too");
}

TEST_F(Features, PlainGetShowsTheStatusPageOr426) {
  listen();
  const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(exchange(get).substr(0, 15), "HTTP/1.1 200 OK");
  ServerOptions options;
  options.webStatus = false;
  server.setProtocolOptions(options);
  EXPECT_EQ(exchange(get).substr(0, 12), "HTTP/1.1 426");
}

asio::awaitable<http::Response> respondLater(std::string body) {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
  http::Response response;
  response.body = body;
  co_return response;
}

TEST_F(Features, HttpHandlersAnswerNowLaterOrWithAnError) {
  server.setHttpHandler([](const http::Request& request, const TransportDetails&) -> HttpDecision {
    if (request.path() == "/later") return respondLater("later");
    if (request.path() == "/deny") throw ConnectionDeny(403, "not you");
    if (request.path() == "/throw") throw std::runtime_error("inner matters");
    http::Response response;
    response.body = "now";
    return response;
  });
  listen();
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string answers = exchange("GET /now" + host + "GET /later" + host + "GET /deny" + host);
  EXPECT_NE(answers.find("\r\n\r\nnow"), std::string::npos) << answers;
  EXPECT_NE(answers.find("\r\n\r\nlater"), std::string::npos) << answers;
  EXPECT_NE(answers.find("HTTP/1.1 403"), std::string::npos) << answers;
  const std::string thrown = exchange("GET /throw" + host);
  EXPECT_EQ(thrown.substr(0, 12), "HTTP/1.1 500");
  EXPECT_EQ(thrown.find("inner"), std::string::npos);
}

// ---- Coroutines and back-pressure

class SlowSquare : public WebSocketServerProtocol {
 public:
  explicit SlowSquare(std::shared_ptr<int> running) : running_(std::move(running)) {}
  asio::awaitable<void> onMessageAsync(Message message) override {
    EXPECT_EQ(++*running_, 1) << "one at a time";
    const int number = std::stoi(message.payload);
    asio::steady_timer timer(executor(), 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    --*running_;
    sendMessage(std::to_string(number * number));
  }

 private:
  std::shared_ptr<int> running_;
};

TEST_F(Features, CoroutineHandlersRunInOrderOneAtATime) {
  server.setProtocol<SlowSquare>(std::make_shared<int>(0));
  constexpr int kCount = 100;  // more than the inbox holds: reading pauses and goes on
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    for (int i = 0; i < kCount; ++i) protocol.sendMessage(std::to_string(i));
  };
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    if (clientScript->messages.size() == kCount) protocol.sendClose();
  };
  listen();
  client->connect();
  runUntil([&] { return clientScript->closed == 1; });
  ASSERT_EQ(clientScript->messages.size(), std::size_t{kCount});
  EXPECT_EQ(clientScript->messages[12], "144");
  EXPECT_EQ(clientScript->messages[99], "9801");
}

asio::awaitable<void> pump(std::shared_ptr<WebSocketProtocol> protocol, int count, std::size_t& highest) {
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < count && protocol->isOpen(); ++i) {
    protocol->sendMessage(block, true);
    highest = std::max(highest, protocol->bufferedAmount());
    co_await protocol->drain();
  }
  protocol->sendClose();
}

TEST_F(Features, DrainKeepsAProducerBehindItsConsumer) {
  std::size_t highest = 0;
  std::size_t received = 0;
  serverScript->onOpen = [&](WebSocketProtocol& protocol) {
    asio::co_spawn(io, pump(protocol.shared_from_this(), 64, highest), asio::detached);
  };
  clientScript->onOpen = nullptr;
  clientScript->onMessage = [&](WebSocketProtocol&, std::string_view payload, bool) {
    received += payload.size();
    clientScript->messages.clear();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_EQ(received, std::size_t{64} << 20);
  EXPECT_LE(highest, (std::size_t{2} << 20) + 64);
}

TEST_F(Features, OnDrainComesAfterTheHighWatermark) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 20;
  options.sendBufferLowWatermark = 1 << 10;
  server.setProtocolOptions(options);
  int drains = 0;
  serverScript->onOpen = [](WebSocketProtocol& protocol) {
    protocol.sendMessage(std::string(32 << 20, 'x'));
  };
  serverScript->onDrain = [&](WebSocketProtocol& protocol) {
    ++drains;
    EXPECT_LE(protocol.bufferedAmount(), 1U << 10);
    protocol.sendClose();
  };
  clientScript->onMessage = nullptr;
  listen();
  ClientOptions clientOptions;
  clientOptions.maxMessagePayloadSize = 0;
  client->setProtocolOptions(clientOptions);
  client->connect();
  runUntilClosed();
  EXPECT_EQ(drains, 1);
  EXPECT_EQ(clientScript->messages.at(0).size(), std::size_t{32} << 20);
}

// ---- Frames and streams

class StreamHasher : public WebSocketServerProtocol {
 public:
  StreamHasher() { setReceiveMode(ReceiveMode::stream); }
  void onMessageBegin(bool isBinary) override { EXPECT_TRUE(isBinary); }
  void onMessageFrameBegin(std::uint64_t) override { ++frames_; }
  void onMessageFrameData(std::string_view payload) override { hash_.update(payload); }
  void onMessageEnd() override {
    sendMessage(std::to_string(frames_) + " " + util::hexEncode(hash_.finish()));
  }

 private:
  int frames_ = 0;
  util::Sha256 hash_;
};

TEST_F(Features, StreamsAMessageInConstantMemory) {
  server.setProtocol<StreamHasher>();
  const std::string piece(50'000, 'z');
  std::string whole;
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    protocol.beginMessage(true);
    for (int i = 0; i < 3; ++i) {
      protocol.beginMessageFrame(2 * piece.size());
      EXPECT_EQ(protocol.sendMessageFrameData(piece), static_cast<std::int64_t>(piece.size()));
      protocol.sendPing("held until the frame is complete");
      EXPECT_EQ(protocol.sendMessageFrameData(piece + "more"), -4);
      whole += piece + piece;
    }
    EXPECT_THROW(protocol.sendMessage("not now"), InvalidState);
    protocol.sendMessageFrame("tail");
    whole += "tail";
    protocol.endMessage();
  };
  listen();
  client->connect();
  runUntil([&] { return clientScript->closed == 1; });
  // Three frames, the tail, and the empty last one.
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"5 " + util::hexEncode(util::sha256(whole))});
}

// ---- Streams of the caller's

TEST_F(Features, HandshakesOverAStreamOfTheCallers) {
  auto [ours, theirs] = streamPair();
  server.serve(std::move(ours));
  makeClient("ws://localhost/");
  client->connectOver(std::move(theirs));
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"hello"});
}

TEST_F(Features, TakesOverUpgradedStreams) {
  auto [ours, theirs] = streamPair();
  // "hello" as a masked frame came with the request, as it were.
  server.serveUpgraded(std::move(ours), std::make_shared<ScriptedServer>(serverScript),
                       maskedFrame(0x81, "early"));
  makeClient("ws://localhost/");
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    if (clientScript->messages.size() == 2) protocol.sendClose();
  };
  client->connectUpgraded(std::move(theirs), std::make_shared<ScriptedClient>(clientScript));
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, (std::vector<std::string>{"early", "hello"}));
}

// ---- Looking on

struct Observer : MetricsObserver {
  void onOpened(const std::string&) override { ++opened; }
  void onHandshakeFailed(const std::string&, const std::string& why) override { failure = why; }
  void onClosed(const std::string&, const CloseInfo& info, const TrafficStats& traffic) override {
    code = info.code;
    messages = traffic.incomingWebSocketMessages;
  }
  int opened = 0;
  std::uint16_t code = 0;
  std::uint64_t messages = 0;
  std::string failure;
};

TEST_F(Features, ObserversAndMetricsSeeWhatHappens) {
  const auto observer = std::make_shared<Observer>();
  server.setMetricsObserver(observer);
  listen();
  client->connect();
  runUntilClosed();
  exchange("GARBAGE\r\n\r\n");
  EXPECT_EQ(observer->opened, 1);
  EXPECT_EQ(observer->code, 1000);
  EXPECT_EQ(observer->messages, 1U);
  EXPECT_NE(observer->failure.find("400"), std::string::npos) << observer->failure;
  Metrics seen;
  bool done = false;
  server.readMetrics([&](const Metrics& metrics) {
    seen = metrics;
    done = true;
  });
  runUntil([&] { return done; });
  EXPECT_EQ(seen.transportsAccepted, 2U);
  EXPECT_EQ(seen.handshakesFailed, 1U);
  EXPECT_EQ(seen.closeCodes, (std::map<std::uint16_t, std::uint64_t>{{1000, 1}}));
  EXPECT_EQ(seen.traffic.incomingWebSocketMessages, 1U);
}

/// Collects log lines while it lives.
class LogCapture {
 public:
  LogCapture() {
    util::setLogLevel(util::Level::trace);
    util::setSink([this](const util::LogRecord& record) { text += util::formatLogText(record) + "\n"; });
  }
  ~LogCapture() {
    util::setSink({});
    util::setLogLevel(util::Level::info);
  }
  std::string text;
};

TEST_F(Features, FramesAndOctetsAreLoggedOnRequest) {
  LogCapture log;
  ServerOptions options;
  options.logFrames = true;
  options.logOctets = true;
  options.trackTimings = true;
  server.setProtocolOptions(options);
  Timings timings;
  serverScript->onClose = [&](WebSocketProtocol& protocol, const CloseInfo&) {
    timings = protocol.timings();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_NE(log.text.find("opcode=text"), std::string::npos);
  EXPECT_NE(log.text.find("hex=8105" + util::hexEncode("hello")), std::string::npos);
  EXPECT_GE(timings.opened, timings.handshakeStarted);
  EXPECT_GE(timings.closed, timings.closeStarted);
  EXPECT_NE(timings.closeStarted, Timings::Clock::time_point{});
}

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
