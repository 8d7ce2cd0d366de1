// Server and client of ours over real sockets: TCP, TLS, Unix.
#include "testing/loopback.hpp"

#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <autobahn/rawsocket/detect.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <filesystem>
#include <thread>

#include "util/src/net/testing/certificates.hpp"

namespace autobahn::inline v0::rawsocket::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string patterned(std::size_t size) {
  std::string payload(size, 'x');
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7 + i / 251);
  return payload;
}

TEST_F(Loopback, EchoesMessagesOfAllSizes) {
  std::vector<std::string> payloads;
  for (const int size : {0, 1, 4, 511, 65535, 65536, 1 << 20, 5 << 20, (1 << 24) - 1, 1 << 24})
    payloads.push_back(patterned(static_cast<std::size_t>(size)));
  ServerOptions options;
  options.sendBufferHighWatermark = std::size_t{1} << 30;  // two ends that are both full would wait for ever
  server.setProtocolOptions(options);
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    EXPECT_TRUE(protocol.isOpen());
    EXPECT_EQ(protocol.maxSendSize(), kGreatestMaxPayload);
    EXPECT_EQ(protocol.serializer(), SerializerId::json);
    for (const std::string& payload : payloads) EXPECT_TRUE(protocol.sendMessage(payload));
  };
  clientScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    if (clientScript->messages.size() == payloads.size()) protocol.close();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(clientScript->messages == payloads);
  EXPECT_TRUE(clientScript->close.wasClean);
  EXPECT_EQ(clientScript->close.reason, "closed by this end");
  EXPECT_TRUE(serverScript->close.wasClean);
  EXPECT_EQ(serverScript->close.reason, "closed by the peer");
}

TEST_F(Loopback, EchoesThatWaitForTheirReaderKeepTheirBytes) {
  ServerOptions options;
  options.sendBufferHighWatermark = std::size_t{1} << 30;
  server.setProtocolOptions(options);
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < 300; ++i) payloads.push_back(patterned(9000 + i * 977 % 150'000));
  RawSocketProtocol* reader = nullptr;
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    protocol.pauseReading();
    reader = &protocol;
    for (const std::string& payload : payloads) protocol.sendMessage(payload);
  };
  bool waited = false;
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view payload) {
    protocol.sendMessage(payload);
    // More than one read holds: the client's system takes no more.
    if (waited || protocol.bufferedAmount() < 600'000) return;
    waited = true;
    reader->resumeReading();
  };
  clientScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    if (clientScript->messages.size() == payloads.size()) protocol.close();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(waited);
  EXPECT_TRUE(clientScript->messages == payloads);
}

TEST_F(Loopback, AllWaysOfSendingArrive) {
  const std::string large = patterned(40'000);
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    protocol.sendMessage("literal");
    protocol.sendMessage(std::string_view(large));
    protocol.sendMessage(std::string(large));
    protocol.sendMessage(std::make_shared<const std::string>(large));
    protocol.sendPing("ping");
  };
  std::string pong;
  std::string seen;
  serverScript->onPing = [&](RawSocketProtocol&, std::string_view payload) { seen = payload; };
  clientScript->onPong = [&](RawSocketProtocol& protocol, std::string_view payload) {
    pong = payload;
    protocol.close();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(clientScript->messages == (std::vector<std::string>{"literal", large, large, large}));
  EXPECT_EQ(pong, "ping");
  EXPECT_EQ(seen, "ping");
}

TEST_F(Loopback, TheHandshakeDecidesSizesAndSerializer) {
  ServerOptions options;
  options.maxMessagePayloadSize = 1 << 10;
  options.serializers = {SerializerId::cbor};
  server.setProtocolOptions(options);
  HandshakeRequest seen;
  server.setBuilder([&](const HandshakeRequest& request) {
    seen = request;
    return std::make_shared<ScriptedServer>(serverScript);
  });
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    EXPECT_EQ(protocol.maxSendSize(), 1024U);
    EXPECT_EQ(protocol.serializer(), SerializerId::cbor);
    EXPECT_THROW(protocol.sendMessage(std::string(1025, 'x')), PayloadExceeded);
    EXPECT_TRUE(protocol.isOpen());
    protocol.close();
  };
  ClientOptions clientOptions;
  clientOptions.serializer = SerializerId::cbor;
  clientOptions.maxMessagePayloadSize = 1 << 12;
  listen({}, clientOptions);
  client->connect();
  runUntilClosed();
  EXPECT_EQ(seen.maxSendSize, 4096U);
  EXPECT_EQ(seen.serializer, SerializerId::cbor);
  EXPECT_THAT(seen.peer, HasSubstr("tcp4:127.0.0.1:"));
  EXPECT_FALSE(seen.tls.has_value());
}

