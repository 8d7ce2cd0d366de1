// The server under test: echoes everything, strict, and says why it fails a connection.
#include "common/compression.hpp"
#include "modes/arguments.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

class Testee final : public WebSocketServerProtocol {
 public:
  /// Reads no further while a peer that does not read has so many bytes waiting for it.
  static constexpr std::size_t kMostQueued = 4 * 1024 * 1024;

  void onMessage(std::string_view payload, bool isBinary) override {
    sendMessage(payload, isBinary);
    if (bufferedAmount() >= kMostQueued) pauseReading();
  }
  void onDrain() override { resumeReading(); }
};

class TesteeServer final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    listen_.addTo(app, "ws://127.0.0.1:9001");
    listen_.addThreadsTo(app);
    examples::addDeflate(app, deflate_);
    app.add_option("-i,--ident,--agent", ident_, "Server header, by which reports name it")
        ->option_text("NAME");
  }

  int run() override {
    WebSocketServerFactory factory(listen_.resolvedUrl(), {}, ident_);
    ServerOptions options;
    options.failByDrop = false;
    options.maxMessagePayloadSize = 0;
    options.maxFramesPerMessage = 0;
    options.sendBufferHighWatermark = Testee::kMostQueued;
    options.slowConsumerPolicy = SlowConsumerPolicy::buffer;
    options.openHandshakeTimeout = 60s;
    options.closeHandshakeTimeout = 30s;
    options.perMessageCompressionAccept = examples::deflateAccept(deflate_);
    factory.setProtocolOptions(options);
    factory.setProtocol<Testee>();
    return serve(factory, listen_);
  }

 private:
  ListenArguments listen_;
  examples::Deflate deflate_ = examples::Deflate::takeover;
  std::string ident_ = WebSocketServerFactory::defaultServer();
};

}  // namespace

std::unique_ptr<Mode> makeTesteeServer() { return std::make_unique<TesteeServer>(); }

}  // namespace wstest
