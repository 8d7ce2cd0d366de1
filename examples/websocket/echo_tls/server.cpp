// An echo server over TLS (wss). Send it SIGHUP after renewing the certificate: new connections get the new
// one, present connections go on.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <autobahn/websocket/server.hpp>
#include <csignal>
#include <iostream>
#include <string>

#include "common/program.hpp"

using namespace autobahn;
using namespace autobahn::websocket;

namespace {

class Echo final : public WebSocketServerProtocol {
 public:
  void onOpen() override {
    const auto tls = transportDetails().tls;
    if (tls) std::cerr << "open " << peer() << " with " << tls->version << ", " << tls->cipher << '\n';
  }
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

void reloadOnHangup(asio::signal_set& hangup, WebSocketServerFactory& factory) {
  hangup.async_wait([&](std::error_code error, int) {
    if (error) return;
    try {
      factory.reloadCertificates();
      std::cout << "certificates reloaded\n";
    } catch (const std::exception& problem) {
      std::cerr << "the old certificate stays: " << problem.what() << '\n';
    }
    reloadOnHangup(hangup, factory);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"An echo server over TLS. SIGHUP reads the certificate again, Ctrl-C ends it.",
               "echo_tls_server"};
  std::uint16_t port = 9443;
  app.add_option("--port", port, "port on localhost; 0 for any free one (default: 9443)");
  util::TlsOptions tls;
  app.add_option("--tls-cert", tls.certificateFile, "certificate (PEM)")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--tls-key", tls.keyFile, "its private key (PEM)")->required()->check(CLI::ExistingFile);
  return examples::run(app, argc, argv, [&] {
    // An io_context of our own, to wait for signals on it too.
    asio::io_context io(1);
    WebSocketServerFactory factory(io, "wss://127.0.0.1:" + std::to_string(port));
    factory.setProtocol<Echo>();
    ListenOptions options;
    options.tls = tls;
    factory.listen(options);
    asio::signal_set hangup(io, SIGHUP);
    reloadOnHangup(hangup, factory);
    asio::signal_set end(io, SIGINT, SIGTERM);
    end.async_wait([&](std::error_code, int) { factory.drain(std::chrono::seconds(5), [&] { io.stop(); }); });
    std::cout << "listening on wss://localhost:" << factory.port() << std::endl;
    io.run();
    return 0;
  });
}
