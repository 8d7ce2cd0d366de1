// Sends back whatever it receives, over RawSocket.
#include <autobahn/rawsocket/server.hpp>
#include <iostream>

#include "common/program.hpp"

using namespace autobahn::rawsocket;

namespace {

class Echo final : public RawSocketServerProtocol {
 public:
  explicit Echo(bool isQuiet) : isQuiet_(isQuiet) {}

  void onOpen() override {
    if (isQuiet_) return;
    std::cerr << "open    " << peer() << ", " << serializerName(serializer()) << ", receives up to "
              << maxSendSize() << " bytes\n";
  }
  void onMessage(std::string_view payload) override {
    if (payload.size() <= maxSendSize()) {
      sendMessage(payload);
    } else {
      close();  // an honest peer does not send what it would not take back
    }
  }
  void onClose(bool wasClean, const std::string& reason) override {
    if (!isQuiet_)
      std::cerr << "closed  " << peer() << (wasClean ? "" : ", not clean") << ": " << reason << '\n';
  }

 private:
  bool isQuiet_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends back whatever it receives. Ctrl-C ends it.", "rawsocket_echo_server"};
  std::string url = "rs://127.0.0.1:8080";
  app.add_option("--url", url, "rs://, rss:// or rs+unix://; port 0 for any free one (default: " + url + ")");
  autobahn::util::TlsOptions tls;
  auto* certificate = app.add_option("--tls-cert", tls.certificateFile, "certificate for rss (PEM)");
  auto* key = app.add_option("--tls-key", tls.keyFile, "private key of the certificate (PEM)");
  certificate->check(CLI::ExistingFile)->needs(key)->option_text("FILE");
  key->check(CLI::ExistingFile)->needs(certificate)->option_text("FILE");
  ServerOptions options;
  app.add_option("--max-size", options.maxMessagePayloadSize,
                 "largest message taken: a power of two from 512 to 16777216 (default: 16777216)");
  bool isQuiet = false;
  app.add_flag("--quiet", isQuiet, "do not report connections");
  return examples::run(app, argc, argv, [&] {
    RawSocketServerFactory factory(url, options);
    factory.setProtocol<Echo>(isQuiet);
    ListenOptions listening;
    if (!tls.certificateFile.empty()) listening.tls = tls;
    std::cout << "listening on " << factory.listen(listening).url << std::endl;
    factory.run();
    return 0;
  });
}
