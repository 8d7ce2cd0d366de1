// TLS with certificates on both sides: a router that is told --client-ca lets nobody in who has none.
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.example.add2", [](int a, int b) { return a + b; });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails details) override {
    std::cout << "over " << details.transport.network.tls->version << ", router "
              << details.transport.network.tls->peerCertificate->commonName << '\n';
    const int sum = co_await call<int>("com.example.add2", 2, 3);
    std::cout << "add2: " << sum << '\n';
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(argc, argv,
                                               {.name = "wamp_auth_tls",
                                                .about = "TLS with certificates on both sides.",
                                                .url = "wss://127.0.0.1:8443/ws",
                                                .hasCertificate = true});
}
