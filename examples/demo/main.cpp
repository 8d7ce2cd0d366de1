// `make demo`: echo servers for ws and wss on free ports of this machine, our client on them, with and
// without compression; then a WAMP router with two components; and a transcript of what happened.
#include <autobahn/websocket/server.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "certificate.hpp"
#include "common/compression.hpp"
#include "common/program.hpp"
#include "trial.hpp"
#include "wamp_demo.hpp"

namespace {

using namespace autobahn::websocket;
namespace util = autobahn::util;

constexpr const char* kSubprotocol = "demo.echo";

class Echo final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

/// An echo server on a thread of its own.
class Server {
 public:
  explicit Server(const std::optional<util::TlsOptions>& tls)
      : factory_(tls ? "wss://127.0.0.1:0" : "ws://127.0.0.1:0", {kSubprotocol}) {
    ServerOptions options;
    options.perMessageCompressionAccept = acceptPerMessageDeflate();
    factory_.setProtocolOptions(options);
    factory_.setProtocol<Echo>();
    ListenOptions listening;
    listening.tls = tls;
    factory_.listen(listening);
    url_ = (tls ? "wss://localhost:" : "ws://localhost:") + std::to_string(factory_.port());
    thread_ = std::thread([this] { factory_.run(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    factory_.stop();
    join();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  const std::string& url() const { return url_; }

 private:
  WebSocketServerFactory factory_;
  std::string url_;
  std::thread thread_;
};

void tryOut(const std::string& url, bool compresses, const util::TlsOptions& trust,
            const std::vector<demo::Sample>& samples) {
  std::cout << '\n' << url << (compresses ? ", permessage-deflate offered\n" : ", no compression offered\n");
  WebSocketClientFactory factory(url, {}, {kSubprotocol});
  ClientOptions options;
  if (compresses) options.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
  factory.setProtocolOptions(options);
  examples::Outcome outcome;
  factory.setProtocol<demo::Trial>(&samples, compresses, &outcome);
  ConnectOptions connect;
  if (factory.isSecure()) connect.tls = trust;
  connect.timeout = 10s;
  factory.connect(connect);
  factory.run();
  outcome.exitCode();  // throws unless all went well
}

void keep(Server& plain, Server& secure, const std::string& programs) {
  std::cout << "\nThe servers stay up until Ctrl-C. From another terminal:\n  " << programs << "/ws "
            << plain.url() << "\n  " << programs << "/ws --insecure " << secure.url() << '\n';
  plain.join();
  secure.join();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows the library at work: echo over ws and wss, with and without compression, and WAMP.",
               "demo"};
  bool staysUp = false;
  app.add_flag("--keep", staysUp, "leave the servers running afterwards, until Ctrl-C");
  return examples::run(app, argc, argv, [&] {
    const std::string programs = std::filesystem::path(argv[0]).parent_path().string();
    const demo::Certificate made = demo::makeCertificate();
    util::TlsOptions serving;
    serving.certificate = made.certificate;
    serving.key = made.key;
    util::TlsOptions trust;
    trust.ca = made.certificate;  // the client verifies the certificate and the name, as always
    std::cout << "Echo servers on this machine, with a certificate made a moment ago.\n";
    Server plain(std::nullopt);
    Server secure(serving);
    const std::vector<demo::Sample> samples = demo::makeSamples();
    for (const Server* server : {&plain, &secure}) {
      for (const bool compresses : {false, true}) tryOut(server->url(), compresses, trust, samples);
    }
    std::cout << "\nAll messages came back as they were sent.\n";
    demo::showWamp();
    std::cout << "\nEverything went as it should.\n"
              << "For the chat example run " << programs
              << "/chat and open http://127.0.0.1:9000/ in two browser tabs.\n";
    if (staysUp) keep(plain, secure, programs);
    return 0;
  });
}
