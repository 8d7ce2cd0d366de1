// Streams random bytes as one message, frame by frame and no faster than the server takes them, and compares
// digests.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/websocket/client.hpp>
#include <iostream>
#include <string>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn;
using namespace autobahn::websocket;

namespace {

class Sender final : public examples::Client {
 public:
  Sender(std::uint64_t size, std::size_t frameSize, examples::Outcome* outcome)
      : examples::Client(outcome), size_(size), frameSize_(frameSize) {}

  void onOpen() override {
    // The coroutine holds on to the protocol object for as long as it runs.
    auto self = std::static_pointer_cast<Sender>(shared_from_this());
    asio::co_spawn(executor(), stream(std::move(self)), asio::detached);
  }
  void onMessage(std::string_view theirs, bool /*isBinary*/) override {
    const std::string ours = util::hexEncode(digest_.finish());
    std::cout << "sent " << size_ << " bytes in frames of " << frameSize_ << "\nours   " << ours
              << "\ntheirs " << theirs << '\n';
    conclude(ours == theirs, "the digests differ");
  }

 private:
  static asio::awaitable<void> stream(std::shared_ptr<Sender> self) {
    self->beginMessage(true);
    for (std::uint64_t left = self->size_; left != 0 && self->isOpen();) {
      const std::uint64_t length = std::min<std::uint64_t>(left, self->frameSize_);
      self->sendFrame(length);
      left -= length;
      co_await self->drain();  // until most of it is on its way
    }
    self->endMessage();
  }
  void sendFrame(std::uint64_t length) {
    std::string piece(4096, '\0');
    beginMessageFrame(length);
    while (length != 0 && isOpen()) {
      piece.resize(std::min<std::uint64_t>(length, piece.size()));
      util::randomBytes(piece);
      digest_.update(piece);
      sendMessageFrameData(piece);
      length -= piece.size();
    }
  }

  std::uint64_t size_;
  std::size_t frameSize_;
  util::Sha256 digest_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Streams random bytes to streaming_server and compares digests.", "streaming_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::uint64_t size = 100'000'000;
  app.add_option("--size", size, "bytes to send (default: 100000000)");
  std::size_t frameSize = 1'000'000;
  app.add_option("--frame-size", frameSize, "bytes per frame (default: 1000000)")->check(CLI::PositiveNumber);
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url);
    examples::Outcome outcome;
    factory.setProtocol<Sender>(size, frameSize, &outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
