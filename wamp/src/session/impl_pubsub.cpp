// Publishing and subscribing.
#include <autobahn/wamp/error.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

std::optional<std::string> stringOf(const std::optional<Text>& text) {
  return text ? std::optional(text->string()) : std::nullopt;
}

std::optional<std::vector<Text>> textsOf(const std::optional<std::vector<std::string>>& strings) {
  if (!strings) return std::nullopt;
  return std::vector<Text>(strings->begin(), strings->end());
}

Rare<message::Receivers> receiversOf(const PublishOptions& options) {
  if (!options.exclude && !options.excludeAuthid && !options.excludeAuthrole && !options.eligible &&
      !options.eligibleAuthid && !options.eligibleAuthrole) {
    return {};
  }
  message::Receivers receivers;
  receivers.exclude = options.exclude;
  receivers.excludeAuthid = textsOf(options.excludeAuthid);
  receivers.excludeAuthrole = textsOf(options.excludeAuthrole);
  receivers.eligible = options.eligible;
  receivers.eligibleAuthid = textsOf(options.eligibleAuthid);
  receivers.eligibleAuthrole = textsOf(options.eligibleAuthrole);
  return receivers;
}

EventDetails makeEventDetails(const message::Event& message, const std::string& topic) {
  const auto& given = message.details;
  EventDetails event;
  event.subscription = message.subscription;
  event.publication = message.publication;
  event.topic = given.topic ? given.topic->string() : topic;
  event.publisher = given.publisher.session;
  event.publisherAuthid = stringOf(given.publisher.authid);
  event.publisherAuthrole = stringOf(given.publisher.authrole);
  event.retained = given.retained.value_or(false);
  event.trustlevel = given.trustlevel;
  event.transactionHash = stringOf(given.transactionHash);
  if (given.passthru && given.passthru->encAlgo) event.encAlgo = given.passthru->encAlgo->string();
  event.passthru = given.passthru;
  event.forwardFor = given.forwardFor;
  if (given.custom) event.custom = *given.custom;
  return event;
}

}  // namespace

Subscription::Subscription(std::shared_ptr<SubscriptionState> state) : state_(std::move(state)) {}
Id Subscription::id() const { return state_ ? state_->id : 0; }
std::string Subscription::topic() const { return state_ ? state_->topic : std::string(); }
bool Subscription::isActive() const { return state_ && state_->isActive; }
void Subscription::onUnsubscribe(std::function<void(const std::string&)> callback) const {
  if (state_) state_->onUnsubscribe = std::move(callback);
}

message::Publish SessionImpl::makePublish(const std::string& topic, CallArgs args, PublishOptions options) {
  requireTransport();
  message::Publish message;
  message.topic = topic;
  message.options.excludeMe = options.excludeMe;
  message.options.receivers = receiversOf(options);
  if (options.acknowledge) message.options.acknowledge = true;
  if (options.retain) message.options.retain = true;
  message.options.discloseMe = options.discloseMe;
  if (options.rkey) message.options.rkey = Text(*options.rkey);
  if (options.transactionHash) message.options.transactionHash = Text(*options.transactionHash);
  message.options.forwardFor = std::move(options.forwardFor);
  if (!options.custom.empty()) message.options.custom = std::move(options.custom);
  Packed packed = pack(true, topic, std::move(args), options.passthru);
  message.payload = std::move(packed.payload);
  message.options.passthru = std::move(packed.passthru);
  return message;
}

void SessionImpl::publish(const std::string& topic, CallArgs args, PublishOptions options) {
  const bool isAcknowledged = options.acknowledge;
  auto message = makePublish(resolve(topic), std::move(args), std::move(options));
  if (!isAcknowledged) return core.publish(std::move(message));
  core.request(std::move(message), Request());  // nobody waits for the answer
}

