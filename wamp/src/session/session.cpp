#include <autobahn/wamp/client_authenticator.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/session.hpp>
#include <stdexcept>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.session"};

}  // namespace

ApplicationSession::ApplicationSession(ComponentConfig config)
    : impl_(std::make_unique<SessionImpl>(*this, std::move(config))) {}
ApplicationSession::~ApplicationSession() = default;

void ApplicationSession::onConnect() { join(config().realm); }
MaybeAwaitable<ChallengeAnswer> ApplicationSession::onChallenge(Challenge challenge) {
  throw Error("the router asks for authentication by \"" + challenge.method +
              "\", for which the session has no authenticator; override onChallenge or add one");
}
void ApplicationSession::onWelcome(const SessionDetails& /*details*/) {}
asio::awaitable<void> ApplicationSession::onJoin(SessionDetails /*details*/) { co_return; }
void ApplicationSession::onLeave(const CloseDetails& /*details*/) { disconnect(); }
void ApplicationSession::onDisconnect() {}
void ApplicationSession::onUserError(std::exception_ptr error, std::string_view where) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& thrown) {
    log().error("exception in the application", {{"where", where}, {"what", thrown.what()}});
  } catch (...) {
    log().error("exception in the application", {{"where", where}});
  }
}

void ApplicationSession::join(std::optional<std::string> realm, JoinOptions options) {
  impl_->join(std::move(realm), std::move(options));
}
void ApplicationSession::leave(std::string_view reason, std::string_view message) {
  impl_->leave(reason, message);
}
void ApplicationSession::disconnect() { impl_->disconnect(); }
bool ApplicationSession::isConnected() const { return impl_->transport != nullptr; }
bool ApplicationSession::isAttached() const { return impl_->core.state() == SessionState::joined; }
Id ApplicationSession::sessionId() const { return isAttached() ? impl_->core.session() : 0; }
const SessionDetails& ApplicationSession::sessionDetails() const { return impl_->details; }
Roles ApplicationSession::features() const { return impl_->features(); }
const ComponentConfig& ApplicationSession::config() const { return impl_->config; }
const util::Logger& ApplicationSession::log() const { return kLog; }
asio::any_io_executor ApplicationSession::executor() const { return impl_->requireExecutor(); }
const std::shared_ptr<Transport>& ApplicationSession::transport() const { return impl_->transport; }
void ApplicationSession::addAuthenticator(std::shared_ptr<ClientAuthenticator> authenticator) {
  impl_->config.authenticators.push_back(std::move(authenticator));
}

std::vector<Registration> ApplicationSession::registrations() const {
  std::vector<Registration> all;
  for (auto& each : impl_->core.registrations()) all.emplace_back(std::move(each));
  return all;
}
std::vector<Subscription> ApplicationSession::subscriptions() const {
  std::vector<Subscription> all;
  for (auto& each : impl_->core.subscriptions()) all.emplace_back(std::move(each));
  return all;
}

void ApplicationSession::publish(std::string_view topic, CallArgs args, PublishOptions options) {
  impl_->publish(std::string(topic), std::move(args), std::move(options));
}

void ApplicationSession::prefix(std::string_view name, std::string_view uri) {
  if (name.empty() || name.find(':') != std::string_view::npos) {
    throw std::invalid_argument("a prefix is a name without a colon, got \"" + std::string(name) + "\"");
  }
  if (uri.empty()) {
    impl_->prefixes.erase(std::string(name));
  } else {
    impl_->prefixes.insert_or_assign(std::string(name), std::string(uri));
  }
}
std::string ApplicationSession::resolve(std::string_view uri) const { return impl_->resolve(uri); }

void ApplicationSession::setPayloadCodec(std::shared_ptr<PayloadCodec> codec) {
  impl_->codec = std::move(codec);
}
const std::shared_ptr<PayloadCodec>& ApplicationSession::getPayloadCodec() const { return impl_->codec; }

// The session may drop its last reference from within: it is held here.
void ApplicationSession::onOpen(std::shared_ptr<Transport> transport) {
  const auto self = shared_from_this();
  impl_->opened(std::move(transport));
}
void ApplicationSession::onMessage(Message message) {
  const auto self = shared_from_this();
  impl_->received(std::move(message));
}
void ApplicationSession::onBadMessage(const std::string& problem) {
  const auto self = shared_from_this();
  impl_->receivedBad(problem);
}
void ApplicationSession::onClose(bool /*wasClean*/, const std::string& reason) {
  const auto self = shared_from_this();
  impl_->closed(reason);
}

void ApplicationSession::startCall(std::string procedure, CallArgs args, CallOptions options,
                                   Completion<CallResult> done) {
  impl_->startCall(std::move(procedure), std::move(args), std::move(options), std::move(done));
}
void ApplicationSession::startRegister(std::string procedure, std::shared_ptr<Endpoint> endpoint,
                                       RegisterOptions options, Completion<Registration> done) {
  impl_->startRegister(std::move(procedure), std::move(endpoint), std::move(options), std::move(done));
}
void ApplicationSession::startUnregister(const Registration& registration, Completion<std::monostate> done) {
  impl_->startUnregister(registration, std::move(done));
}
void ApplicationSession::startPublish(std::string topic, CallArgs args, PublishOptions options,
                                      Completion<Publication> done) {
  impl_->startPublish(std::move(topic), std::move(args), std::move(options), std::move(done));
}
void ApplicationSession::startSubscribe(std::string topic, std::shared_ptr<EventHandler> handler,
                                        SubscribeOptions options, Completion<Subscription> done) {
  impl_->startSubscribe(std::move(topic), std::move(handler), std::move(options), std::move(done));
}
void ApplicationSession::startUnsubscribe(const Subscription& subscription, Completion<std::size_t> done) {
  impl_->startUnsubscribe(subscription, std::move(done));
}
void ApplicationSession::defineError(std::string uri, detail::ExceptionToArgs toArgs,
                                     detail::ErrorToException toException) {
  impl_->definedErrors.push_back({std::move(uri), std::move(toArgs), std::move(toException)});
}

}  // namespace autobahn::inline v0::wamp
