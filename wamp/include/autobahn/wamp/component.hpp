// A component: what it does in a realm is said once, and holds again after every reconnect.
//
//   Component component({.transports = {"ws://127.0.0.1:8080/ws", "rs://127.0.0.1:8081"}, .realm =
//   "realm1"}); component.registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
//   component.subscribe("com.myapp.hello", [](std::string text) { std::cout << text << '\n'; });
//   component.onReady([](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
//     session.publish("com.myapp.hello", "ready");
//     co_return;
//   });
//   return run({component});
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <autobahn/wamp/connection_loss.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/session.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// What a component is made with.
struct ComponentOptions {
  /// Tried in turn: each once at once, then each with its own delays (TransportConfig::retry).
  std::vector<TransportConfig> transports{};
  std::optional<std::string> realm{};  ///< absent: the router decides
  std::vector<std::shared_ptr<ClientAuthenticator>> authenticators{};
  Value extra{};                   ///< for the application: ComponentConfig::extra
  bool retryIfUnreachable = true;  ///< go on trying when no transport has ever been open
};

/// Keeps a session in a realm. After a lost connection it connects anew, with a new session, and registers
/// and subscribes again. It ends when the router says GOODBYE or ABORT, when `close` is called, when
/// `onClose` says so, or when the retries of all transports are used up. Callbacks and methods are for the
/// loop's thread, but where said; callbacks are set before `start`. What a callback throws goes to
/// `onUserError`.
class Component {
 public:
  explicit Component(ComponentOptions options);
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;
  /// Ends the connection at once; callbacks are not called any more. Also from inside callbacks and handlers.
  ~Component();

  using Notice = std::function<void(ApplicationSession&)>;
  using Joined = std::function<asio::awaitable<void>(ApplicationSession&, SessionDetails)>;

  // ---- Callbacks
  /// A transport is open.
  void onConnect(Notice callback);
  /// The realm is joined; before registering and subscribing. A coroutine, cancelled when the session ends.
  void onJoin(Joined callback);
  /// Everything is registered and subscribed. Likewise.
  void onReady(Joined callback);
  void onLeave(std::function<void(ApplicationSession&, const CloseDetails&)> callback);
  void onDisconnect(Notice callback);
  /// An attempt to connect has failed.
  void onConnectFailure(std::function<void(const ConnectionLoss&)> callback);
  /// An attempt or a connection has ended; true ends the retries.
  void onClose(std::function<bool(const ConnectionLoss&)> callback);
  /// A callback or handler threw, or something could not be registered or subscribed. By default logged.
  void onUserError(std::function<void(std::exception_ptr, std::string_view where)> callback);
  /// The router broke the protocol, or no transport can be used. By default logged.
  void onInternalError(std::function<void(const std::string& what)> callback);

  // ---- What it does. Also while it runs: then it happens at once as well.
  template <TypedCallable F>
  void registerProcedure(std::string_view procedure, F endpoint, RegisterOptions options = {}) {
    registerEndpoint(procedure, makeEndpoint(std::move(endpoint)), std::move(options));
  }
  /// A member function of `object` (a pointer or shared_ptr, see bindMember).
  template <class Object, class Method>
  requires std::is_member_function_pointer_v<Method>
  void registerProcedure(std::string_view procedure, Object object, Method method,
                         RegisterOptions options = {}) {
    registerEndpoint(procedure, makeEndpoint(bindMember(std::move(object), method)), std::move(options));
  }
  void registerEndpoint(std::string_view procedure, std::shared_ptr<Endpoint> endpoint,
                        RegisterOptions options = {});
  template <TypedCallable F>
  void subscribe(std::string_view topic, F handler, SubscribeOptions options = {}) {
    subscribeHandler(topic, makeEventHandler(std::move(handler)), std::move(options));
  }
  template <class Object, class Method>
  requires std::is_member_function_pointer_v<Method>
  void subscribe(std::string_view topic, Object object, Method method, SubscribeOptions options = {}) {
    subscribeHandler(topic, makeEventHandler(bindMember(std::move(object), method)), std::move(options));
  }
  void subscribeHandler(std::string_view topic, std::shared_ptr<EventHandler> handler,
                        SubscribeOptions options = {});

  // ---- Running
  /// Begins, on the caller's event loop. `done` gets the exit code when it has ended: 0 when the end was in
  /// order. Once. Throws std::invalid_argument without transports.
  void start(asio::io_context& io, std::function<void(int)> done = {});
  /// Leaves with `reason`, disconnects, and makes no further attempt; also ends a wait for the next one. From
  /// any thread; takes effect soon. Before `start` it has no effect.
  void close(std::string reason = std::string(close::kNormal), std::string message = {});

  /// A realm is joined.
  bool isOpen() const;
  /// A transport is open.
  bool isConnected() const;
  /// It waits for its next attempt.
  bool isRetrying() const;
  /// The current session; null between connections.
  std::shared_ptr<ApplicationSession> session() const;
  /// Of the open transport; empty without one.
  TransportDetails transportInfo() const;

 private:
  class Impl;
  friend class ComponentSession;
  friend int run(std::initializer_list<std::reference_wrapper<Component>> components);
  void detachFromLoop();

  std::shared_ptr<Impl> impl_;
};

/// Runs components on one event loop until all have ended, or until SIGINT or SIGTERM, which makes them close
/// in order (a second one ends it at once). Returns the exit code: 0 when all ended in order, otherwise 1.
int run(std::initializer_list<std::reference_wrapper<Component>> components);

}  // namespace autobahn::inline v0::wamp
