// Digests messages of any length in constant memory: payloads are seen piece by piece, as they arrive.
#include <autobahn/util/crypto.hpp>
#include <autobahn/websocket/server.hpp>
#include <string>

#include "common/compression.hpp"
#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn;
using namespace autobahn::websocket;

namespace {

class Digest final : public WebSocketServerProtocol {
 public:
  Digest() { setReceiveMode(ReceiveMode::stream); }

  void onMessageFrameData(std::string_view piece) override { digest_.update(piece); }
  // One message may have many frames; its digest is sent when all are there.
  void onMessageEnd() override { sendMessage(util::hexEncode(digest_.finish())); }

 private:
  util::Sha256 digest_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Answers each message with its SHA-256, whatever its length, in constant memory.",
               "streaming_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.maxMessagePayloadSize = 0;  // nothing is put together, so nothing needs a limit
    options.maxFramesPerMessage = 0;
    options.perMessageCompressionAccept = examples::deflateAccept(examples::Deflate::takeover);
    factory.setProtocolOptions(options);
    factory.setProtocol<Digest>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
