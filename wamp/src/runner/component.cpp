#include <asio/co_spawn.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/wamp/component.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <mutex>
#include <utility>

#include "../transport/url_scheme.hpp"
#include "session_keeper.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.component"};

struct Callbacks {
  Component::Notice onConnect;
  Component::Joined onJoin;
  Component::Joined onReady;
  std::function<void(ApplicationSession&, const CloseDetails&)> onLeave;
  Component::Notice onDisconnect;
  std::function<void(const ConnectionLoss&)> onConnectFailure;
  std::function<bool(const ConnectionLoss&)> onClose;
  std::function<void(std::exception_ptr, std::string_view)> onUserError;
  std::function<void(const std::string&)> onInternalError;
};

struct Procedure {
  std::string uri;
  std::shared_ptr<Endpoint> endpoint;
  RegisterOptions options;
};

struct Topic {
  std::string uri;
  std::shared_ptr<EventHandler> handler;
  SubscribeOptions options;
};

}  // namespace

/// Shared with the sessions, so that it is there as long as one of them runs.
class Component::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(ComponentOptions given) : options(std::move(given)) {}

  void start(asio::io_context& io, std::function<void(int)> done);
  void report(std::exception_ptr error, std::string_view where) const;
  bool lost(const ConnectionLoss& loss) const;
  ApplicationSession* attachedSession() const;

  ComponentOptions options;
  Callbacks callbacks;
  std::vector<Procedure> procedures;
  std::vector<Topic> topics;
  std::shared_ptr<SessionKeeper> keeper;
  bool isGone = false;  ///< the application has destroyed the component: it hears nothing any more

  std::mutex mutex;  ///< for what follows
  std::shared_ptr<util::LoopMailbox> mailbox;
  std::weak_ptr<SessionKeeper> closable;
};

/// One connection's session of a component.
class ComponentSession final : public ApplicationSession {
 public:
  ComponentSession(ComponentConfig config, std::shared_ptr<Component::Impl> component)
      : ApplicationSession(std::move(config)), component_(std::move(component)) {}

  void onConnect() override {
    if (tells(component_->callbacks.onConnect)) component_->callbacks.onConnect(*this);
    if (!component_->isGone) ApplicationSession::onConnect();
  }
  asio::awaitable<void> onJoin(SessionDetails details) override {
    const auto component = component_;
    if (tells(component->callbacks.onJoin)) {
      auto joining = guarded(component->callbacks.onJoin, details, "onJoin");
      co_await std::move(joining);
    }
    co_await replay();
    if (tells(component->callbacks.onReady) && isAttached()) {
      auto readying = guarded(component->callbacks.onReady, details, "onReady");
      co_await std::move(readying);
    }
  }
  void onLeave(const CloseDetails& details) override {
    const auto component = component_;
    if (tells(component->callbacks.onLeave)) {
      try {
        component->callbacks.onLeave(*this, details);
      } catch (...) {
        onUserError(std::current_exception(), "onLeave");
      }
    }
    disconnect();
  }
  void onDisconnect() override {
    if (tells(component_->callbacks.onDisconnect)) component_->callbacks.onDisconnect(*this);
  }
  void onUserError(std::exception_ptr error, std::string_view where) override {
    component_->report(std::move(error), where);
  }

 private:
  bool tells(const auto& callback) const { return callback && !component_->isGone; }

  // A copy: the callback may be a coroutine lambda, which must outlive its run.
  asio::awaitable<void> guarded(Component::Joined callback, SessionDetails details, std::string where) {
    std::exception_ptr failed;
    try {
      asio::awaitable<void> running = callback(*this, std::move(details));
      co_await std::move(running);
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed && isAttached()) onUserError(failed, where);
  }