TEST_F(Loopback, RefusalsReachTheClientInWords) {
  ServerOptions options;
  options.serializers = {SerializerId::json};
  server.setProtocolOptions(options);
  ClientOptions clientOptions;
  clientOptions.serializer = SerializerId::msgpack;
  listen({}, clientOptions);
  const auto refused = [&] {
    clientScript->closed = 0;
    client->connect();
    runUntil([&] { return clientScript->closed == 1; });
    EXPECT_FALSE(clientScript->close.wasClean);
    return clientScript->close.reason;
  };
  EXPECT_THAT(refused(), HasSubstr("serializer unsupported (error 1)"));
  clientOptions.serializer = SerializerId::json;
  client->setProtocolOptions(clientOptions);
  server.setBuilder([](const HandshakeRequest&) { return nullptr; });
  EXPECT_THAT(refused(), HasSubstr("serializer unsupported (error 1)"));
  options.minPeerMaxPayloadSize = 1 << 20;
  server.setProtocolOptions(options);
  clientOptions.maxMessagePayloadSize = 1 << 19;
  client->setProtocolOptions(clientOptions);
  EXPECT_THAT(refused(), HasSubstr("maximum message length unacceptable (error 2)"));
  EXPECT_EQ(clientScript->opened + serverScript->opened, 0);
}

TEST_F(Loopback, AThrowingCallbackEndsItsConnectionAlone) {
  struct Thrower : RawSocketServerProtocol {
    void onMessage(std::string_view) override { throw std::runtime_error("oops"); }
  };
  server.setBuilder([&](const HandshakeRequest& request) -> std::shared_ptr<RawSocketServerProtocol> {
    if (request.serializer == SerializerId::msgpack) return std::make_shared<Thrower>();
    if (request.serializer == SerializerId::cbor) throw 42;
    return std::make_shared<ScriptedServer>(serverScript);
  });
  listen();
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("x"); };
  client->connect();
  runUntil([&] { return clientScript->messages.size() == 1; });
  for (const SerializerId id : {SerializerId::msgpack, SerializerId::cbor}) {
    RawSocketClientFactory other(io, client->url(), [&] {
      ClientOptions options;
      options.serializer = id;
      return options;
    }());
    const auto script = std::make_shared<Script>();
    script->onOpen = clientScript->onOpen;
    other.setProtocol<ScriptedClient>(script);
    other.connect();
    runUntil([&] { return script->closed == 1; });
    EXPECT_FALSE(script->close.wasClean);
  }
  EXPECT_EQ(server.connectionCount(), 1U);
  client->close();
  runUntilClosed();
}

