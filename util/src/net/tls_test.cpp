#include <autobahn/util/net/tls.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "testing/certificates.hpp"
#include "testing/echo.hpp"
#include "testing/fake_loop.hpp"
#include "testing/fake_stream.hpp"

namespace autobahn::inline v0::util {
namespace {

using namespace std::chrono_literals;
using testing::FakeLink;
using testing::FakeLoop;
using testing::FakeStream;
using testing::makeFakePair;
using testing::Peer;
using testing::TestAuthority;
using testing::TestCertificate;

const TestAuthority& authority() {
  static const TestAuthority made;
  return made;
}

TlsOptions serverOptions() {
  TlsOptions options;
  options.certificate = authority().server.certificate;
  options.key = authority().server.key;
  return options;
}

TlsOptions clientOptions() {
  TlsOptions options;
  options.ca = authority().ca.certificate;
  return options;
}

/// Both ends of a TLS connection over fake streams.
class Tls : public ::testing::Test {
 protected:
  void connect(std::shared_ptr<TlsContext> serverContext, std::shared_ptr<TlsContext> clientContext,
               const std::string& name = "localhost", FakeLink there = {}, FakeLink back = {},
               bool echoes = true) {
    client.reset();
    server.reset();
    auto [one, other] = makeFakePair(loop, there, back);
    clientEnd = one.get();
    serverEnd = other.get();
    clientControl = one->control;
    serverControl = other->control;
    client =
        std::make_unique<Peer>(makeTlsStream(std::move(one), std::move(clientContext), loop, false, name));
    server =
        std::make_unique<Peer>(makeTlsStream(std::move(other), std::move(serverContext), loop, true), echoes);
    server->start();
    client->start();
    loop.settle();
  }
  void connect(const TlsOptions& serverSide, const TlsOptions& clientSide,
               const std::string& name = "localhost") {
    connect(TlsContext::server(serverSide), TlsContext::client(clientSide), name);
  }
  bool works() {
    if (!client->ready || !server->ready) return false;
    client->send("ping");
    loop.settle();
    return client->received.ends_with("ping");
  }
  static std::string randomBytes(std::size_t size) {
    std::mt19937 random(1);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }

  FakeLoop loop;
  std::shared_ptr<FakeStream::Control> clientControl, serverControl;
  FakeStream* clientEnd = nullptr;
  FakeStream* serverEnd = nullptr;
  std::unique_ptr<Peer> client;
  std::unique_ptr<Peer> server;
};

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

// ---- verification

TEST_F(Tls, RejectsTheCertificateOfAnotherName) {
  connect(serverOptions(), clientOptions(), "example.com");
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_EQ(client->detail, "certificate verify failed: hostname mismatch: it is not for example.com");
  EXPECT_FALSE(server->ready);
  EXPECT_TRUE(server->error);  // it was told by an alert
}

TEST_F(Tls, VerifiesAddresses) {
  for (const std::string name : {"127.0.0.1", "::1"}) {
    connect(serverOptions(), clientOptions(), name);
    EXPECT_TRUE(works()) << name << ": " << client->detail;
    EXPECT_EQ(server->stream().details().tls->serverName, "");  // no SNI for addresses
  }
  connect(serverOptions(), clientOptions(), "127.0.0.2");
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_NE(client->detail.find("IP address mismatch"), std::string::npos) << client->detail;
}

TEST_F(Tls, NothingToVerifyAgainstIsNoLicence) {
  connect(serverOptions(), clientOptions(), "");
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_NE(client->detail.find("no host name"), std::string::npos);
  TlsOptions lax = clientOptions();
  lax.verifyHostname = false;
  connect(serverOptions(), lax, "");
  EXPECT_TRUE(works());
  connect(serverOptions(), clientOptions(), "localhost.");  // the dot is DNS' alone
  EXPECT_TRUE(works()) << client->detail;
}

TEST_F(Tls, RejectsUnknownAuthoritiesAndExpiredCertificates) {
  TlsOptions stranger = clientOptions();
  stranger.ca = testing::makeCertificate({.commonName = "another CA", .isAuthority = true}).certificate;
  connect(serverOptions(), stranger);
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_NE(client->detail.find("unable to get local issuer certificate"), std::string::npos)
      << client->detail;
  stranger.verifyPeer = false;
  connect(serverOptions(), stranger);
  EXPECT_TRUE(works());

  connect(serverOptions(), TlsOptions{});  // the system's store does not know it either
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);

