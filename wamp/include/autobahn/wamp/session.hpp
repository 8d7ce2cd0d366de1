// A WAMP session: subclass ApplicationSession, override onJoin, and call, register, publish and subscribe.
//
//   class Calculator : public ApplicationSession {
//     using ApplicationSession::ApplicationSession;
//     asio::awaitable<void> onJoin(SessionDetails details) override {
//       co_await registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
//       int sum = co_await call<int>("com.myapp.add2", 2, 3);
//       publish("com.myapp.sum", sum);
//     }
//   };
//
// Everything happens on one thread, that of the session's executor: callbacks, handlers and completions are
// called there, and methods are to be called there (`executor`, `asio::post` from elsewhere).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/completion.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/handler.hpp>
#include <autobahn/wamp/pubsub.hpp>
#include <autobahn/wamp/roles.hpp>
#include <autobahn/wamp/rpc.hpp>
#include <autobahn/wamp/session_detail.hpp>
#include <autobahn/wamp/session_types.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/wamp/uri_pattern.hpp>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

class PayloadCodec;
class SessionImpl;

/// One WAMP session after another, on one transport after another. Made with std::make_shared. It is kept
/// alive by its transport, by handlers that run and by operations under way.
///
/// **Operations.** Each has one form that takes any Asio completion token as its last argument (a callback
/// `void(std::exception_ptr, Result)`, asio::use_future, …; left away: a coroutine awaits it), and short
/// forms. The arguments are converted before the call returns; with coroutines the message is sent when the
/// result is awaited. Operations fail with SessionNotReady before a realm is joined, with ApplicationError
/// (or the exception `define` has for it) when the router or peer answers ERROR, with SerializationError when
/// the arguments cannot be written, with TransportLost when the transport goes before the answer comes, and
/// with an ApplicationError of the reason when the session ends before. They can be cancelled through
/// asio::cancellation_slot; see CallOptions::cancelMode.
///
/// **Handlers** (endpoints and event handlers) are functions, lambdas, member functions or coroutines with
/// the parameters they want, see arguments.hpp; a parameter of type CallDetails or EventDetails asks for
/// details, one of type CallArgs for all arguments as they are. Coroutines run concurrently. A handler that
/// runs is kept, with its session, until it has ended; it is cancelled (asio::this_coro::cancellation_state)
/// when the session ends or the router interrupts it. What an endpoint throws goes to the caller: an
/// ApplicationError as it is, a `define`d exception under its URI, others as `wamp.error.runtime_error`;
/// arguments that do not fit are `wamp.error.invalid_argument`. What an event handler throws goes to
/// `onUserError`.
///
/// **GCC 12** (Debian 12's) destroys closures and aggregates twice that are made in the very expression that
/// is awaited. So functions with captures that own something, CallOptions and PublishOptions must have a name
/// there (`const auto add = [shared]…; co_await registerProcedure("com.add", add);`); the compiler says so
/// where we can see it.
class ApplicationSession : public TransportHandler, public std::enable_shared_from_this<ApplicationSession> {
 public:
  explicit ApplicationSession(ComponentConfig config = {});
  ~ApplicationSession() override;

  // ---- Callbacks. What they throw goes to `onUserError`.

  /// The transport is there. By default joins `config().realm`, with what the authenticators want.
  virtual void onConnect();
  /// The router asks for a proof, and no authenticator is there for it. A value or a coroutine; what it
  /// throws ends the attempt (`wamp.error.cannot_authenticate`).
  virtual MaybeAwaitable<ChallengeAnswer> onChallenge(Challenge challenge);
  /// The router says welcome. What it throws (say, because the router is not who it should be) ends the
  /// session instead of `onJoin`.
  virtual void onWelcome(const SessionDetails& details);
  /// The realm is joined. A coroutine; a plain function ends with `co_return;`. Cancelled when the session
  /// ends.
  virtual asio::awaitable<void> onJoin(SessionDetails details);
  /// The session has ended, or was refused. By default disconnects.
  virtual void onLeave(const CloseDetails& details);
  /// The transport is gone, or did not come about.
  virtual void onDisconnect();
  /// A callback or a handler threw. `where` says which. By default logs.
  virtual void onUserError(std::exception_ptr error, std::string_view where);

  // ---- Session

