// Permessage-deflate with a policy: which offers are accepted, and how much memory a connection may cost.
#include <autobahn/websocket/server.hpp>
#include <iostream>

#include "common/compression.hpp"
#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Echo final : public WebSocketServerProtocol {
 public:
  void onOpen() override { std::cerr << "open: " << examples::describe(compression()) << '\n'; }
  void onMessage(std::string_view payload, bool isBinary) override {
    // What is compressed already (images, archives) only costs time when it is compressed again.
    SendOptions options;
    options.doNotCompress = isBinary;
    sendMessage(payload, isBinary, options);
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"An echo server with a compression policy.", "echo_compressed_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  int windowBits = 12;
  app.add_option("--window-bits", windowBits, "largest window of either side, 9 to 15 (default: 12)")
      ->check(CLI::Range(9, 15));
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.perMessageCompressionAccept = [windowBits](const std::vector<PerMessageDeflateOffer>& offers)
        -> std::optional<PerMessageDeflateOfferAccept> {
      for (const PerMessageDeflateOffer& offer : offers) {
        // Its window can only be limited when the client has said that it knows how.
        if (!offer.acceptMaxWindowBits) continue;
        PerMessageDeflateOfferAccept accept;
        accept.offer = offer;
        accept.requestMaxWindowBits = windowBits;
        const int asked = offer.requestMaxWindowBits;
        accept.windowBits = asked == 0 ? windowBits : std::min(asked, windowBits);
        accept.memLevel = 5;
        accept.maxMessageSize = 1024 * 1024;  // what one message may inflate to
        return accept;
      }
      return std::nullopt;  // none suits: go on without compression
    };
    factory.setProtocolOptions(options);
    factory.setProtocol<Echo>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