  // By position: more may be added while it waits.
  asio::awaitable<void> replay() {
    std::size_t procedure = 0;
    std::size_t topic = 0;
    while (isAttached()) {
      if (procedure < component_->procedures.size()) {
        const Procedure next = component_->procedures[procedure++];
        auto replaying = replayProcedure(next);
        co_await std::move(replaying);
      } else if (topic < component_->topics.size()) {
        const Topic next = component_->topics[topic++];
        auto replaying = replayTopic(next);
        co_await std::move(replaying);
      } else {
        hasReplayed_ = true;
        co_return;
      }
    }
  }
  asio::awaitable<void> replayProcedure(Procedure procedure) {
    std::exception_ptr failed;
    try {
      auto registering = registerEndpoint(procedure.uri, procedure.endpoint, procedure.options);
      co_await std::move(registering);
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed && isAttached()) onUserError(failed, "register " + procedure.uri);
  }
  asio::awaitable<void> replayTopic(Topic topic) {
    std::exception_ptr failed;
    try {
      auto subscribing = subscribeHandler(topic.uri, topic.handler, topic.options);
      co_await std::move(subscribing);
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed && isAttached()) onUserError(failed, "subscribe " + topic.uri);
  }

 public:
  /// What is added from now on has to be registered by itself.
  bool hasReplayed() const { return hasReplayed_; }

 private:
  std::shared_ptr<Component::Impl> component_;
  bool hasReplayed_ = false;
};

void Component::Impl::report(std::exception_ptr error, std::string_view where) const {
  try {
    if (callbacks.onUserError && !isGone) return callbacks.onUserError(std::move(error), where);
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& thrown) {
    kLog.error("exception in the application", {{"where", where}, {"what", thrown.what()}});
  } catch (...) {
    kLog.error("exception in the application", {{"where", where}});
  }
}

bool Component::Impl::lost(const ConnectionLoss& loss) const {
  try {
    if (loss.reason == "unsupported" || loss.closeReason == error::kProtocolViolation) {
      if (callbacks.onInternalError) {
        callbacks.onInternalError(loss.message);
      } else {
        kLog.error("the connection failed", {{"message", loss.message}, {"url", withoutQuery(loss.url)}});
      }
    }
    if (loss.reason == "unreachable" && callbacks.onConnectFailure) callbacks.onConnectFailure(loss);
    return !isGone && (!callbacks.onClose || !callbacks.onClose(loss));
  } catch (...) {
    report(std::current_exception(), "onClose");
    return true;
  }
}

void Component::Impl::start(asio::io_context& io, std::function<void(int)> done) {
  if (keeper) throw InvalidState("the component has been started already");
  KeeperPlan plan;
  plan.transports = options.transports;
  plan.retriesUnreachable = options.retryIfUnreachable;
  plan.makeSession = [weak = weak_from_this()]() -> std::shared_ptr<ApplicationSession> {
    const auto self = weak.lock();
    if (!self) throw InvalidState("the component is gone");
    ComponentConfig config{self->options.realm, self->options.extra, self->options.authenticators};
    return std::make_shared<ComponentSession>(std::move(config), self);
  };
  plan.onLoss = [weak = weak_from_this()](const ConnectionLoss& loss) {
    const auto self = weak.lock();
    return self && self->lost(loss);
  };
  plan.onEnd = [done = std::move(done)](bool isFailure) {
    if (done) done(isFailure ? 1 : 0);
  };
  keeper = std::make_shared<SessionKeeper>(io, std::move(plan));
  {
    const std::lock_guard lock(mutex);
    mailbox = util::AsioLoop::of(io).mailbox();
    closable = keeper;
  }
  keeper->start();
}

ApplicationSession* Component::Impl::attachedSession() const {
  if (!keeper || !keeper->session() || !keeper->session()->isAttached()) return nullptr;
  const auto* const session = static_cast<ComponentSession*>(keeper->session().get());
  return session->hasReplayed() ? keeper->session().get() : nullptr;
}

Component::Component(ComponentOptions options) : impl_(std::make_shared<Impl>(std::move(options))) {}
Component::~Component() {
  impl_->isGone = true;
  if (const auto keeper = std::exchange(impl_->keeper, nullptr)) keeper->terminate();
}

