// Offers permessage-deflate, sends text that compresses well and shows how many bytes that took on the wire.
#include <autobahn/websocket/client.hpp>
#include <iomanip>
#include <iostream>
#include <string>

#include "common/client.hpp"
#include "common/compression.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

constexpr int kMessages = 10;

class Client final : public examples::Client {
 public:
  explicit Client(examples::Outcome* outcome) : examples::Client(outcome) {
    for (int i = 0; i < 200; ++i)
      text_ += R"({"sensor":)" + std::to_string(i % 7) + R"(,"temperature":21.5})";
  }

  void onOpen() override {
    std::cout << "compression: " << examples::describe(compression()) << '\n';
    sendMessage(text_);
  }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    if (payload != text_) return finish(false);
    if (++received_ == kMessages) return finish(true);
    sendMessage(text_);
  }

 private:
  void finish(bool ok) {
    const TrafficStats stats = trafficStats();
    std::cout << std::fixed << std::setprecision(3) << "sent     " << stats.outgoingOctetsAppLevel
              << " bytes as " << stats.outgoingOctetsWireLevel << " on the wire, ratio "
              << stats.outgoingCompressionRatio() << '\n'
              << "received " << stats.incomingOctetsAppLevel << " bytes as " << stats.incomingOctetsWireLevel
              << " on the wire, ratio " << stats.incomingCompressionRatio() << '\n';
    conclude(ok);
  }

  std::string text_;
  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows what compression saves.", "echo_compressed_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url);
    ClientOptions options;
    PerMessageDeflateOffer offer;
    offer.requestMaxWindowBits = 12;  // the server's window: what we need to inflate
    PerMessageDeflateOffer anything;  // the second choice
    options.perMessageCompressionOffers = {offer, anything};
    factory.setProtocolOptions(options);
    examples::Outcome outcome;
    factory.setProtocol<Client>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
