// Two services on one port, by path; one of them speaks two subprotocols.
#include <algorithm>
#include <autobahn/websocket/server.hpp>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

/// ws://…/upper
class Upper final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override {
    std::string text(payload);
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
      return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    });
    sendMessage(std::move(text), isBinary);
  }
};

/// ws://…/reverse: with the subprotocol "numbered" every answer has a number in front.
class Reverse final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    const std::string reversed(payload.rbegin(), payload.rend());
    // Binary, since a reversed text need not be UTF-8.
    sendMessage(subprotocol() == "numbered" ? std::to_string(++count_) + ' ' + reversed : reversed, true);
  }

 private:
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Serves /upper and /reverse; any other path is answered 404.", "multiproto"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    // The first subprotocol of the client's list that is in ours is taken.
    WebSocketServerFactory factory(arguments.url(), {"numbered", "plain"});
    factory.setProtocolAt<Upper>("/upper");
    factory.setProtocolAt<Reverse>("/reverse");
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
