// A router for the WAMP examples: realm1 is open to everybody; realm `auth` has users and permissions; realm
// `certified` is for TLS clients with a certificate.
#include <asio/post.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/static_files.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/program.hpp"

using namespace autobahn;
using namespace autobahn::wamp;

namespace {

/// Somebody who may join realm `auth`. These secrets are published: they are for trying things out only.
struct User {
  const char* authid;
  const char* authrole;
  const char* secret;
  const char* publicKey;  ///< of the Ed25519 key whose seed the cryptosign example has
};
constexpr User kUsers[] = {
    {"backend", "backend", "secret-of-backend",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
    {"joe", "frontend", "secret-of-joe", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
};
/// WAMP-CRA with a salted password.
constexpr User kPeter{"peter", "frontend", "secret-of-peter", ""};

/// The ways to prove who one is. A router has as many of them as it needs.
std::vector<std::shared_ptr<Authenticator>> makeAuthenticators() {
  const auto tickets = std::make_shared<TicketAuthenticator>();
  const auto wampCra = std::make_shared<WampCraAuthenticator>();
  const auto scram = std::make_shared<ScramAuthenticator>();
  const auto cryptosign = std::make_shared<CryptosignAuthenticator>();
  for (const User& each : kUsers) {
    tickets->setUser(each.authid, Secret::copyOf(each.secret), each.authrole);
    wampCra->setUser(each.authid, makeWampCraCredential(each.secret, {.isSalted = false}), each.authrole);
    scram->setUser(each.authid, makeScramCredential(each.secret), each.authrole);
    cryptosign->setUser(each.authid, {each.publicKey}, each.authrole);
  }
  wampCra->setUser(kPeter.authid, makeWampCraCredential(kPeter.secret), kPeter.authrole);
  return {cryptosign, scram, wampCra, tickets};
}

/// An authmethod of our own, "tls": clients that have shown a certificate (`--client-ca` says whose) are who
/// it says they are.
class CertificateAuthenticator final : public Authenticator {
 public:
  bool handles(std::string_view method) const override { return method == "tls"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    return std::make_unique<Check>(std::move(request.peer.more));
  }

 private:
  class Check final : public Authentication {
   public:
    explicit Check(Dict peer) : peer_(std::move(peer)) {}
    void start(Answer answer) override {
      const auto certificate = peer_.find("peer_cert");
      if (certificate == peer_.end()) {
        answer(AuthDeny{.message = "no certificate"});
      } else {
        const auto& name = certificate->second.get("common_name").asString();
        answer(AuthAccept{.authid = name, .authrole = "certified", .authprovider = "static"});
      }
    }
    void authenticate(const message::Authenticate& /*proof*/, Answer /*answer*/) override {}

   private:
    Dict peer_;
  };
};

/// Backends may do everything below com.example; frontends may call and listen there, but neither offer
/// anything nor touch com.example.admin.
std::shared_ptr<Authorizer> makeAuthorizer() {
  const auto authorizer = std::make_shared<StaticAuthorizer>();
  authorizer->setRole("backend", {{.uri = "com.example.", .match = Match::prefix, .allow = Actions::all()}});
  authorizer->setRole("frontend", {{.uri = "com.example.",
                                    .match = Match::prefix,
                                    .allow = {Action::call, Action::subscribe, Action::publish}},
                                   {.uri = "com.example.admin.", .match = Match::prefix}});
  return authorizer;
}

/// Serves the pages of the examples, for browsers, on a port of its own.
class Pages {
 public:
  Pages(asio::io_context& io, const std::vector<std::string>& directories, std::uint16_t port)
      : factory_(io, "ws://127.0.0.1:" + std::to_string(port)) {
    auto folders = std::make_shared<std::vector<websocket::StaticFiles>>();
    for (const std::string& each : directories) folders->emplace_back(each);
    factory_.setHttpHandler([folders](const websocket::http::Request& request,
                                      const websocket::TransportDetails&) -> websocket::HttpDecision {
      for (const auto& each : *folders) {
        if (auto found = each.respond(request)) return std::move(*found);
      }
      throw websocket::ConnectionDeny(websocket::ConnectionDeny::kNotFound, "no such page");
    });
    factory_.listen();
  }
  std::uint16_t port() const { return factory_.port(); }

 private:
  websocket::WebSocketServerFactory factory_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A WAMP router for the examples.", "wamp_router"};
  std::vector<std::string> urls;
  app.add_option("--url", urls,
                 "where to listen: ws, wss, ws+unix, rs, rss or rs+unix; several times for several (default: "
                 "ws://127.0.0.1:8080/ws and rs://127.0.0.1:8081)");
  util::TlsOptions tls;
  app.add_option("--tls-cert", tls.certificateFile, "certificate for wss and rss (PEM)")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  app.add_option("--tls-key", tls.keyFile, "private key of the certificate (PEM)")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  app.add_option("--client-ca", tls.caFile, "ask clients for certificates, made by these authorities (PEM)")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  std::vector<std::string> directories;
  app.add_option("--directory", directories, "serve the files in this folder; several times for several")
      ->check(CLI::ExistingDirectory);
  std::uint16_t httpPort = 8082;
  app.add_option("--http-port", httpPort, "where, with --directory (default: 8082)");
  return examples::run(app, argc, argv, [&] {
    if (urls.empty()) urls = {"ws://127.0.0.1:8080/ws", "rs://127.0.0.1:8081"};
    RouterServer server;
    server.router().addRealm({.name = "realm1"});
    server.router().addRealm(
        {.name = "auth", .authenticators = makeAuthenticators(), .authorizer = makeAuthorizer()});
    server.router().addRealm(
        {.name = "certified", .authenticators = {std::make_shared<CertificateAuthenticator>()}});
    std::string where;
    for (const std::string& url : urls) {
      RouterListenOptions options;
      if (url.starts_with("wss") || url.starts_with("rss")) {
        options.tls = tls;
        options.tls->requestClientCertificate = !tls.caFile.empty();
      }
      where += "listening on " + server.listen(url, std::move(options)).url + '\n';
    }
    std::optional<Pages> pages;
    if (!directories.empty()) pages.emplace(server.context(), directories, httpPort);
    if (pages) where += "pages at http://127.0.0.1:" + std::to_string(pages->port()) + "/\n";
    // Said when it runs: who reads it may send the signal that ends it.
    asio::post(server.context(), [&where] { std::cout << where; });
    server.run();
    return 0;
  });
}