  TlsOptions old = serverOptions();
  const TestCertificate expired = authority().issue({.notBefore = -7200, .notAfter = -3600});
  old.certificate = expired.certificate;
  old.key = expired.key;
  connect(old, clientOptions());
  EXPECT_EQ(client->detail, "certificate verify failed: certificate has expired");
}

TEST_F(Tls, MutualAuthentication) {
  for (const TlsVersion version : {TlsVersion::tls12, TlsVersion::tls13}) {
    TlsOptions strict = serverOptions();
    strict.ca = authority().ca.certificate;
    strict.requireClientCertificate = true;
    TlsOptions alice = clientOptions();
    alice.maxVersion = strict.maxVersion = version;
    alice.certificate = authority().client.certificate;
    alice.key = authority().client.key;
    connect(strict, alice);
    ASSERT_TRUE(works()) << server->detail;
    const TransportDetails details = server->stream().details();
    ASSERT_TRUE(details.tls && details.tls->peerCertificate);
    EXPECT_EQ(details.tls->peerCertificate->commonName, "alice");
    EXPECT_EQ(details.tls->peerCertificate->subjectAltNames,
              (std::vector<std::string>{"email:alice@example.com"}));

    connect(strict, clientOptions());
    EXPECT_FALSE(server->ready);
    EXPECT_EQ(server->error, TlsErrc::handshakeFailed);
    EXPECT_NE(server->detail.find("peer did not return a certificate"), std::string::npos) << server->detail;
    const char* const alert =
        version == TlsVersion::tls13 ? "alert certificate required" : "alert handshake failure";
    EXPECT_NE(client->detail.find(alert), std::string::npos) << client->detail;

    const TestCertificate selfMade = testing::makeCertificate({.commonName = "mallory", .altNames = {}});
    TlsOptions mallory = alice;
    mallory.certificate = selfMade.certificate;
    mallory.key = selfMade.key;
    connect(strict, mallory);
    EXPECT_EQ(server->error, TlsErrc::certificateRejected);

    strict.requireClientCertificate = false;
    strict.requestClientCertificate = true;
    connect(strict, clientOptions());
    EXPECT_TRUE(works());
    connect(strict, mallory);
    EXPECT_EQ(server->error, TlsErrc::certificateRejected);
  }
}

TEST_F(Tls, ChoosesTheCertificateByName) {
  TlsOptions options = serverOptions();
  const auto add = [&](std::vector<std::string> hostnames, const std::string& altNames) {
    const TestCertificate made = authority().issue({.commonName = altNames, .altNames = altNames});
    options.identities.push_back(
        {.hostnames = std::move(hostnames), .certificate = made.certificate, .key = made.key});
  };
  add({"*.example.com"}, "DNS:*.example.com");
  add({"www.example.com", "example.org"}, "DNS:www.example.com,DNS:example.org");
  const auto serverContext = TlsContext::server(options);
  const auto clientContext = TlsContext::client(clientOptions());
  const std::vector<std::pair<std::string, std::string>> table = {
      {"localhost", "localhost"},
      {"a.example.com", "DNS:*.example.com"},
      {"WWW.Example.com", "DNS:www.example.com,DNS:example.org"},
      {"example.org", "DNS:www.example.com,DNS:example.org"},
  };
  for (const auto& [name, commonName] : table) {
    connect(serverContext, clientContext, name);
    ASSERT_TRUE(works()) << name << ": " << client->detail;
    EXPECT_EQ(client->stream().details().tls->peerCertificate->commonName, commonName);
    EXPECT_EQ(client->stream().details().tls->alpn, "http/1.1");
  }
  for (const std::string name : {"a.b.example.com", "example.com"}) {
    connect(serverContext, clientContext, name);
    EXPECT_EQ(client->error, TlsErrc::certificateRejected) << name;  // got the first one
  }
}

TEST_F(Tls, Alpn) {
  TlsOptions modern = clientOptions();
  modern.alpn = {"h2", "http/1.1"};
  connect(serverOptions(), modern);
  ASSERT_TRUE(works());
  EXPECT_EQ(client->stream().details().tls->alpn, "http/1.1");
  EXPECT_EQ(server->stream().details().tls->alpn, "http/1.1");
  modern.alpn = {"h2"};
  connect(serverOptions(), modern);
  EXPECT_EQ(client->error, TlsErrc::handshakeFailed);
  EXPECT_NE(client->detail.find("no application protocol"), std::string::npos) << client->detail;
  modern.alpn = {};
  connect(serverOptions(), modern);
  EXPECT_TRUE(works());
  EXPECT_EQ(server->stream().details().tls->alpn, "");
  modern.alpn = {""};
  EXPECT_THROW(TlsContext::client(modern), TlsConfigError);
}

TEST_F(Tls, VersionsAndCiphers) {
  TlsOptions old = clientOptions();
  old.cipherSuites = "TLS_CHACHA20_POLY1305_SHA256";
  connect(serverOptions(), old);
  ASSERT_TRUE(works());
  EXPECT_EQ(client->stream().details().tls->cipher, "TLS_CHACHA20_POLY1305_SHA256");
  old.cipherSuites = "nonsense";
  EXPECT_THROW(TlsContext::client(old), TlsConfigError);
  TlsOptions list = serverOptions();
  list.ciphers = "nonsense";
  EXPECT_THROW(TlsContext::server(list), TlsConfigError);
}

TEST_F(Tls, ChannelIdsAreTheSameAtBothEnds) {
  connect(serverOptions(), clientOptions());
  ASSERT_TRUE(works());
  const std::string id = client->stream().channelId("tls-exporter");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, server->stream().channelId("tls-exporter"));
  EXPECT_EQ(client->stream().channelId("tls-unique"), "");  // TLS 1.3 has none
  EXPECT_EQ(client->stream().channelId("whatever"), "");
  connect(serverOptions(), clientOptions());
  EXPECT_NE(client->stream().channelId("tls-exporter"), id);
}

