// A calculator: the methods of a class as procedures, and an exception of its own as an error that callers
// see.
#include <iostream>
#include <stdexcept>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

/// What both sides know as com.example.calculator.division_by_zero.
class DivisionByZero : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    define<DivisionByZero>("com.example.calculator.division_by_zero");
    co_await registerMethods("com.example.calculator.", procedure("add", this, &Backend::add),
                             procedure("subtract", this, &Backend::subtract),
                             procedure("multiply", this, &Backend::multiply),
                             procedure("divide", this, &Backend::divide));
  }

 private:
  double add(double x, double y) { return x + y; }
  double subtract(double x, double y) { return x - y; }
  double multiply(double x, double y) { return x * y; }
  double divide(double x, double y) {
    if (y == 0) throw DivisionByZero("nothing can be divided by zero");
    return x / y;
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    define<DivisionByZero>("com.example.calculator.division_by_zero");
    prefix("calculator", "com.example.calculator");

    // (2 + 3) * 4 / 8 - 1
    double value = co_await call<double>("calculator:add", 2, 3);
    value = co_await call<double>("calculator:multiply", value, 4);
    value = co_await call<double>("calculator:divide", value, 8);
    value = co_await call<double>("calculator:subtract", value, 1);
    std::cout << "(2 + 3) * 4 / 8 - 1 = " << value << '\n';
    try {
      co_await call<double>("calculator:divide", value, 0);
    } catch (const DivisionByZero& error) {
      std::cout << "1.5 / 0: " << error.what() << '\n';
    }
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_calculator", .about = "The methods of a class as procedures."});
}
