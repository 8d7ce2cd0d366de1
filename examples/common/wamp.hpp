// What every WAMP example's main() has in common: the command line, and running two sessions, the backend and
// the frontend, in one program or in two. An example is two plain ApplicationSessions and
//
//   int main(int argc, char** argv) {
//     return examples::wampMain<Backend, Frontend>(argc, argv, {.name = "wamp_x", .about = "Shows x."});
//   }
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <autobahn/wamp/session.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}
namespace autobahn::inline v0::wamp {
class Component;
struct ComponentOptions;
struct RunnerOptions;
}  // namespace autobahn::inline v0::wamp

namespace examples {

using SessionPointer = std::shared_ptr<autobahn::wamp::ApplicationSession>;
using AuthenticatorPointer = std::shared_ptr<autobahn::wamp::ClientAuthenticator>;

/// What an example is called, and where it departs from the others.
struct WampExample {
  std::string name{};
  std::string about{};
  std::string url = "ws://127.0.0.1:8080/ws";
  std::string realm = "realm1";
  /// The backend's onJoin goes on for ever: the frontend starts when it has begun.
  bool backendLoops = false;
  /// Says who somebody is. With it there are the options --authid and --secret, for the frontend; the backend
  /// is always the same.
  std::function<AuthenticatorPointer(const std::string& authid, const std::string& secret)> authenticate{};
  std::string secret = "secret-of-joe";
  std::string backendSecret = "secret-of-backend";
  /// TLS with a certificate of our own: --tls-cert, --tls-key.
  bool hasCertificate = false;
};

/// The command line of a WAMP example.
struct WampArguments {
  explicit WampArguments(WampExample what) : example(std::move(what)) {}

  WampExample example;
  std::vector<std::string> serializers{};
  std::string ca{};
  std::string certificate{};
  std::string key{};
  bool isInsecure = false;
  std::string role = "both";
  std::string authid = "joe";

  void addTo(CLI::App& app);
  /// For the role ("backend" or "frontend").
  autobahn::wamp::RunnerOptions runnerOptions(std::string_view runningRole) const;
  /// The same for components.
  autobahn::wamp::ComponentOptions componentOptions() const;
};

/// What the runner of an example is told of a session.
struct SessionWatch {
  std::function<void()> joined{};  ///< onJoin begins
  std::function<void()> ready{};   ///< onJoin has ended
  std::function<void()> failed{};  ///< a callback or a handler threw
  std::function<void(const autobahn::wamp::CloseDetails&)> left{};
};

/// An example's session that is watched. It knows nothing of that.
template <class Session>
class Watched final : public Session {
 public:
  Watched(autobahn::wamp::ComponentConfig config, SessionWatch watch)
      : Session(std::move(config)), watch_(std::move(watch)) {}

  asio::awaitable<void> onJoin(autobahn::wamp::SessionDetails details) override {
    if (watch_.joined) watch_.joined();
    co_await Session::onJoin(std::move(details));
    if (watch_.ready) watch_.ready();
  }
  void onLeave(const autobahn::wamp::CloseDetails& details) override {
    watch_.left(details);
    Session::onLeave(details);
  }
  void onUserError(std::exception_ptr error, std::string_view where) override {
    Session::onUserError(error, where);
    if (where.starts_with("endpoint of")) return;  // its caller was told: that is the caller's business
    watch_.failed();
    this->disconnect();
  }

 private:
  SessionWatch watch_;
};

using WatchedMaker = std::function<SessionPointer(autobahn::wamp::ComponentConfig, SessionWatch)>;

template <class Session>
WatchedMaker makerOfWatched() {
  return [](autobahn::wamp::ComponentConfig config, SessionWatch watch) -> SessionPointer {
    return std::make_shared<Watched<Session>>(std::move(config), std::move(watch));
  };
}

/// See wampMain.
int runWampExample(int argc, char** argv, WampExample example, WatchedMaker backend, WatchedMaker frontend);

/// main() of an example: as --role says runs the backend until Ctrl-C, or the frontend to its end, or both,
/// each on a connection of its own, until the frontend has ended; it starts when the backend is ready. The
/// exit code is 0 when all went in order, 1 when it did not (the log on standard error says why), 2 for wrong
/// usage.
template <class Backend, class Frontend>
int wampMain(int argc, char** argv, WampExample example) {
  return runWampExample(argc, argv, std::move(example), makerOfWatched<Backend>(),
                        makerOfWatched<Frontend>());
}

using ComponentMaker =
    std::function<std::unique_ptr<autobahn::wamp::Component>(autobahn::wamp::ComponentOptions)>;

/// The same for an example that is two Components. The backend's onReady is not its own: it starts the
/// frontend (with `backendLoops`, onConnect).
int componentMain(int argc, char** argv, WampExample example, ComponentMaker backend,
                  ComponentMaker frontend);

/// Waits, without keeping anybody else from running.
asio::awaitable<void> pause(asio::any_io_executor executor, std::chrono::milliseconds duration);

}  // namespace examples