TEST_F(Tls, ChannelIdsOfTls12) {
  TlsOptions old = clientOptions();
  old.maxVersion = TlsVersion::tls12;
  connect(serverOptions(), old);
  ASSERT_TRUE(works());
  EXPECT_EQ(client->stream().details().tls->version, "TLSv1.2");
  for (const std::string type : {"tls-unique", "tls-unique-raw", "tls-exporter"}) {
    EXPECT_FALSE(client->stream().channelId(type).empty()) << type;
    EXPECT_EQ(client->stream().channelId(type), server->stream().channelId(type)) << type;
  }
  EXPECT_EQ(client->stream().channelId("tls-unique"), sha256(client->stream().channelId("tls-unique-raw")));
  TlsOptions modern = serverOptions();
  modern.minVersion = TlsVersion::tls13;
  connect(modern, old);
  EXPECT_EQ(client->error, TlsErrc::handshakeFailed);
  old.minVersion = TlsVersion::tls13;
  EXPECT_THROW(TlsContext::client(old), TlsConfigError);
}

TEST_F(Tls, SomethingElseThanTlsIsToldInWords) {
  auto [one, other] = makeFakePair(loop);
  Peer plain(std::move(one));
  Peer secure(makeTlsStream(std::move(other), TlsContext::server(serverOptions()), loop, true));
  plain.start();
  secure.start();
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  loop.settle();
  EXPECT_EQ(secure.error, TlsErrc::handshakeFailed);
  EXPECT_EQ(secure.detail, "TLS handshake failed: http request");
}

TEST_F(Tls, AnEndDuringTheHandshakeIsToldInWords) {
  auto [one, other] = makeFakePair(loop);
  Peer secure(makeTlsStream(std::move(other), TlsContext::server(serverOptions()), loop, true));
  secure.start();
  one.reset();
  loop.settle();
  EXPECT_EQ(secure.error, std::errc::connection_aborted);
  EXPECT_EQ(secure.detail, "the peer closed the connection during the TLS handshake");
}

// ---- configuration

class TlsFiles : public Tls {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "autobahn-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = (directory / name).string();
    std::ofstream(path) << content;
    return path;
  }
  static std::string messageOf(const TlsOptions& options) {
    try {
      TlsContext::server(options);
      return "no error";
    } catch (const TlsConfigError& error) {
      return error.what();
    }
  }
  std::filesystem::path directory;
};

