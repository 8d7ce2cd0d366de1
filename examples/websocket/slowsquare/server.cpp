// Squares numbers, slowly: the handler is a coroutine that awaits a timer, and the loop serves others
// meanwhile. A message is {"x": number}; the answer is {"x": number, "square": number} or {"error": text}.
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/websocket/server.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <sstream>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

/// The number in {"x": number}, and nothing else than that; an application with more to say uses a JSON
/// library.
std::optional<double> parse(std::string_view text) {
  std::string bare;
  for (const char character : text) {
    if (std::string_view(" \t\r\n").find(character) == std::string_view::npos) bare += character;
  }
  constexpr std::string_view kHead = R"({"x":)";
  double number = 0;
  if (!bare.starts_with(kHead) || !bare.ends_with('}')) return std::nullopt;
  const char* const end = bare.data() + bare.size() - 1;
  const auto result = std::from_chars(bare.data() + kHead.size(), end, number);
  if (result.ec != std::errc{} || result.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string answer(double number) {
  std::ostringstream text;
  text.precision(15);
  text << R"({"x":)" << number << R"(,"square":)" << number * number << '}';
  return text.str();
}

class SlowSquare final : public WebSocketServerProtocol {
 public:
  explicit SlowSquare(std::chrono::milliseconds delay) : delay_(delay) {}

  // Runs one message at a time, in order; cancelled when the connection ends, so that no reference dangles.
  asio::awaitable<void> onMessageAsync(Message message) override {
    const std::optional<double> number = parse(message.payload);
    if (!number) {
      sendMessage(R"({"error":"send {\"x\": number}"})");
      co_return;
    }
    asio::steady_timer timer(executor(), delay_);
    co_await timer.async_wait(asio::use_awaitable);
    sendMessage(answer(*number));
  }

 private:
  std::chrono::milliseconds delay_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Squares numbers, slowly.", "slowsquare_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  int delay = 1000;
  app.add_option("--delay", delay, "milliseconds of thinking (default: 1000)")->check(CLI::NonNegativeNumber);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    factory.setProtocol<SlowSquare>(std::chrono::milliseconds(delay));
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
