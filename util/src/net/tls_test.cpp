#include <autobahn/util/net/tls.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <random>

#include "testing/tls_pair.hpp"

namespace autobahn::inline v0::util {
namespace {

using namespace std::chrono_literals;
using testing::authority;
using testing::clientOptions;
using testing::FakeLink;
using testing::Peer;
using testing::serverOptions;

class Tls : public testing::TlsPair {};

TEST_F(Tls, EchoesAndTellsWhatWasNegotiated) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works()) << client->detail << server->detail;
  const TransportDetails details = client->stream().details();
  EXPECT_TRUE(details.isSecure);
  EXPECT_EQ(details.peer, "tcp4:127.0.0.1:9000");
  ASSERT_TRUE(details.tls);
  EXPECT_EQ(details.tls->version, "TLSv1.3");
  EXPECT_TRUE(details.tls->cipher.starts_with("TLS_")) << details.tls->cipher;
  EXPECT_EQ(details.tls->alpn, "http/1.1");
  EXPECT_EQ(details.tls->serverName, "localhost");
  ASSERT_TRUE(details.tls->peerCertificate);
  const PeerCertificate& certificate = *details.tls->peerCertificate;
  EXPECT_EQ(certificate.commonName, "localhost");
  EXPECT_EQ(certificate.subject, "CN=localhost");
  EXPECT_EQ(certificate.issuer, "CN=autobahn test CA");
  EXPECT_EQ(certificate.subjectAltNames,
            (std::vector<std::string>{"DNS:localhost", "IP:127.0.0.1", "IP:::1"}));
  EXPECT_EQ(certificate.sha256Fingerprint.size(), 64U);
  EXPECT_EQ(certificate.pem, authority().server.certificate);
  EXPECT_EQ(server->stream().details().tls->serverName, "localhost");
  EXPECT_FALSE(server->stream().details().tls->peerCertificate);
}

TEST_F(Tls, AnyCuttingOfTheBytesCarriesAnyAmount) {
  const auto serverContext = TlsContext::server(serverOptions());
  const auto clientContext = TlsContext::client(clientOptions());
  for (const std::size_t size : {std::size_t{1}, std::size_t{16384}, std::size_t{700'000}}) {
    for (const FakeLink& link :
         {FakeLink{}, FakeLink{.capacity = 1000}, FakeLink{.delay = 1ms, .capacity = 5000, .pieceSize = 777},
          FakeLink{.capacity = 3000, .readSize = 100, .writeSize = 999}, FakeLink{.capacity = 10'000'000}}) {
      SCOPED_TRACE(std::to_string(size) + " capacity " + std::to_string(link.capacity));
      connect(serverContext, clientContext, "localhost", link, link);
      loop.advanceUntil([&] { return client->ready && server->ready; });
      ASSERT_TRUE(client->ready && server->ready);
      const std::string bytes = randomBytes(size);
      client->send(bytes);
      client->finish();
      loop.advanceUntil([&] { return client->eof; });
      EXPECT_TRUE(client->received == bytes);
      EXPECT_TRUE(client->eof && server->eof);
      EXPECT_EQ(client->detail, "");  // close_notify came
      EXPECT_EQ(client->stream().pendingWrite(), 0U);
    }
  }
}

TEST_F(Tls, ByteByByte) {
  const FakeLink link{.pieceSize = 1, .readSize = 1};
  connect(TlsContext::server(serverOptions()), TlsContext::client(clientOptions()), "localhost", link, link);
  EXPECT_TRUE(works()) << client->detail << server->detail;
}

TEST_F(Tls, PartsAreJoinedIntoRecords) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works());
  clientControl->recordsWrites = true;
  const std::string large = randomBytes(40'000);
  std::vector<std::string_view> parts(100, "head");
  parts.push_back(large);
  parts.push_back("");
  parts.push_back("tail");
  std::string all = server->received;
  for (const std::string_view part : parts) all += part;
  clientControl->link.capacity = 1 << 20;
  EXPECT_EQ(client->stream().write(parts).size, all.size() - 4);
  loop.settle();
  EXPECT_TRUE(server->received == all);
  // 40404 octets fit into three records of 16 KiB, of 22 octets more each.
  EXPECT_EQ(clientControl->written.size(), 40'404U + 3 * 22);
}

TEST_F(Tls, WhatIsNotTakenIsPendingAndNoMorePlaintextIsAccepted) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works());
  server->stream().watchRead(false);
  clientControl->link.capacity = 1000;
  const std::string bytes(5000, 'x');
  const std::string_view part = bytes;
  EXPECT_EQ(client->stream().write(std::span(&part, 1)).size, 5000U);
  EXPECT_GT(client->stream().pendingWrite(), 4000U);
  EXPECT_TRUE(client->stream().write(std::span(&part, 1)).wouldBlock());
  server->stream().watchRead(true);
  loop.settle();  // it leaves without anybody watching for writability
  EXPECT_EQ(client->stream().pendingWrite(), 0U);
  EXPECT_EQ(server->received.size(), 4 + 5000U);
}

