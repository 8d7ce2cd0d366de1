// The shortest way to run one session class against a router.
//
//   int main() {
//     ApplicationRunner runner("ws://127.0.0.1:8080/ws", "realm1");
//     return runner.run<MySession>();
//   }
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/session.hpp>
#include <autobahn/wamp/session_types.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// How ApplicationRunner runs.
struct RunnerOptions {
  Value extra{};  ///< for the application: ComponentConfig::extra
  std::vector<std::shared_ptr<ClientAuthenticator>> authenticators{};
  SerializerSet serializers{};
  std::optional<util::TlsOptions> ssl{};  ///< with wss and rss; absent: the system's trust store
  std::optional<util::ProxyTarget> proxy{};
  websocket::Headers headers{};  ///< WebSocket: added to the request
  /// After a lost connection, and when none comes about, tries again with a new session.
  bool autoReconnect = false;
  websocket::ReconnectOptions retry{};    ///< when, with autoReconnect
  std::optional<util::Level> logLevel{};  ///< set for the whole process when the run begins
};

/// Makes a session, connects it, runs until it has ended. With WebSocket's settings for production (automatic
/// pings).
class ApplicationRunner {
 public:
  /// `url`: see TransportConfig. `realm`: absent, the router decides.
  explicit ApplicationRunner(std::string url, std::optional<std::string> realm = {},
                             RunnerOptions options = {});
  ApplicationRunner(const ApplicationRunner&) = delete;
  ApplicationRunner& operator=(const ApplicationRunner&) = delete;
  ~ApplicationRunner();

  using SessionMaker = std::function<std::shared_ptr<ApplicationSession>(ComponentConfig)>;

  /// Runs `Session(config, arguments…)` on an event loop of its own until it has disconnected, or `stop`, or
  /// until SIGINT or SIGTERM, which make it leave in order (a second one ends it at once). Returns the exit
  /// code: 0 when the end was in order, 1 when the router was unreachable, refused the session or was lost.
  template <class Session, class... A>
  int run(A... arguments) {
    return run(makerOf<Session>(std::move(arguments)...));
  }
  int run(SessionMaker makeSession);

  /// The same on the caller's event loop, which the caller runs (`startLoop = false` of Autobahn|Python).
  /// `done` gets the exit code. The runner must not go before that.
  template <class Session, class... A>
  void start(asio::io_context& io, std::function<void(int)> done, A... arguments) {
    start(io, std::move(done), makerOf<Session>(std::move(arguments)...));
  }
  void start(asio::io_context& io, std::function<void(int)> done, SessionMaker makeSession);

  /// Makes the session leave and `run` return. From any thread; before `run`, it has no effect.
  void stop();

 private:
  template <class Session, class... A>
  static SessionMaker makerOf(A... arguments) {
    return [... arguments =
                std::move(arguments)](ComponentConfig config) -> std::shared_ptr<ApplicationSession> {
      return std::make_shared<Session>(std::move(config), arguments...);
    };
  }

  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace autobahn::inline v0::wamp
