// Who is let in: certificates, names, versions, and what both ends agree on.
#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/net/tls.hpp>

#include "testing/tls_pair.hpp"

namespace autobahn::inline v0::util {
namespace {

using testing::authority;
using testing::clientOptions;
using testing::makeFakePair;
using testing::Peer;
using testing::serverOptions;
using testing::TestCertificate;

class TlsVerification : public testing::TlsPair {};

TEST_F(TlsVerification, RejectsTheCertificateOfAnotherName) {
  connect(serverOptions(), clientOptions(), "example.com");
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_EQ(client->detail, "certificate verify failed: hostname mismatch: it is not for example.com");
  EXPECT_FALSE(server->ready);
  EXPECT_TRUE(server->error);  // it was told by an alert
}

TEST_F(TlsVerification, VerifiesAddresses) {
  for (const std::string name : {"127.0.0.1", "::1"}) {
    connect(serverOptions(), clientOptions(), name);
    EXPECT_TRUE(works()) << name << ": " << client->detail;
    EXPECT_EQ(server->stream().details().tls->serverName, "");  // no SNI for addresses
  }
  connect(serverOptions(), clientOptions(), "127.0.0.2");
  EXPECT_EQ(client->error, TlsErrc::certificateRejected);
  EXPECT_NE(client->detail.find("IP address mismatch"), std::string::npos) << client->detail;
}

TEST_F(TlsVerification, NothingToVerifyAgainstIsNoLicence) {
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

TEST_F(TlsVerification, RejectsUnknownAuthoritiesAndExpiredCertificates) {
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

TEST_F(TlsVerification, MutualAuthentication) {
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

TEST_F(TlsVerification, ChoosesTheCertificateByName) {
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

TEST_F(TlsVerification, Alpn) {
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

TEST_F(TlsVerification, VersionsAndCiphers) {
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

TEST_F(TlsVerification, ChannelIdsAreTheSameAtBothEnds) {
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

TEST_F(TlsVerification, ChannelIdsOfTls12) {
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

TEST_F(TlsVerification, SomethingElseThanTlsIsToldInWords) {
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

TEST_F(TlsVerification, AnEndDuringTheHandshakeIsToldInWords) {
  auto [one, other] = makeFakePair(loop);
  Peer secure(makeTlsStream(std::move(other), TlsContext::server(serverOptions()), loop, true));
  secure.start();
  one.reset();
  loop.settle();
  EXPECT_EQ(secure.error, std::errc::connection_aborted);
  EXPECT_EQ(secure.detail, "the peer closed the connection during the TLS handshake");
}

}  // namespace
}  // namespace autobahn::inline v0::util
