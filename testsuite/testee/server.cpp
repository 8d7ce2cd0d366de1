// The server under test of a conformance harness: echoes everything, strict, and says why it fails a
// connection.
#include <autobahn/websocket/server.hpp>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Testee final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Echoes everything, for WebSocket conformance harnesses.", "testee_server"};
  examples::ServerArguments arguments;
  arguments.port = 9001;
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.failByDrop = false;
    options.maxMessagePayloadSize = 0;
    options.maxFramesPerMessage = 0;
    options.openHandshakeTimeout = 60s;
    options.closeHandshakeTimeout = 30s;
    options.perMessageCompressionAccept = acceptPerMessageDeflate();
    factory.setProtocolOptions(options);
    factory.setProtocol<Testee>();
    arguments.listen(factory);
    factory.run(1s);
    return 0;
  });
}
