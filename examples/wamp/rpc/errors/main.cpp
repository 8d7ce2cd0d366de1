// Errors of a procedure reach its caller: exceptions of any kind, errors with a URI and arguments, and
// exception types that both sides have defined.
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

/// Known to both sides as com.myapp.error1.
class NegativeNumber : public std::domain_error {
 public:
  using std::domain_error::domain_error;
};

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    define<NegativeNumber>("com.myapp.error1");

    // What has no URI of its own is wamp.error.runtime_error to the caller.
    co_await registerProcedure("com.myapp.sqrt", [](double x) {
      if (x == 0) throw std::runtime_error("don't ask silly questions");
      if (x < 0) throw NegativeNumber("no root of a negative number");
      return std::sqrt(x);
    });
    co_await registerProcedure("com.myapp.checkname", [](std::string name) {
      if (name == "foo" || name == "bar") throw ApplicationError("com.myapp.error.reserved");
      if (name.size() < 3 || name.size() > 10) {
        throw ApplicationError("com.myapp.error.invalid_length", {}, {{"min", 3}, {"max", 10}});
      }
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    define<NegativeNumber>("com.myapp.error1");
    for (const double x : {4.0, 0.0, -4.0}) {
      try {
        const double root = co_await call<double>("com.myapp.sqrt", x);
        std::cout << "sqrt(" << x << ") = " << root << '\n';
      } catch (const NegativeNumber& error) {
        std::cout << "sqrt(" << x << "): NegativeNumber, " << error.what() << '\n';
      } catch (const ApplicationError& error) {
        std::cout << "sqrt(" << x << "): " << error.errorMessage() << '\n';
      }
    }
    for (const char* name : {"foo", "a", "hello", "abcdefghijklmn"}) {
      try {
        co_await call<void>("com.myapp.checkname", name);
        std::cout << name << " is fine\n";
      } catch (const ApplicationError& error) {
        std::cout << name << ": " << error.error() << ' ' << Value(error.kwargs()).toString() << '\n';
      }
    }
    try {
      co_await call<void>("com.myapp.sqrt", "four");
    } catch (const ApplicationError& error) {
      std::cout << "sqrt(\"four\"): " << error.errorMessage() << '\n';
    }
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_errors", .about = "Errors that reach the caller."});
}
