#include "client.hpp"

#include <iostream>

namespace examples {

using namespace autobahn;
using namespace autobahn::websocket;

void ClientArguments::addTo(CLI::App& app) {
  app.add_option("--url", url, "ws://, wss:// or ws+unix:// (default: " + url + ")");
  app.add_option("--ca", ca, "trust the certificate authorities in this file (PEM) instead of the system's")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  app.add_flag("--insecure", isInsecure, "accept any certificate: for tests only");
}

ConnectOptions ClientArguments::connectOptions() const {
  ConnectOptions options;
  if (!ca.empty() || isInsecure) {
    util::TlsOptions tls;
    tls.caFile = ca;
    tls.verifyPeer = !isInsecure;
    options.tls = tls;
  }
  return options;
}

void FirstMessagePrinter::onMessage(std::string_view payload, bool /*isBinary*/) {
  std::cout << payload << '\n';
  conclude(true);
}

}  // namespace examples
