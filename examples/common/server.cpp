#include "server.hpp"

#include <autobahn/websocket/url.hpp>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace examples {

using namespace autobahn;
using namespace autobahn::websocket;

void ServerArguments::addTo(CLI::App& app) {
  app.add_option("--host", host,
                 "address to listen on; 0.0.0.0 for all of the machine's (default: 127.0.0.1)");
  app.add_option("--port", port, "port to listen on; 0 for any free one (default: 9000)");
  app.add_option("--unix", unixPath, "listen on a Unix socket of that path instead");
  auto* certificateOption =
      app.add_option("--tls-cert", certificate, "serve wss with this certificate (PEM)");
  auto* keyOption = app.add_option("--tls-key", key, "private key of the certificate (PEM)");
  certificateOption->check(CLI::ExistingFile)->needs(keyOption)->option_text("FILE");
  keyOption->check(CLI::ExistingFile)->needs(certificateOption)->option_text("FILE");
}

void ServerArguments::addThreadsTo(CLI::App& app) {
  app.add_option("--threads", threads, "event loops, each on a thread of its own (default: 1)")
      ->check(CLI::Range(1, 1024));
}

std::string ServerArguments::url() const {
  const bool isSecure = !certificate.empty();
  if (!unixPath.empty()) {
    const std::string absolute = std::filesystem::absolute(unixPath).string();
    return createUnixUrl(absolute, isSecure);
  }
  const bool isIpv6 = host.find(':') != std::string::npos && !host.starts_with('[');
  const std::string bracketed = isIpv6 ? '[' + host + ']' : host;
  return (isSecure ? "wss://" : "ws://") + bracketed + ':' + std::to_string(port);
}

void ServerArguments::listen(WebSocketServerFactory& factory) const {
  ListenOptions options;
  options.threads = threads;
  if (!certificate.empty()) {
    util::TlsOptions tls;
    tls.certificateFile = certificate;
    tls.keyFile = key;
    options.tls = tls;
  }
  factory.listen(options);
  std::string where = url();
  if (unixPath.empty()) where = where.substr(0, where.rfind(':') + 1) + std::to_string(factory.port());
  std::cout << "listening on " << where << std::endl;
}

}  // namespace examples
