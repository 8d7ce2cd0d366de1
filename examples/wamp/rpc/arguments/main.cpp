// Calls with positional and keyword arguments, some of them optional.
#include <iostream>
#include <optional>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

/// The keyword arguments of com.arguments.stars. What is std::optional may be left away.
struct StarOptions {
  std::optional<std::string> nick;
  std::optional<int> stars;
};
constexpr auto describe(const StarOptions*) {
  return members(member("nick", &StarOptions::nick), member("stars", &StarOptions::stars));
}

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.arguments.ping", [] {});
    co_await registerProcedure("com.arguments.add2", [](int a, int b) { return a + b; });
    co_await registerProcedure("com.arguments.stars", this, &Backend::stars);
    co_await registerProcedure("com.arguments.orders", this, &Backend::orders);
    // All arguments as they are.
    co_await registerProcedure("com.arguments.arglen", [](CallArgs given) {
      return List{given.args.size(), given.kwargs.size()};
    });
  }

 private:
  std::string stars(Keywords<StarOptions> options) {
    return options.value.nick.value_or("somebody") + " starred " +
           std::to_string(options.value.stars.value_or(0)) + "x";
  }
  List orders(const std::string& product, std::optional<int> limit) {
    List all;
    for (int i = 0; i < limit.value_or(5); ++i) all.push_back(product + " " + std::to_string(i));
    return all;
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await call<void>("com.arguments.ping");
    std::cout << "pinged\n";

    const int sum = co_await call<int>("com.arguments.add2", 2, 3);
    std::cout << "add2: " << sum << '\n';

    CallArgs nobody;
    CallArgs homer{{}, {{"nick", "Homer"}}};
    CallArgs fiveTimes{{}, {{"stars", 5}}};
    CallArgs both{{}, {{"nick", "Homer"}, {"stars", 5}}};
    for (const CallArgs& each : {nobody, homer, fiveTimes, both}) {
      const auto said = co_await call<std::string>("com.arguments.stars", each);
      std::cout << "stars: " << said << '\n';
    }

    const auto orders = co_await call<std::vector<std::string>>("com.arguments.orders", "coffee", 3);
    for (const std::string& each : orders) std::cout << "order: " << each << '\n';

    CallArgs several{{1, 2, 3}, {{"a", 1}, {"b", 2}}};
    const auto [positional, keywords] =
        co_await call<std::tuple<int, int>>("com.arguments.arglen", std::move(several));
    std::cout << "arglen: " << positional << " positional, " << keywords << " by keyword\n";
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_arguments", .about = "Calls with positional and keyword arguments."});
}