void SessionImpl::startPublish(std::string topic, CallArgs args, PublishOptions options,
                               Completion<Publication> done) {
  auto pending = std::make_shared<PendingPublish>(std::move(done));
  try {
    options.acknowledge = true;
    pending->topic = resolve(topic);
    Request request;
    request.waiting = pending;
    auto message = makePublish(pending->topic, std::move(args), std::move(options));
    core.request(std::move(message), std::move(request));
  } catch (...) {
    pending->done.failLater(std::current_exception());
  }
}

void SessionImpl::startSubscribe(std::string topic, std::shared_ptr<EventHandler> handler,
                                 SubscribeOptions options, Completion<Subscription> done) {
  auto pending = std::make_shared<PendingOf<Subscription>>(std::move(done));
  try {
    requireTransport();
    Request request;
    request.waiting = pending;
    request.subscription = std::make_shared<SubscriptionState>();
    request.subscription->topic = resolve(topic);
    request.subscription->match = options.match.value_or(Match::exact);
    request.subscription->handler = std::move(handler);
    message::Subscribe message;
    message.topic = request.subscription->topic;
    message.options.match = options.match;
    if (options.getRetained) message.options.getRetained = true;
    if (options.nkey) message.options.nkey = Text(*options.nkey);
    message.options.forwardFor = std::move(options.forwardFor);
    if (!options.custom.empty()) message.options.custom = std::move(options.custom);
    core.request(std::move(message), std::move(request));
  } catch (...) {
    pending->done.failLater(std::current_exception());
  }
}

void SessionImpl::startUnsubscribe(const Subscription& subscription, Completion<std::size_t> done) {
  auto pending = std::make_shared<PendingOf<std::size_t>>(std::move(done));
  try {
    requireTransport();
    if (!subscription.state()) throw InvalidState("the subscription was never made");
    Request request;
    request.waiting = pending;
    request.subscription = subscription.state();
    std::size_t left = 0;
    if (!core.unsubscribe(subscription.state(), std::move(request), left)) pending->done.succeedLater(left);
  } catch (...) {
    pending->done.failLater(std::current_exception());
  }
}

void SessionImpl::handle(event::Published& published) {
  message::Event& message = published.event;
  if (message.details.acknowledgedDelivery.value_or(false)) {
    message::EventReceived receipt;
    receipt.publication = message.publication;
    guard("EVENT_RECEIVED", [&] { core.send(receipt); });
  }
  if (published.handlers.empty()) return;
  const std::string subscribedTo = published.handlers.front()->topic;
  guard("event " + subscribedTo, [&] {
    const EventDetails event = makeEventDetails(message, subscribedTo);
    CallArgs args = unpack(false, event.topic, std::move(message.payload), message.details.passthru);
    for (const auto& state : published.handlers) {
      // An earlier one may have ended it.
      if (!state->isActive) continue;
      const bool isLast = state == published.handlers.back();
      runEventHandler(state, isLast ? std::move(args) : args, event);
    }
  });
}

void SessionImpl::runEventHandler(const std::shared_ptr<SubscriptionState>& state, CallArgs args,
                                  EventDetails event) {
  const std::string where = "handler of " + event.topic;
  const auto handler = state->handler;
  guard(where, [&] {
    MaybeAwaitable<CallResult> result = handler->run(std::move(args), std::move(event));
    if (result.isReady()) return;
    spawn(result.takeAwaitable(), handler, [this, where, epoch = epoch_](std::exception_ptr why, CallResult) {
      // What a session's end cancels has nobody to complain to.
      if (why && epoch == epoch_ && core.state() == SessionState::joined) report(why, where);
    });
  });
}

void SessionImpl::handle(event::Revoked& revoked) {
  // Copies: a callback may set another one in its place.
  const auto tell = [&](auto callback, std::string_view name) {
    if (callback) guard(name, [&] { callback(revoked.reason); });
  };
  for (const auto& each : revoked.subscriptions) tell(each->onUnsubscribe, "onUnsubscribe");
  if (revoked.registration) tell(revoked.registration->onUnregister, "onUnregister");
}

}  // namespace autobahn::inline v0::wamp
