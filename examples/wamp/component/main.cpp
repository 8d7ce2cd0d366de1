// A component with several transports: it takes the next one when one does not work, and comes back, with all
// that it does, when the connection is lost.
#include <autobahn/wamp/component.hpp>
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Component> makeBackend(ComponentOptions options) {
  auto backend = std::make_unique<Component>(std::move(options));
  backend->registerProcedure("com.example.add2", [](int a, int b) { return a + b; });
  return backend;
}

std::unique_ptr<Component> makeFrontend(ComponentOptions options) {
  for (TransportConfig& each : options.transports) each.retry.initialRetryDelay = 10ms;
  // Nobody listens there.
  options.transports.insert(options.transports.begin(), TransportConfig("rs+unix:///no/such/socket"));
  auto frontend = std::make_unique<Component>(std::move(options));

  frontend->onConnectFailure([](const ConnectionLoss& loss) {
    std::cout << loss.url << " is " << loss.reason << (loss.willRetry ? ", on to the next\n" : "\n");
  });
  frontend->onClose([](const ConnectionLoss& loss) {
    if (loss.reason == "lost") std::cout << "the connection was lost\n";
    return false;  // go on, if there is a way
  });
  const auto times = std::make_shared<int>(0);  // shared: each connection has a copy of the callback
  frontend->onReady(
      [&self = *frontend, times](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
        std::cout << "connected by " << self.transportInfo().type << '\n';
        const int sum = co_await session.call<int>("com.example.add2", 2, 3);
        std::cout << "add2: " << sum << '\n';
        if (++*times == 2) {
          self.close();
        } else {
          session.transport()->abort();  // as if the network had failed
        }
      });
  return frontend;
}

}  // namespace

int main(int argc, char** argv) {
  return examples::componentMain(argc, argv,
                                 {.name = "wamp_component", .about = "A component with several transports."},
                                 makeBackend, makeFrontend);
}