TEST_F(Loopback, ExceptionsInEveryCallbackAreContained) {
  const auto oops = [](RawSocketProtocol&) { throw std::runtime_error("oops"); };
  const auto oopsToo = [](RawSocketProtocol&, std::string_view) { throw std::runtime_error("oops"); };
  listen();
  clientScript->onOpen = [](RawSocketProtocol& protocol) {
    protocol.sendPing();
    protocol.sendMessage("x");
  };
  for (int place = 0; place < 4; ++place) {
    SCOPED_TRACE(place);
    *serverScript = {};
    clientScript->closed = 0;
    clientScript->onMessage = nullptr;
    if (place == 0) serverScript->onOpen = oops;
    if (place == 1) serverScript->onMessage = oopsToo;
    if (place == 2) serverScript->onPing = oopsToo;
    if (place == 3) {
      serverScript->onOpen = [](RawSocketProtocol& protocol) { protocol.close(); };
      serverScript->onClose = oops;
    }
    client->connect();
    runUntilClosed();
    EXPECT_EQ(serverScript->close.wasClean, place == 3);
  }
}

TEST_F(Loopback, ClientIsToldWhenNobodyListens) {
  listen();
  server.close();
  runUntil([] { return true; });
  client->connect();
  runUntil([this] { return clientScript->closed != 0; });
  EXPECT_THAT(clientScript->close.reason, HasSubstr("cannot connect"));
  EXPECT_EQ(client->connectionCount(), 0U);
}

TEST_F(Loopback, AClientMayGiveUpBeforeItIsConnected) {
  listen();
  const auto protocol = client->connect();
  EXPECT_EQ(protocol->state(), State::connecting);
  protocol->close();
  EXPECT_EQ(clientScript->closed, 0) << "not from inside the call";
  runUntil([this] { return clientScript->closed != 0; });
  EXPECT_THAT(clientScript->close.reason, HasSubstr("given up"));
  EXPECT_EQ(protocol->state(), State::closed);
  EXPECT_EQ(client->connectionCount(), 0U);
}

TEST_F(Loopback, UnixSockets) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("rawsocket-test-" + std::to_string(::getpid()) + ".sock");
  const ListenerInfo info = server.listen("rs+unix://" + path);
  EXPECT_EQ(info.url, "rs+unix://" + path);
  EXPECT_EQ(info.port, 0);
  makeClient("rs://unix:" + path);
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("over a file"); };
  clientScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    EXPECT_EQ(protocol.peer(), "unix:" + path);
    protocol.close();
  };
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"over a file"});
  server.close();
  runUntil([] { return true; });
  EXPECT_FALSE(std::filesystem::exists(path));
}

// ---- TLS

class Tls : public Loopback {
 protected:
  void listenSecurely() {
    ListenOptions options;
    options.tls.emplace();
    options.tls->certificate = authority_.server.certificate;
    options.tls->key = authority_.server.key;
    const ListenerInfo info = server.listen("rss://127.0.0.1:0", options);
    makeClient("rss://localhost:" + std::to_string(info.port));
  }
  ConnectOptions trusting() const {
    ConnectOptions options;
    options.tls.emplace();
    options.tls->ca = authority_.ca.certificate;
    return options;
  }

  util::testing::TestAuthority authority_;
};

TEST_F(Tls, EchoesAndKnowsThePeer) {
  const std::string large = patterned(3 << 20);
  listenSecurely();
  std::string serverBinding;
  std::string clientBinding;
  serverScript->onOpen = [&](RawSocketProtocol& protocol) { serverBinding = protocol.channelId(); };
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    clientBinding = protocol.channelId();
    const TransportDetails details = protocol.transportDetails();
    EXPECT_TRUE(details.isSecure);
    EXPECT_EQ(details.tls->alpn, "");
    protocol.sendMessage(large);
  };
  clientScript->onMessage = [](RawSocketProtocol& protocol, std::string_view) { protocol.close(); };
  client->connect(trusting());
  runUntilClosed();
  EXPECT_TRUE(clientScript->messages == std::vector<std::string>{large});
  EXPECT_TRUE(clientScript->close.wasClean) << clientScript->close.reason;
  EXPECT_TRUE(serverScript->close.wasClean) << serverScript->close.reason;
  EXPECT_EQ(clientBinding, serverBinding);
  EXPECT_EQ(clientBinding.size(), 32U);
}

