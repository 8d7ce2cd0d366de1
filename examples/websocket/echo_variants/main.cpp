// The ways to send a message. Server and client live in one program here, on one event loop.
#include <asio/io_context.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <iostream>
#include <string>

#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

/// Answers the name of a variant with a message sent that way.
class Server final : public WebSocketServerProtocol {
 public:
  explicit Server(PreparedMessage prepared) : prepared_(std::move(prepared)) {}

  void onMessage(std::string_view variant, bool /*isBinary*/) override {
    if (variant == "text") {
      sendMessage("a text message must be UTF-8: caf\u00e9");
    } else if (variant == "binary") {
      sendMessage(std::string_view("\x00\xff\x00\xff", 4), true);
    } else if (variant == "moved") {
      std::string large(1'000'000, 'm');
      sendMessage(std::move(large));  // given away: never copied
    } else if (variant == "prepared") {
      sendPreparedMessage(prepared_);  // framed once, whatever the number of receivers
    } else if (variant == "fragmented") {
      SendOptions options;
      options.fragmentSize = 10;  // frames of ten bytes
      sendMessage("cut into frames by the library", false, options);
    } else if (variant == "frames") {
      beginMessage();  // the frames as the application makes them
      sendMessageFrame("first frame, ");
      sendMessageFrame("second frame");
      endMessage();
    } else if (variant == "streamed") {
      beginMessage();  // a frame whose length is known before its bytes are
      beginMessageFrame(14);
      sendMessageFrameData("piece ");
      sendMessageFrameData("by piece");
      endMessage();
    }
  }

 private:
  PreparedMessage prepared_;
};

class Client final : public WebSocketClientProtocol {
 public:
  explicit Client(examples::Outcome* outcome) : outcome_(outcome) {}

  void onOpen() override {
    setFrameTrace([this](const FrameTrace& frame) { frames_ += frame.incoming ? 1 : 0; });
    next();
  }
  void onMessage(std::string_view payload, bool isBinary) override {
    std::cout << kVariants[index_++] << ": " << payload.size() << " bytes " << (isBinary ? "binary" : "text")
              << " in " << frames_ << (frames_ == 1 ? " frame" : " frames") << '\n';
    next();
  }
  void onClose(bool wasClean, std::uint16_t /*code*/, const std::string& reason) override {
    outcome_->ok = wasClean && index_ == std::size(kVariants);
    outcome_->problem = reason;
  }

 private:
  static constexpr const char* kVariants[] = {"text",       "binary", "moved",   "prepared",
                                              "fragmented", "frames", "streamed"};
  void next() {
    frames_ = 0;
    if (index_ == std::size(kVariants)) {
      sendClose();
    } else {
      sendMessage(kVariants[index_]);
    }
  }

  std::size_t index_ = 0;
  int frames_ = 0;
  examples::Outcome* outcome_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends messages in every way there is, and says how they arrive.", "echo_variants"};
  return examples::run(app, argc, argv, [] {
    asio::io_context io(1);
    WebSocketServerFactory server(io, "ws://127.0.0.1:0");
    server.setProtocol<Server>(server.prepareMessage("made once, sent to many"));
    server.listen();
    WebSocketClientFactory client(io, "ws://127.0.0.1:" + std::to_string(server.port()));
    examples::Outcome outcome;
    client.setProtocol<Client>(&outcome);
    client.connect();
    while (client.connectionCount() != 0) io.run_one();
    return outcome.exitCode();
  });
}
