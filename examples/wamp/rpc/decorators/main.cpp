// Methods of a class under URIs that have parameters in them, which the methods get as their first arguments.
#include <cstdint>
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerMethods("com.shop.", procedure("article.<id:int>.price", this, &Backend::price),
                             procedure("user.<name>.greet", this, &Backend::greet),
                             procedure("version", this, &Backend::version));
    co_await subscribeMethods("com.shop.", topic("log.<what:suffix>", this, &Backend::onLog));
  }

 private:
  int price(int id, int count) { return id * count; }
  std::string greet(const std::string& name) { return "hello " + name; }
  std::string version() { return "1.0"; }
  void onLog(const std::string& what, const std::string& text) {
    std::cout << "log of " << what << ": " << text << '\n';
    publish("com.shop.logged");
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const int price = co_await call<int>("com.shop.article.7.price", 3);
    const auto greeting = co_await call<std::string>("com.shop.user.homer.greet");
    const auto version = co_await call<std::string>("com.shop.version");
    std::cout << "price " << price << ", " << greeting << ", version " << version << '\n';
    try {
      co_await call<int>("com.shop.article.seven.price", 3);
    } catch (const ApplicationError& error) {
      std::cout << "article seven: " << error.error() << '\n';
    }
    co_await subscribe("com.shop.logged", [this] { leave(); });
    publish("com.shop.log.sales.today", "three articles");
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_decorators", .about = "Methods under URIs with parameters."});
}
