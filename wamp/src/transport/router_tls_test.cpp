// Clients that show a certificate, over TLS as it is.
#include <gtest/gtest.h>

#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router/tls_authenticator.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <memory>
#include <string>

#include "../testing/session_peers.hpp"
#include "util/src/net/testing/certificates.hpp"
#include "util/src/net/testing/echo.hpp"

namespace autobahn::wamp {
namespace {

const util::testing::TestAuthority& authority() {
  static const util::testing::TestAuthority made;
  return made;
}

class RouterTls : public ::testing::TestWithParam<const char*> {
 protected:
  RouterTls() {
    auto certificates = std::make_shared<TlsAuthenticator>();
    certificates->setCommonName("alice", "alice", "user");
    server_.router().addRealm({.name = "realm1", .authenticators = {certificates}});
    RouterListenOptions options;
    options.tls.emplace();
    options.tls->certificate = authority().server.certificate;
    options.tls->key = authority().server.key;
    options.tls->ca = authority().ca.certificate;
    options.tls->requestClientCertificate = true;
    url_ = server_.listen(GetParam(), options).url;
  }

  // What the router answers to HELLO.
  Message join(const util::testing::TestCertificate* certificate) {
    auto client = std::make_shared<testing::ScriptedRouter>();  // one end is like the other
    TransportConfig config(url_);
    config.tls.emplace().ca = authority().ca.certificate;
    if (certificate != nullptr) {
      config.tls->certificate = certificate->certificate;
      config.tls->key = certificate->key;
    }
    const auto connection = connectTransport(io_, config, client);
    EXPECT_TRUE(util::testing::runUntil(io_, [&] { return client->transport != nullptr; }));
    message::Hello hello = testing::makeHello();
    hello.details.authmethods = {{Text("tls")}};
    client->send(hello);
    EXPECT_TRUE(util::testing::runUntil(io_, [&] { return !client->received.empty(); }));
    return client->received.front();
  }

  asio::io_context io_{1};
  RouterServer server_{io_};
  std::string url_;
};
INSTANTIATE_TEST_SUITE_P(Transports, RouterTls, ::testing::Values("wss://127.0.0.1:0", "rss://127.0.0.1:0"));

TEST_P(RouterTls, TheCertificateSaysWhoItIs) {
  const Message answer = join(&authority().client);
  ASSERT_TRUE(std::holds_alternative<message::Welcome>(answer));
  EXPECT_EQ(std::get<message::Welcome>(answer).details.authid, Text("alice"));
  EXPECT_EQ(std::get<message::Welcome>(answer).details.authrole, Text("user"));
}

TEST_P(RouterTls, AnotherCertificateOrNoneDoesNotLetIn) {
  const util::testing::TestCertificate bob = authority().issue({.commonName = "bob"});
  const Message denied = join(&bob);
  ASSERT_TRUE(std::holds_alternative<message::Abort>(denied));
  EXPECT_EQ(std::get<message::Abort>(denied).reason, error::kAuthenticationFailed);
  const Message none = join(nullptr);
  ASSERT_TRUE(std::holds_alternative<message::Abort>(none));
  EXPECT_EQ(std::get<message::Abort>(none).reason, error::kNoMatchingAuthMethod);
}

}  // namespace
}  // namespace autobahn::wamp