TEST_F(Tls, AnUnknownCertificateIsRefused) {
  listenSecurely();
  client->connect();
  runUntil([this] { return clientScript->closed == 1; });
  EXPECT_THAT(clientScript->close.reason, HasSubstr("certificate"));
  EXPECT_EQ(clientScript->opened, 0);
  runUntil([this] { return server.connectionCount() == 0; });
}

TEST_F(Tls, PlainPeersAreToldNothingAndDropped) {
  listenSecurely();
  RawPeer peer(io, server.port());
  peer.read();
  peer.send(std::string("\x7F\xF1\0\0\0\0\0\1x", 9));
  runUntil([&] { return peer.ended; });
  runUntil([this] { return server.connectionCount() == 0; });
}

// ---- Back-pressure, ending

TEST_F(Loopback, PausedReadingDeliversNothingUntilResumed) {
  RawSocketProtocol* paused = nullptr;
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view payload) {
    if (&protocol == paused) return protocol.pauseReading();
    serverScript->messages.pop_back();
    protocol.sendMessage(payload);
  };
  serverScript->onOpen = [&](RawSocketProtocol& protocol) {
    if (paused == nullptr) paused = &protocol;
  };
  clientScript->onOpen = [](RawSocketProtocol& protocol) {
    for (const char* text : {"1", "2", "3"}) protocol.sendMessage(text);
    protocol.close();
  };
  ClientOptions options;
  options.closeTimeout = 1h;
  listen({}, options);
  client->connect();
  for (std::size_t count = 1; count <= 3; ++count) {
    runUntil([&] { return serverScript->messages.size() == count; });
    EXPECT_EQ(serverScript->messages.size(), count);
    EXPECT_EQ(serverScript->closed, 0) << "the end waits for its turn";
    // Meanwhile the loop's receive buffer serves somebody else.
    RawPeer other(io, server.port());
    other.read();
    other.send(std::string("\x7F\xF1\0\0\0\0\0\x40", 8) + std::string(64, 'o'));
    runUntil([&] { return other.received.size() == 4 + 4 + 64; });
    other.socket.close();
    runUntil([&] { return server.connectionCount() == 1; });
    serverScript->closed = 0;
    paused->resumeReading();
  }
  runUntilClosed();
  EXPECT_EQ(serverScript->messages, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(serverScript->close.wasClean);
}

asio::awaitable<void> sendInTurns(std::shared_ptr<RawSocketProtocol> protocol, int* most) {
  const std::string payload(1 << 20, 'x');
  for (int i = 0; i < 40; ++i) {
    protocol->sendMessage(payload);
    *most = std::max(*most, static_cast<int>(protocol->bufferedAmount()));
    co_await protocol->drain();
  }
  protocol->close();
}

TEST_F(Loopback, DrainWaitsForTheLowWatermark) {
  serverScript->onMessage = nullptr;
  ClientOptions options;
  options.sendBufferHighWatermark = 1 << 16;
  options.sendBufferLowWatermark = 1 << 12;
  listen({}, options);
  int most = 0;
  int drains = 0;
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    asio::co_spawn(io, sendInTurns(protocol.shared_from_this(), &most), asio::detached);
  };
  clientScript->onDrain = [&](RawSocketProtocol&) { ++drains; };
  client->connect();
  runUntilClosed();
  EXPECT_EQ(serverScript->messages.size(), 40U);
  EXPECT_LE(most, (1 << 20) + (1 << 12) + 4);
  EXPECT_GT(drains, 0);
}

TEST_F(Loopback, WhatIsQueuedStillArrivesWhenTheConnectionIsClosed) {
  const std::string large = patterned(8 << 20);
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    std::string passing = large;
    protocol.sendMessage(std::string_view(passing));
    passing.assign(passing.size(), 'z');  // the bytes were the caller's
    protocol.close();
    EXPECT_FALSE(protocol.sendMessage("too late"));
  };
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("x"); };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(clientScript->messages == std::vector<std::string>{large});
  EXPECT_TRUE(serverScript->close.wasClean) << serverScript->close.reason;
  EXPECT_TRUE(clientScript->close.wasClean);
}

