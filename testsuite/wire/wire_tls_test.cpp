// TLS of the harness: whom it trusts, how it ends, and what it sees of broken peers.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "report/testing.hpp"
#include "wire/testing.hpp"
#include "wire/tls.hpp"

namespace wstest {
namespace {

using namespace testing;

/// A stream, or why there is none.
struct Attempt {
  std::unique_ptr<Stream> stream{};
  std::string problem{};
};

template <class Start>
Attempt attempt(const Start& start) {
  try {
    return {start(), ""};
  } catch (const ConnectError& error) {
    return {nullptr, error.what()};
  }
}

Attempt startClient(std::unique_ptr<Stream> tcp, const std::string& host, const TlsClientSettings& settings,
                    Duration patience = kLong) {
  const StopSwitch stop;
  return attempt(
      [&] { return startTlsClient(std::move(tcp), host, settings, Clock::now() + patience, stop); });
}

struct Handshake {
  Attempt client;
  Attempt server;
};

const Identity& authority() {
  static const Identity kAuthority = makeIdentity({.commonName = "test authority", .isAuthority = true});
  return kAuthority;
}

IdentityRequest rightRequest() {
  return {.commonName = "test", .subjectAltName = "DNS:localhost,IP:127.0.0.1"};
}

std::shared_ptr<SSL_CTX> rightContext(TlsLevel atMost = TlsLevel::tls13) {
  return serverContext(makeIdentity(rightRequest(), &authority()), atMost);
}

/// Trusts the authority above and nobody else of ours.
const TlsClientSettings& trusting() {
  static const TemporaryFolder folder;
  static const TlsClientSettings kSettings = [] {
    std::ofstream(folder.file("ca.pem")) << authority().certificate;
    return TlsClientSettings{.caFile = folder.file("ca.pem")};
  }();
  return kSettings;
}

Handshake shake(const std::shared_ptr<SSL_CTX>& context, const std::string& host,
                const TlsClientSettings& settings) {
  Connection tcp = connection();
  const StopSwitch stop;
  auto accepted = std::async(std::launch::async, [&] {
    return attempt([&] { return startTlsServer(std::move(tcp.server), context, soon(), stop); });
  });
  Attempt connected = startClient(std::move(tcp.client), host, settings);
  return {std::move(connected), accepted.get()};
}

/// A connection that stands, both ends' streams.
Handshake standing(TlsLevel atMost = TlsLevel::tls13) {
  Handshake made = shake(rightContext(atMost), "127.0.0.1", trusting());
  if (!made.client.stream || !made.server.stream)
    throw std::runtime_error(made.client.problem + made.server.problem);
  return made;
}

TEST(WireTls, BytesGoBothWays) {
  for (const TlsLevel level : {TlsLevel::tls12, TlsLevel::tls13}) {
    const Handshake made = standing(level);
    ASSERT_TRUE(writeAll(*made.client.stream, "to the server"));
    EXPECT_EQ(readSome(*made.server.stream, 13), "to the server");
    ASSERT_TRUE(writeAll(*made.server.stream, "and back"));
    EXPECT_EQ(readSome(*made.client.stream, 8), "and back");
    EXPECT_TRUE(made.client.stream->isSecure());
    const auto facts = tlsFacts(*made.client.stream);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->version, level == TlsLevel::tls12 ? "TLSv1.2" : "TLSv1.3");
    EXPECT_FALSE(facts->cipher.empty());
  }
}

TEST(WireTls, LargeMessagesComeWhole) {
  const Handshake made = standing();
  const std::string message(3'000'000, 'x');
  std::jthread writer([&] { EXPECT_TRUE(writeAll(*made.client.stream, message)); });
  EXPECT_EQ(readSome(*made.server.stream, message.size()), message);
}

TEST(WireTls, OnlyTlsStreamsHaveFacts) { EXPECT_FALSE(tlsFacts(*connection().client)); }

TEST(WireTls, AsksForTheNameOnly) {
  struct Row {
    std::optional<std::string> name;
    std::optional<std::string> seen;
  };
  for (const auto& [name, seen] : {Row{"localhost", "localhost"}, Row{std::nullopt, std::nullopt},
                                   Row{"", std::nullopt}, Row{"127.0.0.1", std::nullopt}}) {
    TlsClientSettings settings = trusting();
    settings.serverName = name;
    const Handshake made = shake(rightContext(), "localhost", settings);
    ASSERT_TRUE(made.server.stream) << made.server.problem;
    EXPECT_EQ(tlsFacts(*made.server.stream)->requestedName, seen) << name.value_or("unsaid");
  }
}

TEST(WireTls, CertificatesAreJudged) {
  const Identity stranger = makeIdentity({.commonName = "stranger", .isAuthority = true});
  IdentityRequest expired = rightRequest();
  expired.validFromDays = -30;
  expired.validUntilDays = -1;
  IdentityRequest early = rightRequest();
  early.validFromDays = 2;
  struct Row {
    const char* name;
    Identity identity;
    const char* host;
    const char* problem;
  };
  const std::vector<Row> rows = {
      {"right", makeIdentity(rightRequest(), &authority()), "127.0.0.1", ""},
      {"right name", makeIdentity(rightRequest(), &authority()), "localhost", ""},
      {"another name", makeIdentity(rightRequest(), &authority()), "other.invalid", "hostname mismatch"},
      {"another address", makeIdentity(rightRequest(), &authority()), "127.0.0.2", "IP address mismatch"},
      {"unknown authority", makeIdentity(rightRequest(), &stranger), "127.0.0.1",
       "unable to get local issuer certificate"},
      {"signed by itself", makeIdentity(rightRequest()), "127.0.0.1", "self-signed certificate"},
      {"expired", makeIdentity(expired, &authority()), "127.0.0.1", "certificate has expired"},
      {"not yet valid", makeIdentity(early, &authority()), "127.0.0.1", "certificate is not yet valid"},
  };
  for (const Row& row : rows) {
    const Handshake made = shake(serverContext(row.identity), row.host, trusting());
    const bool isRight = std::string(row.problem).empty();
    EXPECT_EQ(made.client.stream != nullptr, isRight) << row.name;
    EXPECT_EQ(made.client.problem, isRight ? "" : std::string("TLS handshake: ") + row.problem) << row.name;
    TlsClientSettings insecure = trusting();
    insecure.isInsecure = true;
    EXPECT_TRUE(shake(serverContext(row.identity), row.host, insecure).client.stream)
        << row.name << ", insecure";
  }
}

TEST(WireTls, AServerHearsOfARefusedCertificate) {
  const Handshake made = shake(serverContext(makeIdentity(rightRequest())), "127.0.0.1", trusting());
  EXPECT_FALSE(made.server.stream);
  EXPECT_TRUE(made.server.problem.starts_with("TLS handshake: ")) << made.server.problem;
  EXPECT_NE(made.server.problem.find("unknown ca"), std::string::npos) << made.server.problem;
}

TEST(WireTls, VersionsThatDoNotMeetAreRefused) {
  TlsClientSettings settings = trusting();
  settings.atLeast = TlsLevel::tls13;
  const Handshake newer = shake(rightContext(TlsLevel::tls12), "127.0.0.1", settings);
  EXPECT_FALSE(newer.client.stream);
  EXPECT_NE(newer.client.problem.find("protocol version"), std::string::npos) << newer.client.problem;
  settings.atLeast = settings.atMost = TlsLevel::tls11;
  const Handshake older = shake(rightContext(), "127.0.0.1", settings);
  EXPECT_FALSE(older.client.stream);
  EXPECT_FALSE(older.server.stream);
  EXPECT_NE(older.server.problem.find("unsupported protocol"), std::string::npos) << older.server.problem;
}

TEST(WireTls, PeersThatDoNotShakeHandsAreNamed) {
  Connection plain = connection();
  ASSERT_TRUE(writeAll(*plain.server, "HTTP/1.1 400 Bad Request\r\n\r\n"));
  EXPECT_EQ(startClient(std::move(plain.client), "127.0.0.1", trusting()).problem,
            "TLS handshake: wrong version number");
  Connection ended = connection();
  ended.server->endWriting();
  EXPECT_EQ(startClient(std::move(ended.client), "127.0.0.1", trusting()).problem,
            "TLS handshake: the peer ended the connection");
  Connection silent = connection();
  EXPECT_EQ(startClient(std::move(silent.client), "127.0.0.1", trusting(), 10ms).problem,
            "TLS handshake: no answer in time");
}

TEST(WireTls, CloseNotifyIsAnEndAndItsLackIsTruncation) {
  for (const TlsLevel level : {TlsLevel::tls12, TlsLevel::tls13}) {
    for (const bool isAbrupt : {false, true}) {
      const Handshake made = standing(level);
      ASSERT_TRUE(writeAll(*made.client.stream, "last words"));
      made.client.stream->endWriting(isAbrupt);
      const Got got = readToEnd(*made.server.stream);
      EXPECT_EQ(got.bytes, "last words");
      EXPECT_EQ(got.ended, isAbrupt ? Io::truncated : Io::end);
      EXPECT_EQ(made.server.stream->problem(), isAbrupt ? "TCP ended without close_notify" : "");
    }
  }
}

TEST(WireTls, AnEndIsOfOneSideOnly) {
  const Handshake made = standing();
  made.client.stream->endWriting();
  EXPECT_EQ(readToEnd(*made.server.stream).ended, Io::end);
  ASSERT_TRUE(writeAll(*made.server.stream, "answer"));
  EXPECT_EQ(readSome(*made.client.stream, 6), "answer");
}

TEST(WireTls, AResetAndAForgedRecordBreakTheConnection) {
  const Handshake broken = standing();
  broken.client.stream->reset();
  EXPECT_EQ(readToEnd(*broken.server.stream).ended, Io::reset);
  const Handshake forged = standing();
  const std::string record("\x17\x03\x03\x00\x15 not what the key makes", 5 + 0x15);
  ASSERT_EQ(::write(forged.client.stream->fd(), record.data(), record.size()),
            static_cast<ssize_t>(record.size()));
  EXPECT_EQ(readToEnd(*forged.server.stream).ended, Io::reset);
  EXPECT_FALSE(forged.server.stream->problem().empty());
}

TEST(WireTls, HalfARecordIsWaitedForWithoutSpinning) {
  const Handshake made = standing();
  // A head that announces more than comes: the record stays incomplete.
  const std::string head("\x17\x03\x03\x01\x00half", 9);
  ASSERT_EQ(::write(made.client.stream->fd(), head.data(), head.size()), static_cast<ssize_t>(head.size()));
  const StopSwitch stop;
  std::array<char, 16> buffer{};
  while (made.server.stream->wait(false, Clock::now() + 20ms, stop) == Waited::ready) {
    ASSERT_EQ(made.server.stream->read(buffer).io, Io::later);
  }
}

/// Asks the peer for a renegotiation while the peer reads, as any application does.
Renegotiation askedOf(Stream& asking, Stream& peer) {
  const StopSwitch stop;
  std::jthread reading([&] { readToEnd(peer); });
  const Renegotiation answer = renegotiate(asking, soon(), stop);
  asking.endWriting();
  return answer;
}

TEST(WireTls, RenegotiationIsRefusedByDefault) {
  const Handshake made = standing(TlsLevel::tls12);
  EXPECT_EQ(askedOf(*made.client.stream, *made.server.stream), Renegotiation::refused);
}

TEST(WireTls, RenegotiationIsSeenWhereItIsDone) {
  const auto context = rightContext(TlsLevel::tls12);
  ::SSL_CTX_set_options(context.get(), SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
  const Handshake made = shake(context, "127.0.0.1", trusting());
  ASSERT_TRUE(made.client.stream && made.server.stream);
  EXPECT_EQ(askedOf(*made.client.stream, *made.server.stream), Renegotiation::done);
}

TEST(WireTls, RenegotiationIsNotOfTls13NorOfTcp) {
  const Handshake made = standing(TlsLevel::tls13);
  const StopSwitch stop;
  EXPECT_EQ(renegotiate(*made.client.stream, soon(), stop), Renegotiation::notPossible);
  EXPECT_EQ(renegotiate(*connection().client, soon(), stop), Renegotiation::notPossible);
}

TEST(WireTls, WrongFilesAreNamed) {
  const auto errorOf = [](const Identity& identity) {
    try {
      serverContext(identity);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const Identity one = makeIdentity({});
  const Identity other = makeIdentity({});
  EXPECT_TRUE(errorOf({"nonsense", one.key}).starts_with("the certificate is not PEM: "));
  EXPECT_TRUE(errorOf({one.certificate, "nonsense"}).starts_with("the key is not PEM: "));
  EXPECT_TRUE(errorOf({one.certificate, other.key}).starts_with("certificate and key do not fit: "));
  EXPECT_EQ(errorOf({one.certificate + authority().certificate, one.key}), "");
  const StopSwitch stop;
  try {
    startTlsClient(connection().client, "127.0.0.1", {.caFile = "/no/such/file"}, soon(), stop);
    ADD_FAILURE() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("cannot read certificates from /no/such/file: "));
  }
}

}  // namespace
}  // namespace wstest