TEST_F(TlsFiles, FilesAndReload) {
  TlsOptions options;
  options.certificateFile = file("cert.pem", authority().server.certificate + authority().ca.certificate);
  options.keyFile = file("key.pem", authority().server.key);
  TlsOptions trusting;
  trusting.caFile = file("ca.pem", authority().ca.certificate);
  const auto serverContext = TlsContext::server(options);
  const auto clientContext = TlsContext::client(trusting);
  connect(serverContext, clientContext);
  ASSERT_TRUE(works());
  const std::string before = client->stream().details().tls->peerCertificate->sha256Fingerprint;

  file("cert.pem", "no certificate");
  EXPECT_THROW(serverContext->reload(), TlsConfigError);
  EXPECT_TRUE(works());                   // the connection there is
  connect(serverContext, clientContext);  // and a new one with the old certificate
  ASSERT_TRUE(works());
  EXPECT_EQ(client->stream().details().tls->peerCertificate->sha256Fingerprint, before);

  const TestCertificate renewed = authority().issue({});
  file("cert.pem", renewed.certificate);
  file("key.pem", renewed.key);
  serverContext->reload();
  EXPECT_TRUE(works());
  connect(serverContext, clientContext);
  ASSERT_TRUE(works());
  EXPECT_NE(client->stream().details().tls->peerCertificate->sha256Fingerprint, before);
  EXPECT_TRUE(serverContext->isServer());
}

TEST_F(TlsFiles, ErrorsNameTheFile) {
  TlsOptions options = serverOptions();
  options.certificateFile = (directory / "none.pem").string();
  EXPECT_EQ(messageOf(options),
            "TLS: cannot read certificate file " + options.certificateFile + ": No such file or directory");
  options.certificateFile = file("bad.pem", "nonsense");
  EXPECT_TRUE(messageOf(options).starts_with("TLS: cannot use certificate file " + options.certificateFile));
  options = serverOptions();
  options.keyFile = file("other.pem", authority().client.key);
  EXPECT_TRUE(messageOf(options).starts_with("TLS: key file " + options.keyFile + " does not belong to the"));
  options = serverOptions();
  options.caFile = file("empty.pem", "");
  EXPECT_EQ(messageOf(options), "TLS: cannot use CA certificate file " + options.caFile + ": no start line");
  options = serverOptions();
  options.requireClientCertificate = true;
  EXPECT_EQ(messageOf(options), "TLS: client certificates cannot be verified without caFile, ca or caPath");
  EXPECT_EQ(messageOf({}), "TLS: a server needs a certificate: set certificateFile and keyFile");
}

TEST_F(TlsFiles, KeysUnderAPassword) {
  TlsOptions options = serverOptions();
  options.key = testing::encryptKey(authority().server.key, "secret");
  EXPECT_NE(messageOf(options).find("wrong password"),
            std::string::npos);  // and does not ask on the terminal
  options.keyPassword = "guess";
  EXPECT_NE(messageOf(options).find("wrong password"), std::string::npos);
  options.keyPassword = "secret";
  connect(options, clientOptions());
  EXPECT_TRUE(works());
}

TEST_F(TlsFiles, KeyAndCertificateInOneFile) {
  TlsOptions options;
  options.certificateFile = file("both.pem", authority().server.key + authority().server.certificate);
  connect(options, clientOptions());
  EXPECT_TRUE(works());
}

TEST_F(TlsFiles, KeyLog) {
  TlsOptions options = serverOptions();
  options.keyLogFile = (directory / "keys.log").string();
  const TestCertificate other = authority().issue({.altNames = "DNS:example.com"});
  options.identities.push_back(
      {.hostnames = {"example.com"}, .certificate = other.certificate, .key = other.key});
  connect(options, clientOptions(), "example.com");
  ASSERT_TRUE(works());
  std::ifstream stream(options.keyLogFile);
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_NE(text.str().find("CLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
  const auto permissions = std::filesystem::status(options.keyLogFile).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ::setenv("SSLKEYLOGFILE", (directory / "none" / "keys.log").c_str(), 1);
  EXPECT_THROW(TlsContext::client(clientOptions()), TlsConfigError);
  ::unsetenv("SSLKEYLOGFILE");
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
