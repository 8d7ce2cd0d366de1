#include "wamp_demo.hpp"

#include <autobahn/wamp/component.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <iostream>
#include <stdexcept>
#include <string>

namespace demo {
namespace {

using namespace autobahn::wamp;

constexpr const char* kOutOfStock = "com.myapp.error.out_of_stock";

TransportConfig over(const std::string& url, const char* serializer) {
  TransportConfig transport(url);
  transport.serializers = SerializerSet({serializer});
  return transport;
}

ComponentOptions in(TransportConfig transport) {
  ComponentOptions options;
  options.transports = {std::move(transport)};
  options.realm = "realm1";
  return options;
}

std::string describe(const Component& component) {
  const TransportDetails info = component.transportInfo();
  return info.type + "/" + info.serializer + " (" + info.url + ")";
}

/// What the two components have done; the demo fails when something is missing.
struct Transcript {
  int sum = 0;
  int eventNumber = 0;
  int parts = 0;
  int last = 0;
  std::string error;

  void check() const {
    if (sum != 5 || eventNumber != 1 || parts != 3 || last != 3 || error != kOutOfStock) {
      throw std::runtime_error("WAMP: not everything came as it should");
    }
  }
};

/// The four roles of the classic example: subscribes, publishes, registers, and calls what it registered.
asio::awaitable<void> playFourRoles(ApplicationSession& session, Transcript& seen) {
  const auto onHello = [&seen](std::string text, int number) {
    seen.eventNumber = number;
    std::cout << "  event: " << text << ' ' << number << '\n';
  };
  co_await session.subscribe("com.myapp.hello", onHello);
  co_await session.registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
  PublishOptions toMeToo;
  toMeToo.excludeMe = false;
  co_await session.publishAcknowledged("com.myapp.hello", "Hello, world!", 1, toMeToo);
  seen.sum = co_await session.call<int>("com.myapp.add2", 2, 3);
  std::cout << "  Got result: " << seen.sum << '\n';
}

void addProcedures(Component& component) {
  component.registerProcedure("com.myapp.count", [](int last, CallDetails details) {
    for (int i = 1; i <= last; ++i) details.progress(i);
    return last;
  });
  component.registerProcedure("com.myapp.order", [](std::string what) -> int {
    throw ApplicationError(kOutOfStock, {what}, {{"left", 0}});
  });
}

asio::awaitable<void> callTheOther(ApplicationSession& session, Transcript& seen) {
  CallOptions options;
  options.onProgress = [&seen](CallResult part) {
    ++seen.parts;
    std::cout << "  progressive result: " << part.results.at(0).toString() << '\n';
  };
  seen.last = co_await session.call<int>("com.myapp.count", 3, options);
  std::cout << "  final result: " << seen.last << '\n';
  try {
    co_await session.call<int>("com.myapp.order", "tea");
  } catch (const ApplicationError& error) {
    seen.error = error.error();
    std::cout << "  error: " << error.errorMessage() << '\n';
  }
}

}  // namespace

void showWamp() {
  asio::io_context io{1};
  RouterServer server(io);
  server.router().addRealm({.name = "realm1"});
  const std::string webSocketUrl = server.listen("ws://127.0.0.1:0/ws").url;
  const std::string rawSocketUrl = server.listen("rs://127.0.0.1:0").url;
  std::cout << "\nA WAMP router on " << webSocketUrl << " and " << rawSocketUrl << ", realm1\n";

  Transcript seen;
  Component backend(in(over(webSocketUrl, "cbor")));
  Component frontend(in(over(rawSocketUrl, "msgpack")));
  addProcedures(backend);
  backend.onReady([&](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    std::cout << "first component over " << describe(backend)
              << ": subscribes, publishes, registers, calls\n";
    co_await playFourRoles(session, seen);
    frontend.start(io);
  });
  frontend.onReady([&](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    std::cout << "second component over " << describe(frontend) << ": calls the first\n";
    co_await callTheOther(session, seen);
    frontend.close();
    backend.close();
    server.drain(std::chrono::seconds(1));
  });
  backend.start(io);
  io.run_for(std::chrono::seconds(30));
  seen.check();
}

}  // namespace demo
