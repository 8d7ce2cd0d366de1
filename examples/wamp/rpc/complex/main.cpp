// Results with several parts, by position and by keyword, and structs as arguments and results.
#include <iostream>
#include <string>
#include <tuple>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

struct Complex {
  double re = 0;
  double im = 0;
};
/// Says how it is written: as a dict of these members.
constexpr auto describe(const Complex*) {
  return members(member("re", &Complex::re), member("im", &Complex::im));
}

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    // Keyword results: {c, ci}.
    co_await registerProcedure("com.myapp.add_complex", [](double a, double ai, double b, double bi) {
      return CallResult{.kwresults = {{"c", a + b}, {"ci", ai + bi}}};
    });
    // Two results.
    co_await registerProcedure("com.myapp.split_name", [](std::string fullname) {
      const auto blank = fullname.find(' ');
      return CallResult{.results = {fullname.substr(0, blank), fullname.substr(blank + 1)}};
    });
    co_await registerProcedure("com.myapp.multiply_complex", [](Complex x, Complex y) {
      return Complex{x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const CallResult sum = co_await call<CallResult>("com.myapp.add_complex", 2, 3, 4, 5);
    std::cout << "sum: " << convert<double>(sum.kwresults.at("c")) << " + "
              << convert<double>(sum.kwresults.at("ci")) << "i\n";

    const auto [forename, surname] =
        co_await call<std::tuple<std::string, std::string>>("com.myapp.split_name", "Homer Simpson");
    std::cout << "forename: " << forename << ", surname: " << surname << '\n';

    const Complex x{2, 3};
    const Complex y{4, 5};
    const Complex product = co_await call<Complex>("com.myapp.multiply_complex", x, y);
    std::cout << "product: " << product.re << " + " << product.im << "i\n";
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_complex", .about = "Results with several parts."});
}