  /// Joins a realm (absent: the router decides). InvalidState when there is a session already,
  /// SessionNotReady without a transport.
  void join(std::optional<std::string> realm, JoinOptions options = {});
  /// Leaves the realm; `onLeave` follows. `reason` is a URI. SessionNotReady when none is joined.
  void leave(std::string_view reason = close::kNormal, std::string_view message = {});
  /// Leaves, if joined, and closes the transport; `onDisconnect` follows. Harmless when there is none.
  void disconnect();
  /// There is a transport.
  bool isConnected() const;
  /// A realm is joined.
  bool isAttached() const;
  /// The session's ID; 0 when not joined.
  Id sessionId() const;
  /// What the router said; of the last session.
  const SessionDetails& sessionDetails() const;
  /// The features that both sides have.
  Roles features() const;
  const ComponentConfig& config() const;
  /// For messages about this session.
  const util::Logger& log() const;
  /// Where everything happens. SessionNotReady before the first transport.
  asio::any_io_executor executor() const;
  /// Null without one.
  const std::shared_ptr<Transport>& transport() const;
  /// Offers one more authmethod from the next `join` on.
  void addAuthenticator(std::shared_ptr<ClientAuthenticator> authenticator);

  // ---- Calling

  /// Calls a procedure. `R`: a type that results can be converted to (none: `void`; all parts: `CallResult`;
  /// several: std::tuple; Value: null when there is none).
  template <class R = Value, class Token = asio::use_awaitable_t<>>
  auto call(std::string_view procedure, CallArgs args, CallOptions options = {}, Token token = {}) {
    return startOperation<CallResult>(
        executor(), token, [](CallResult result) { return detail::fromCallResult<R>(std::move(result)); },
        [self = shared_from_this(), uri = std::string(procedure), args = std::move(args),
         options = std::move(options)](Completion<CallResult> done) mutable {
          self->startCall(std::move(uri), std::move(args), std::move(options), std::move(done));
        });
  }
  /// The same with the arguments themselves: `co_await call<int>("com.myapp.add2", 2, 3)`. One of them may be
  /// CallOptions.
  template <class R = Value, class... A>
  requires(!detail::kHas<CallArgs, A...>) asio::awaitable<R> call(std::string_view procedure,
                                                                  A&&... arguments) {
    static_assert(detail::kOptionsMayBeTemporary<CallOptions, A...>,
                  "GCC 12 would destroy these options twice: give them a name first, and pass that");
    auto [args, options] = detail::splitOptions<CallOptions>(arguments...);
    return call<R>(procedure, std::move(args), std::move(options), asio::use_awaitable);
  }

  // ---- Procedures

  /// Registers a function. Gives a Registration.
  template <class F, class Token = asio::use_awaitable_t<>>
  requires TypedCallable<std::decay_t<F>>
  auto registerProcedure(std::string_view procedure, F&& endpoint, RegisterOptions options = {},
                         Token token = {}) {
    static_assert(detail::kMayBeTemporary<F, Token>,
                  "GCC 12 would destroy this function twice: give it a name first, and pass that");
    return registerEndpoint(procedure, makeEndpoint(std::forward<F>(endpoint)), std::move(options),
                            std::move(token));
  }
  /// Registers a member function of `object` (a pointer or shared_ptr, see bindMember).
  template <class Object, class Method, class Token = asio::use_awaitable_t<>>
  requires std::is_member_function_pointer_v<Method>
  auto registerProcedure(std::string_view procedure, Object object, Method method,
                         RegisterOptions options = {}, Token token = {}) {
    return registerEndpoint(procedure, makeEndpoint(bindMember(std::move(object), method)),
                            std::move(options), std::move(token));
  }
  /// The primitive under both.
  template <class Token = asio::use_awaitable_t<>>
  auto registerEndpoint(std::string_view procedure, std::shared_ptr<Endpoint> endpoint,
                        RegisterOptions options = {}, Token token = {}) {
    return startOperation<Registration>(
        executor(), token, Unchanged(),
        [self = shared_from_this(), uri = std::string(procedure), endpoint = std::move(endpoint),
         options = std::move(options)](Completion<Registration> done) mutable {
          self->startRegister(std::move(uri), std::move(endpoint), std::move(options), std::move(done));
        });
  }
  /// Registers several methods of a class under one prefix, in order: `co_await registerMethods("com.myapp.",
  /// procedure("add2", this, &Calculator::add2), procedure("user.<id:int>.name", this, &Calculator::name))`.
  /// A pattern's parameters are the method's first ones, see UriPattern. Fails at the first that cannot be
  /// registered; those before it stay.
  template <class... Entries>
  asio::awaitable<std::vector<Registration>> registerMethods(std::string prefix, Entries... entries) {
    return registerAll(std::move(prefix), {std::move(entries)...});
  }
  /// Ends a registration; calls under way are still answered. InvalidState when it is not active.
  template <class Token = asio::use_awaitable_t<>>
  auto unregister(Registration registration, Token token = {}) {
    return startOperation<std::monostate>(
        executor(), token, [](std::monostate) {},
        [self = shared_from_this(), registration](Completion<std::monostate> done) {
          self->startUnregister(registration, std::move(done));
        });
  }
  /// The active registrations, in no order.
  std::vector<Registration> registrations() const;

