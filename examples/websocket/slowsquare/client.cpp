// Asks for the squares of numbers, all at once: the answers come in the order of the questions.
#include <autobahn/websocket/client.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class Client final : public examples::Client {
 public:
  Client(std::vector<std::string> numbers, examples::Outcome* outcome)
      : examples::Client(outcome), numbers_(std::move(numbers)) {}

  void onOpen() override {
    for (const std::string& number : numbers_) sendMessage(R"({"x": )" + number + "}");
  }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << payload << '\n';
    if (++received_ < numbers_.size()) return;
    conclude(true);
  }

 private:
  std::vector<std::string> numbers_;
  std::size_t received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Asks slowsquare_server for squares.", "slowsquare_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::vector<std::string> numbers{"2", "1.5", "-4", "\"ten\""};
  app.add_option("numbers", numbers, "what to square (default: 2 1.5 -4 \"ten\")");
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url);
    examples::Outcome outcome;
    factory.setProtocol<Client>(numbers, &outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