TEST_F(Tls, PlaintextInsideIsAnnouncedAgain) {
  connect(TlsContext::server(serverOptions()), TlsContext::client(clientOptions()), "localhost",
          {.capacity = 1 << 20}, {}, false);
  ASSERT_TRUE(client->ready && server->ready);
  server->readSize = 10;
  server->readOnce = true;  // as a user that gives other connections their turn
  client->send(std::string(1000, 'x'));
  loop.settle();
  EXPECT_EQ(server->received.size(), 1000U);
  // And when reading was turned off in between.
  server->received.clear();
  server->afterRead = [&] {
    if (server->received.size() == 50) server->stream().watchRead(false);
  };
  client->send(std::string(1000, 'y'));
  loop.settle();
  EXPECT_EQ(server->received.size(), 50U);
  server->stream().watchRead(true);
  loop.settle();
  EXPECT_EQ(server->received.size(), 1000U);
}

TEST_F(Tls, MayBeDestroyedInItsCallbacks) {
  connect(TlsContext::server(serverOptions()), TlsContext::client(clientOptions()), "localhost", {}, {},
          false);
  ASSERT_TRUE(client->ready && server->ready);
  server->readSize = 10;
  server->afterRead = [&] { server->close(); };
  client->send(std::string(1000, 'x'));
  loop.settle();
  EXPECT_FALSE(server->alive());
  EXPECT_TRUE(client->eof);
}

TEST_F(Tls, ATruncatedConnectionCanBeToldFromAnEndedOne) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works());
  serverEnd->shutdownWrite();
  loop.settle();
  EXPECT_TRUE(client->eof);
  EXPECT_EQ(client->detail, "the connection ended without TLS' close_notify");
}

// RFC 8446 section 6.1: each party sends a close_notify before it ends its side.
TEST_F(Tls, ACloseNotifyIsAnsweredByWhoeverOnlyDestroysTheStream) {
  connect(TlsContext::server(serverOptions()), TlsContext::client(clientOptions()), "localhost", {}, {},
          false);
  ASSERT_TRUE(client->ready && server->ready);
  server->finish();
  loop.settle();
  ASSERT_TRUE(client->eof);
  client->close();
  loop.settle();
  EXPECT_TRUE(server->eof);
  EXPECT_EQ(server->detail, "");
}

TEST_F(Tls, AResetIsAnErrorOfTheStreamBelow) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works());
  clientEnd->reset();
  loop.settle();
  EXPECT_EQ(client->error, std::errc::connection_reset);
}

/// During the handshake and behind it: an error of the transport is told as such, a call that would block is
/// made again.
TEST_F(Tls, BreaksAtEveryWriteAndReadInTurnAreErrorsOfTheStreamBelow) {
  const auto serverSide = TlsContext::server(serverOptions());
  const auto clientSide = TlsContext::client(clientOptions());
  int broken = 0;
  for (const std::errc code : {std::errc::connection_reset, std::errc::broken_pipe,
                               std::errc::no_buffer_space, std::errc::operation_would_block}) {
    for (const testing::FakeFault& fault : testing::everyCall(12)) {
      SCOPED_TRACE(std::to_string(static_cast<int>(code)) + fault.text());
      beforeStart = [&](testing::FakeStream& end) { fault.plan(end, code); };
      connect(serverSide, clientSide);
      for (int i = 0; i < 3 && client->alive() && client->ready; ++i) {
        client->send("ping");
        loop.settle();
      }
      Peer& struck = fault.ofPeer ? *server : *client;
      if (struck.error) {
        EXPECT_EQ(struck.error, code);
        EXPECT_FALSE(struck.alive());
        ++broken;
      } else {
        EXPECT_EQ(client->received, "pingpingping");
      }
      if (code == std::errc::operation_would_block) {
        EXPECT_FALSE(struck.error);
      }
    }
  }
  EXPECT_GT(broken, 30);
}

TEST_F(Tls, ABrokenRecordIsAnErrorInWords) {
  connect(TlsContext::server(serverOptions()), TlsContext::client(clientOptions()), "localhost", {}, {},
          false);
  ASSERT_TRUE(client->ready && server->ready);
  const std::string_view garbage =
      std::string_view("\x17\x03\x03\x00\x20 thirty-two octets of no meaning..", 38);
  clientEnd->write(std::span(&garbage, 1));
  loop.settle();
  EXPECT_EQ(server->error, TlsErrc::protocolError);
  EXPECT_TRUE(server->detail.starts_with("TLS failed: ")) << server->detail;
}

// ---- over real sockets

TEST(TlsOverSockets, CarriesLargeDataBothWays) {
  asio::io_context io{1};
  AsioLoop& loop = AsioLoop::of(io);
  std::array<int, 2> ends;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  Peer client(makeTlsStream(makeSocketStream(loop, ends[0]), TlsContext::client(clientOptions()), loop, false,
                            "localhost"));
  Peer server(makeTlsStream(makeSocketStream(loop, ends[1]), TlsContext::server(serverOptions()), loop, true),
              true);
  client.start();
  server.start();
  std::mt19937 random(3);
  std::string bytes(3'000'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  client.readSize = server.readSize = 100'000;
  client.send(bytes);
  client.finish();
  ASSERT_TRUE(testing::runUntil(io, [&] { return client.eof; })) << client.detail << server.detail;
  EXPECT_TRUE(client.received == bytes);
  EXPECT_TRUE(loop.cipherBuffer().empty());
}

}  // namespace
}  // namespace autobahn::inline v0::util
