// Our server: what one says goes to everybody, the speaker included. Framed once and compressed once.
#include <autobahn/util/log.hpp>
#include <autobahn/websocket/server.hpp>
#include <string>
#include <string_view>

#include "server_program.hpp"

namespace {

using namespace autobahn::websocket;

class Speaker final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override {
    factory().broadcast(factory().prepareMessage(std::string(payload), isBinary));
  }
};

}  // namespace

int main(int argc, char** argv) {
  return bench::serve("bench_broadcast_server", argc, argv, [](const bench::Serving& serving) {
    autobahn::util::setLogLevel(autobahn::util::Level::warning);
    WebSocketServerFactory factory("ws://127.0.0.1:" + std::to_string(serving.port));
    ServerOptions options;
    options.perMessageCompressionAccept = acceptPerMessageDeflate();
    factory.setProtocolOptions(options);
    factory.setProtocol<Speaker>();
    factory.listen();
    bench::announce(factory.port());
    factory.run();
  });
}