TEST_F(Loopback, APeerThatEndsItsSideStillGetsItsAnswers) {
  const std::string large = patterned(5 << 20);
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    protocol.sendMessage(large);
  };
  server.listen();
  RawPeer peer(io, server.port());
  peer.send(std::string("\x7F\xF1\0\0\0\0\0\1x", 9));
  bool sent = false;
  runUntil([&] { return sent = serverScript->messages.size() == 1; });
  peer.socket.shutdown(asio::socket_base::shutdown_send);
  peer.read();
  runUntil([&] { return peer.ended; });
  EXPECT_EQ(peer.received.size(), 4 + 4 + large.size());
  runUntil([&] { return server.connectionCount() == 0; });
  EXPECT_TRUE(serverScript->close.wasClean) << serverScript->close.reason;
}

TEST_F(Loopback, AbortIsAReset) {
  serverScript->onMessage = [](RawSocketProtocol& protocol, std::string_view) { protocol.abort(); };
  server.listen();
  RawPeer peer(io, server.port());
  peer.read();
  peer.send(std::string("\x7F\xF1\0\0\0\0\0\1x", 9));
  runUntil([&] { return peer.ended; });
  EXPECT_TRUE(peer.wasReset);
  EXPECT_EQ(serverScript->close.reason, "aborted by this end");
}

TEST_F(Loopback, DrainEndsAllInOrder) {
  ServerOptions options;
  options.closeTimeout = 50ms;  // for the one that does not join in
  server.setProtocolOptions(options);
  listen();
  for (int i = 0; i < 3; ++i) client->connect();
  RawPeer stubborn(io, server.port());
  stubborn.send(std::string("\x7F\xF1\0\0", 4));
  runUntil([this] { return clientScript->opened == 3 && serverScript->opened == 4; });
  int drained = 0;
  server.drain(5s, [&] { ++drained; });
  server.drain(5s, [&] { ++drained; });
  runUntil([&] { return drained == 2; });
  EXPECT_EQ(server.connectionCount(), 0U);
  EXPECT_EQ(server.port(), 0) << "nobody listens any more";
  runUntil([&] { return clientScript->closed == 3; });
  EXPECT_TRUE(clientScript->close.wasClean);
}

TEST_F(Loopback, TheDrainHasADeadline) {
  ServerOptions options;
  options.closeTimeout = 1h;
  server.setProtocolOptions(options);
  server.listen();
  RawPeer stubborn(io, server.port());
  stubborn.send(std::string("\x7F\xF1\0\0", 4));
  runUntil([this] { return serverScript->opened == 1; });
  bool drained = false;
  server.drain(20ms, [&] { drained = true; });
  runUntil([&] { return drained; });
  EXPECT_EQ(serverScript->closed, 1);
  EXPECT_FALSE(serverScript->close.wasClean);
}

TEST_F(Loopback, ForEachReachesOpenConnections) {
  listen();
  for (int i = 0; i < 3; ++i) client->connect();
  RawPeer opening(io, server.port());
  runUntil([this] { return serverScript->opened == 3 && clientScript->opened == 3; });
  const auto news = std::make_shared<const std::string>("news");
  server.forEach([&](RawSocketServerProtocol& protocol) {
    EXPECT_EQ(&protocol.factory(), &server);
    protocol.sendMessage(news);
  });
  runUntil([this] { return clientScript->messages.size() == 3; });
}

