// Clients known by their certificates.
#include <gtest/gtest.h>

#include <autobahn/wamp/router/static_authenticators.hpp>
#include <autobahn/wamp/router/tls_authenticator.hpp>
#include <stdexcept>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using testing::RouterScript;

const std::string kFingerprint = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::shared_ptr<TlsAuthenticator> certificates() {
  auto made = std::make_shared<TlsAuthenticator>();
  made->setFingerprint(kFingerprint, "joe", "admin");
  made->setCommonName("joe.example.com", "joe", "user");
  return made;
}

void hello(Client& client, std::optional<Text> authid = {}) {
  client.say(message::Hello{
      .realm = Text("realm1"),
      .details = {.roles = testing::allRoles(), .authmethods = {{"tls", "ticket"}}, .authid = authid}});
}

TEST(TlsAuthenticator, FingerprintsComeBeforeNames) {
  RouterScript router({.authenticators = {certificates()}});
  const struct {
    Dict certificate;
    std::optional<Text> authid;
    const char* role;  // nullptr: refused
  } cases[] = {
      {{{"sha256", kFingerprint}, {"common_name", "joe.example.com"}}, {}, "admin"},
      {{{"sha256", kFingerprint}, {"common_name", ""}}, "joe", "admin"},
      {{{"sha256", std::string(64, '0')}, {"common_name", "joe.example.com"}}, {}, "user"},
      {{{"sha256", std::string(64, '0')}, {"common_name", "joe.example.com"}}, "joe", "user"},
      {{{"sha256", std::string(64, '0')}, {"common_name", "joe.example.com"}}, "ann", nullptr},
      {{{"sha256", std::string(64, '0')}, {"common_name", "JOE.example.com"}}, {}, nullptr},
      {{{"sha256", std::string(64, '0')}, {"common_name", ""}}, {}, nullptr},
      {{}, {}, nullptr},
  };
  for (const auto& each : cases) {
    Client client(router);
    client.peer.more = {{"peer_cert", each.certificate}};
    hello(client, each.authid);
    if (each.role == nullptr) {
      EXPECT_EQ(client.expect<message::Abort>().reason, error::kAuthenticationFailed);
      continue;
    }
    const auto welcome = client.expect<message::Welcome>();
    EXPECT_EQ(welcome.details.authid, Text("joe"));
    EXPECT_EQ(welcome.details.authrole, Text(each.role));
    EXPECT_EQ(welcome.details.authmethod, Text("tls"));
  }
}

TEST(TlsAuthenticator, WithoutACertificateAnotherMethodIsTaken) {
  RouterScript router({.authenticators = {certificates(), std::make_shared<TicketAuthenticator>()}});
  Client client(router);
  hello(client, "joe");
  EXPECT_EQ(client.expect<message::Challenge>().method, "ticket");
}

TEST(TlsAuthenticator, TheTableIsChecked) {
  TlsAuthenticator table;
  std::string spaced;
  for (std::size_t i = 0; i < kFingerprint.size(); i += 2) spaced += ":" + kFingerprint.substr(i, 2);
  table.setFingerprint("ABCDEF" + kFingerprint.substr(6), "ann", "user");
  table.setFingerprint(spaced.substr(1), "joe", "user");
  EXPECT_TRUE(table.removeFingerprint(kFingerprint));
  EXPECT_FALSE(table.removeFingerprint(kFingerprint));
  EXPECT_TRUE(table.removeFingerprint("abcdef" + kFingerprint.substr(6)));
  for (const std::string& each :
       {std::string(), std::string("xyz"), kFingerprint + "00", std::string(64, 'g')}) {
    EXPECT_THROW(table.setFingerprint(each, "joe", "user"), std::invalid_argument);
  }
  EXPECT_THROW(table.setCommonName("", "joe", "user"), std::invalid_argument);
  table.setCommonName("joe", "joe", "user");
  EXPECT_TRUE(table.removeCommonName("joe"));
  EXPECT_FALSE(table.removeCommonName("joe"));
}

}  // namespace
}  // namespace autobahn::wamp::router