void Component::onConnect(Notice callback) { impl_->callbacks.onConnect = std::move(callback); }
void Component::onJoin(Joined callback) { impl_->callbacks.onJoin = std::move(callback); }
void Component::onReady(Joined callback) { impl_->callbacks.onReady = std::move(callback); }
void Component::onLeave(std::function<void(ApplicationSession&, const CloseDetails&)> callback) {
  impl_->callbacks.onLeave = std::move(callback);
}
void Component::onDisconnect(Notice callback) { impl_->callbacks.onDisconnect = std::move(callback); }
void Component::onConnectFailure(std::function<void(const ConnectionLoss&)> callback) {
  impl_->callbacks.onConnectFailure = std::move(callback);
}
void Component::onClose(std::function<bool(const ConnectionLoss&)> callback) {
  impl_->callbacks.onClose = std::move(callback);
}
void Component::onUserError(std::function<void(std::exception_ptr, std::string_view)> callback) {
  impl_->callbacks.onUserError = std::move(callback);
}
void Component::onInternalError(std::function<void(const std::string&)> callback) {
  impl_->callbacks.onInternalError = std::move(callback);
}

void Component::registerEndpoint(std::string_view procedure, std::shared_ptr<Endpoint> endpoint,
                                 RegisterOptions options) {
  impl_->procedures.push_back({std::string(procedure), endpoint, options});
  if (ApplicationSession* const session = impl_->attachedSession()) {
    session->registerEndpoint(
        procedure, std::move(endpoint), std::move(options),
        [impl = impl_, uri = std::string(procedure)](std::exception_ptr failed, const Registration&) {
          if (failed) impl->report(failed, "register " + uri);
        });
  }
}

void Component::subscribeHandler(std::string_view topic, std::shared_ptr<EventHandler> handler,
                                 SubscribeOptions options) {
  impl_->topics.push_back({std::string(topic), handler, options});
  if (ApplicationSession* const session = impl_->attachedSession()) {
    session->subscribeHandler(
        topic, std::move(handler), std::move(options),
        [impl = impl_, uri = std::string(topic)](std::exception_ptr failed, const Subscription&) {
          if (failed) impl->report(failed, "subscribe " + uri);
        });
  }
}

void Component::start(asio::io_context& io, std::function<void(int)> done) {
  impl_->start(io, std::move(done));
}

void Component::close(std::string reason, std::string message) {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->mailbox) return;
  impl_->mailbox->post([keeper = impl_->closable, reason = std::move(reason), message = std::move(message)] {
    if (const auto alive = keeper.lock()) alive->close(reason, message);
  });
}

bool Component::isOpen() const {
  const auto current = session();
  return current && current->isAttached();
}
bool Component::isConnected() const {
  const auto current = session();
  return current && current->isConnected();
}
bool Component::isRetrying() const { return impl_->keeper && impl_->keeper->isRetrying(); }
std::shared_ptr<ApplicationSession> Component::session() const {
  return impl_->keeper ? impl_->keeper->session() : nullptr;
}
TransportDetails Component::transportInfo() const {
  const auto current = session();
  return current && current->transport() ? current->transport()->details() : TransportDetails();
}

// Nothing of a component may be left on a loop that goes.
void Component::detachFromLoop() {
  if (const auto keeper = std::exchange(impl_->keeper, nullptr)) keeper->terminate();
  const std::lock_guard lock(impl_->mutex);
  impl_->mailbox = nullptr;
}

int run(std::initializer_list<std::reference_wrapper<Component>> components) {
  asio::io_context io(1);
  const std::shared_ptr<void> detaching(nullptr, [&](void*) {  // before `io` goes, also when it throws
    for (Component& each : components) each.detachFromLoop();
  });
  int code = 0;
  std::size_t running = components.size();
  util::SignalledRun loop(io, [&](int) {
    for (Component& each : components) each.close(std::string(close::kNormal), "the program was told to end");
  });
  for (Component& each : components) {
    each.start(io, [&](int result) {
      if (result != 0) code = 1;
      if (--running == 0) loop.disregardSignals();
    });
  }
  loop.run();
  return code;
}

}  // namespace autobahn::inline v0::wamp