  // ---- Publishing

  /// Publishes now. Throws SessionNotReady, TransportLost or SerializationError.
  void publish(std::string_view topic, CallArgs args, PublishOptions options = {});
  /// The same with the arguments themselves: `publish("com.myapp.hello", "world", 1)`. One of them may be
  /// PublishOptions.
  template <class... A>
  requires(!detail::kHas<CallArgs, A...>) void publish(std::string_view topic, const A&... arguments) {
    auto [args, options] = detail::splitOptions<PublishOptions>(arguments...);
    publish(topic, std::move(args), std::move(options));
  }
  /// Publishes and waits for the router's acknowledgement; gives a Publication.
  template <class Token>
  auto publish(std::string_view topic, CallArgs args, PublishOptions options, Token token) {
    return startOperation<Publication>(
        executor(), token, Unchanged(),
        [self = shared_from_this(), uri = std::string(topic), args = std::move(args),
         options = std::move(options)](Completion<Publication> done) mutable {
          self->startPublish(std::move(uri), std::move(args), std::move(options), std::move(done));
        });
  }
  /// The same with the arguments themselves. One of them may be PublishOptions.
  template <class... A>
  asio::awaitable<Publication> publishAcknowledged(std::string_view topic, A&&... arguments) {
    static_assert(detail::kOptionsMayBeTemporary<PublishOptions, A...>,
                  "GCC 12 would destroy these options twice: give them a name first, and pass that");
    auto [args, options] = detail::splitOptions<PublishOptions>(arguments...);
    return publish(topic, std::move(args), std::move(options), asio::use_awaitable);
  }

  // ---- Subscribing

  /// Subscribes a function. Gives a Subscription. A topic may have several handlers.
  template <class F, class Token = asio::use_awaitable_t<>>
  requires TypedCallable<std::decay_t<F>>
  auto subscribe(std::string_view topic, F&& handler, SubscribeOptions options = {}, Token token = {}) {
    static_assert(detail::kMayBeTemporary<F, Token>,
                  "GCC 12 would destroy this function twice: give it a name first, and pass that");
    return subscribeHandler(topic, makeEventHandler(std::forward<F>(handler)), std::move(options),
                            std::move(token));
  }
  /// Subscribes a member function of `object` (a pointer or shared_ptr, see bindMember).
  template <class Object, class Method, class Token = asio::use_awaitable_t<>>
  requires std::is_member_function_pointer_v<Method>
  auto subscribe(std::string_view topic, Object object, Method method, SubscribeOptions options = {},
                 Token token = {}) {
    return subscribeHandler(topic, makeEventHandler(bindMember(std::move(object), method)),
                            std::move(options), std::move(token));
  }
  /// The primitive under both.
  template <class Token = asio::use_awaitable_t<>>
  auto subscribeHandler(std::string_view topic, std::shared_ptr<EventHandler> handler,
                        SubscribeOptions options = {}, Token token = {}) {
    return startOperation<Subscription>(
        executor(), token, Unchanged(),
        [self = shared_from_this(), uri = std::string(topic), handler = std::move(handler),
         options = std::move(options)](Completion<Subscription> done) mutable {
          self->startSubscribe(std::move(uri), std::move(handler), std::move(options), std::move(done));
        });
  }
  /// Subscribes several methods of a class under one prefix, as registerMethods: `co_await
  /// subscribeMethods("com.myapp.", topic("user.<id:int>.changed", this, &Calculator::onChanged))`.
  template <class... Entries>
  asio::awaitable<std::vector<Subscription>> subscribeMethods(std::string prefix, Entries... entries) {
    return subscribeAll(std::move(prefix), {std::move(entries)...});
  }
  /// Takes a handler away; it gets no event from now on. Gives the number of handlers that the session still
  /// has at the subscription (0: the router was told). InvalidState when it is not active.
  template <class Token = asio::use_awaitable_t<>>
  auto unsubscribe(Subscription subscription, Token token = {}) {
    return startOperation<std::size_t>(
        executor(), token, Unchanged(),
        [self = shared_from_this(), subscription](Completion<std::size_t> done) {
          self->startUnsubscribe(subscription, std::move(done));
        });
  }
  /// The active subscriptions, in no order.
  std::vector<Subscription> subscriptions() const;

