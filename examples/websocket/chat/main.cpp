// A chat: what one says, all see. The page for the browser is served from the same port.
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/static_files.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "common/compression.hpp"
#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Chatter final : public WebSocketServerProtocol {
 public:
  void onOpen() override { say("* " + peer() + " is here"); }
  void onMessage(std::string_view payload, bool isBinary) override {
    if (isBinary) {
      sendClose(CloseCode::policyViolation, "text only");
      return;
    }
    say(std::string(payload));
  }
  // The connection is gone and so is the way to the factory through it: `this` alone is left.
  void onClose(bool /*wasClean*/, std::uint16_t code, const std::string& /*reason*/) override {
    std::cerr << peer() << " left with " << code << '\n';
  }

 private:
  // Framed and compressed once for everybody, on whatever loop they are.
  void say(std::string text) { factory().broadcast(factory().prepareMessage(std::move(text))); }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A chat room with a page for the browser.", "chat"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  arguments.addThreadsTo(app);
  std::string root = EXAMPLE_FOLDER "/page";
  app.add_option("--root", root, "folder of the page (default: that of the sources)")
      ->check(CLI::ExistingDirectory);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.perMessageCompressionAccept = examples::deflateAccept(examples::Deflate::takeover);
    options.maxMessagePayloadSize = 64 * 1024;
    options.slowConsumerPolicy = SlowConsumerPolicy::close;  // who does not read is not waited for
    factory.setProtocolOptions(options);
    factory.setProtocolAt<Chatter>("/chat");
    const auto files = std::make_shared<const StaticFiles>(root);
    factory.setHttpHandler([files](const http::Request& request, const TransportDetails&) -> HttpDecision {
      if (auto found = files->respond(request)) return std::move(*found);
      throw ConnectionDeny(ConnectionDeny::kNotFound, "no such page");
    });
    arguments.listen(factory);
    std::cout << "open the page in a browser: http"
              << arguments.url().substr(2, arguments.url().rfind(':') - 2) << ':' << factory.port() << "/\n";
    factory.run();
    return 0;
  });
}