TEST_F(Loopback, OtherThreadsGoThroughARef) {
  listen();
  ConnectionRef ref;
  EXPECT_FALSE(ref.post([](RawSocketProtocol&) {}));
  clientScript->onOpen = [&](RawSocketProtocol& protocol) { ref = protocol.ref(); };
  client->connect();
  runUntil([this] { return clientScript->opened == 1; });
  std::thread::id where;
  std::thread other([&] {
    ref.post([&where](RawSocketProtocol& protocol) {
      where = std::this_thread::get_id();
      protocol.sendMessage("posted");
    });
  });
  other.join();
  runUntil([this] { return clientScript->messages.size() == 1; });
  EXPECT_EQ(where, std::this_thread::get_id()) << "what is posted runs in the connection's own thread";
  client->close();
  runUntilClosed();
  bool called = false;
  EXPECT_TRUE(ref.post([&](RawSocketProtocol&) { called = true; }));
  io.poll();
  EXPECT_FALSE(called) << "a closed connection is not visited";
}

TEST_F(Loopback, AFactoryThatGoesEndsItsConnections) {
  auto other = std::make_unique<RawSocketServerFactory>(io, "rs://127.0.0.1:0");
  other->setProtocol<ScriptedServer>(serverScript);
  makeClient(other->listen().url);
  client->connect();
  runUntil([this] { return clientScript->opened == 1; });
  other.reset();
  EXPECT_EQ(serverScript->closed, 1);
  runUntil([this] { return clientScript->closed == 1; });
  EXPECT_FALSE(clientScript->close.wasClean);
  clientScript->closed = 0;
  client->connect();
  client.reset();
  EXPECT_EQ(clientScript->closed, 1);
}

TEST(RawSocketFactory, RunsOnALoopOfItsOwn) {
  const auto script = std::make_shared<Script>();
  RawSocketServerFactory server("rs://127.0.0.1:0");
  server.setProtocol<ScriptedServer>(script);
  const std::string url = server.listen().url;
  std::thread thread([&] {
    RawSocketClientFactory client(url);
    const auto clientScript = std::make_shared<Script>();
    clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.close(); };
    client.setProtocol<ScriptedClient>(clientScript);
    client.connect();
    EXPECT_EQ(client.run(), 0);
    EXPECT_TRUE(clientScript->close.wasClean);
    server.stop();
  });
  EXPECT_EQ(server.run(), 0);
  thread.join();
  EXPECT_EQ(script->opened, 1);
}

TEST(RawSocketFactory, MisuseIsNamed) {
  asio::io_context io;
  EXPECT_THROW(RawSocketServerFactory(io, "ws://h"), std::invalid_argument);
  EXPECT_THROW(RawSocketClientFactory(io, ""), std::invalid_argument);
  RawSocketServerFactory server(io);
  EXPECT_THROW(server.listen(), InvalidState);
  EXPECT_THROW(server.listen("rss://127.0.0.1:0"), InvalidState);
  EXPECT_THROW(server.run(), InvalidState);
  EXPECT_THROW(server.setProtocolOptions([] {
    ServerOptions options;
    options.autoPingSize = 0;
    return options;
  }()),
               std::invalid_argument);
  RawSocketClientFactory client(io, "rs://127.0.0.1:1");
  EXPECT_THROW(client.connect(), InvalidState);
  EXPECT_THROW(client.run(), InvalidState);
}

TEST_F(Loopback, OnePortForBoth) {
  // A caller that has read the first octets hands the connection over with them.
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  makeClient("rs://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
  asio::ip::tcp::socket socket(io);
  std::array<char, 16> first{};
  acceptor.async_accept(socket, [&](std::error_code) {
    socket.async_read_some(asio::buffer(first), [&](std::error_code, std::size_t size) {
      ASSERT_EQ(detectProtocol({first.data(), size}), WireProtocol::rawSocket);
      auto& loop = util::AsioLoop::of(io);
      server.serve(util::makeSocketStream(loop, socket.release()), {first.data(), size});
    });
  });
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("hello"); };
  clientScript->onMessage = [](RawSocketProtocol& protocol, std::string_view) { protocol.close(); };
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"hello"});
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket::testing
