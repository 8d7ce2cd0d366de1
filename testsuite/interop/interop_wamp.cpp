// A router of ours for foreign WAMP clients, with a session of ours among them; or only that session, at a
// router that is there.
#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "wamp/desk.hpp"

namespace {

using namespace autobahn::wamp;

struct Settings {
  std::string certificate;
  std::string key;
  std::string serializer;
  std::string join;
};

/// Everybody may do everything, even end other sessions.
std::shared_ptr<Authorizer> everythingAllowed() {
  auto authorizer = std::make_shared<StaticAuthorizer>();
  RoleRule all;
  all.match = Match::prefix;
  all.allow = Actions::all();
  RoleRule meta = all;
  meta.uri = "wamp.";
  authorizer->setRole("anonymous", {all, meta});
  return authorizer;
}

/// Users of all methods. Parameters are small: it is not strength that is tested.
std::vector<std::shared_ptr<Authenticator>> users() {
  auto ticket = std::make_shared<TicketAuthenticator>();
  ticket->setUser("ticket-user", Secret::copyOf("ticket-secret"), "tester");
  const WampCraParameters plain{.isSalted = false};
  const WampCraParameters salted{.isSalted = true, .iterations = 1000};
  auto wampCra = std::make_shared<WampCraAuthenticator>(salted);
  wampCra->setUser("cra-user", makeWampCraCredential("cra-secret", plain), "tester");
  wampCra->setUser("cra-salted-user", makeWampCraCredential("cra-password", salted), "tester");
  const ScramParameters argon2{.kdf = ScramKdf::argon2idAutobahn, .iterations = 512, .memory = 64};
  auto scram = std::make_shared<ScramAuthenticator>(argon2);
  scram->setUser("scram-user", makeScramCredential("scram-password", argon2), "tester");
  auto cryptosign = std::make_shared<CryptosignAuthenticator>();
  const std::string seed(64, '7');  // known to the peers
  cryptosign->setUser("cryptosign-user", {CryptosignKey::fromHex(seed).publicKey()}, "tester");
  return {ticket, wampCra, scram, cryptosign};
}

/// Our session. `end` is called when it fails, and makes `hasFailed` true.
std::shared_ptr<interop::Desk> makeDesk(const std::vector<std::string>& urls, bool& hasFailed,
                                        std::function<void()> end) {
  return std::make_shared<interop::Desk>(
      [urls] {
        for (const std::string& url : urls) std::cout << "listening on " << url << '\n';
        std::cout << "ready" << std::endl;
      },
      [&hasFailed, end = std::move(end)](const std::string& problem) {
        std::cerr << "interop_wamp: our session: " << problem << std::endl;
        hasFailed = true;
        end();
      });
}

int join(const Settings& settings) {
  asio::io_context io;
  bool hasFailed = false;
  TransportConfig config(settings.join);
  if (!settings.serializer.empty()) config.serializers = SerializerSet({settings.serializer});
  const auto connection = connectTransport(io, config, makeDesk({}, hasFailed, [&io] { io.stop(); }));
  io.run();
  return hasFailed ? 1 : 0;
}

int serve(const Settings& settings) {
  RouterServer server;
  RealmOptions open;
  open.name = "realm1";
  open.authorizer = everythingAllowed();
  server.router().addRealm(std::move(open));
  RealmOptions secure;
  secure.name = "secure";
  secure.authenticators = users();
  server.router().addRealm(std::move(secure));

  std::vector<std::string> urls;
  for (const char* url : {"ws://127.0.0.1:0", "rs://127.0.0.1:0", "wss://127.0.0.1:0", "rss://127.0.0.1:0"}) {
    RouterListenOptions options;
    if (std::string_view(url).starts_with("ws")) options.longPollPath = "/lp";
    if (std::string_view(url).find("ss:") != std::string_view::npos) {
      if (settings.certificate.empty()) continue;
      options.tls.emplace();
      options.tls->certificateFile = settings.certificate;
      options.tls->keyFile = settings.key;
    }
    urls.push_back(server.listen(url, std::move(options)).url);
  }

  bool hasFailed = false;
  const auto desk = makeDesk(urls, hasFailed, [&server] { server.stop(); });
  std::unique_ptr<ClientConnection> connection;
  if (settings.serializer.empty()) {
    server.connectLocal(desk);
  } else {
    TransportConfig config(urls[0]);
    config.serializers = SerializerSet({settings.serializer});
    connection = connectTransport(server.context(), config, desk);
  }
  server.run();
  return hasFailed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("A router, and a session that offers and calls procedures");
  app.add_option("--tls-cert", settings.certificate, "also over TLS: certificate chain (PEM file)");
  app.add_option("--tls-key", settings.key, "its private key (PEM file)");
  app.add_option("--serializer", settings.serializer,
                 "our session connects over WebSocket with it; absent: within the process");
  app.add_option("--join", settings.join, "no router: our session connects to the one at this URL");
  CLI11_PARSE(app, argc, argv);
  try {
    return settings.join.empty() ? serve(settings) : join(settings);
  } catch (const std::exception& error) {
    std::cerr << "interop_wamp: " << error.what() << std::endl;
    return 1;
  }
}
