// Sends back whatever it receives.
#include <autobahn/websocket/server.hpp>
#include <iostream>

#include "common/compression.hpp"
#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Echo final : public WebSocketServerProtocol {
 public:
  explicit Echo(bool isQuiet) : isQuiet_(isQuiet) {}

  void onOpen() override {
    if (!isQuiet_) std::cerr << "open    " << peer() << ", " << examples::describe(compression()) << '\n';
  }
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    if (isQuiet_) return;
    std::cerr << "closed  " << peer() << ", " << code << (wasClean ? "" : ", not clean") << ' ' << reason
              << '\n';
  }

 private:
  bool isQuiet_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends back whatever it receives. Ctrl-C ends it.", "echo_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  arguments.addThreadsTo(app);
  examples::Deflate deflate = examples::Deflate::takeover;
  examples::addDeflate(app, deflate);
  bool isQuiet = false;
  app.add_flag("--quiet", isQuiet, "do not report connections");
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.perMessageCompressionAccept = examples::deflateAccept(deflate);
    factory.setProtocolOptions(options);
    factory.setProtocol<Echo>(isQuiet);
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