  // ---- Testaments

  /// Has the router publish when this session ends: `scope` "destroyed" (it is gone for good) or "detached".
  asio::awaitable<void> addTestament(std::string topic, CallArgs args, PublishOptions options = {},
                                     std::string scope = "destroyed");
  /// Takes all testaments of the scope back.
  asio::awaitable<void> flushTestaments(std::string scope = "destroyed");

  // ---- Short names, errors, payloads

  /// Lets `name:rest` stand for `uri.rest` wherever this session takes a URI. An empty `uri` ends it.
  void prefix(std::string_view name, std::string_view uri);
  /// The URI in full; unchanged when it has no prefix that is known.
  std::string resolve(std::string_view uri) const;

  /// Joins an exception type to an error URI: endpoints that throw `E` answer with the URI and, as arguments,
  /// `toArgs(e)`; an ERROR of the URI is thrown as `fromError(applicationError)`.
  template <class E>
  void define(std::string_view errorUri, std::function<CallArgs(const E&)> toArgs,
              std::function<E(const ApplicationError&)> fromError) {
    defineError(std::string(errorUri), detail::exceptionToArgs<E>(std::move(toArgs)),
                [fromError = std::move(fromError)](const ApplicationError& error) {
                  return std::make_exception_ptr(fromError(error));
                });
  }
  /// The same for types derived from std::exception that can be made from a std::string: `what()` is the one
  /// argument.
  template <class E>
  requires std::derived_from<E, std::exception> && std::constructible_from<E, std::string>
  void define(std::string_view errorUri) {
    define<E>(
        errorUri, [](const E& error) { return toCallArgs(std::string(error.what())); },
        [](const ApplicationError& error) { return E(detail::firstText(error)); });
  }

  /// Encodes and decodes payloads from now on; null: none.
  void setPayloadCodec(std::shared_ptr<PayloadCodec> codec);
  const std::shared_ptr<PayloadCodec>& getPayloadCodec() const;

  // ---- TransportHandler, for transports

  void onOpen(std::shared_ptr<Transport> transport) final;
  void onMessage(Message message) final;
  void onBadMessage(const std::string& problem) final;
  void onClose(bool wasClean, const std::string& reason) final;

 private:
  friend class SessionImpl;
  friend class SessionAccess;
  void startCall(std::string procedure, CallArgs args, CallOptions options, Completion<CallResult> done);
  void startRegister(std::string procedure, std::shared_ptr<Endpoint> endpoint, RegisterOptions options,
                     Completion<Registration> done);
  void startUnregister(const Registration& registration, Completion<std::monostate> done);
  void startPublish(std::string topic, CallArgs args, PublishOptions options, Completion<Publication> done);
  void startSubscribe(std::string topic, std::shared_ptr<EventHandler> handler, SubscribeOptions options,
                      Completion<Subscription> done);
  void startUnsubscribe(const Subscription& subscription, Completion<std::size_t> done);
  asio::awaitable<std::vector<Registration>> registerAll(std::string prefix,
                                                         std::vector<MethodEntry<CallDetails>> entries);
  asio::awaitable<std::vector<Subscription>> subscribeAll(std::string prefix,
                                                          std::vector<MethodEntry<EventDetails>> entries);
  void defineError(std::string uri, detail::ExceptionToArgs toArgs, detail::ErrorToException toException);

  std::unique_ptr<SessionImpl> impl_;
};

/// One entry of `registerMethods`; `object` as in bindMember.
template <class Object, class Method>
MethodEntry<CallDetails> procedure(std::string pattern, Object object, Method method) {
  return {std::move(pattern), makeEndpoint(bindMember(std::move(object), method))};
}
/// One entry of `subscribeMethods`.
template <class Object, class Method>
MethodEntry<EventDetails> topic(std::string pattern, Object object, Method method) {
  return {std::move(pattern), makeEventHandler(bindMember(std::move(object), method))};
}

}  // namespace autobahn::inline v0::wamp
