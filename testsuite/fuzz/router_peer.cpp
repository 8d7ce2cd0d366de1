#include "router_peer.hpp"

#include "target.hpp"

namespace autobahn::fuzz {

using namespace wamp;

RouterPeer::RouterPeer(Router& router, RouterWitness& witness, std::string_view serializer)
    : witness_(witness), serializer_(makeSerializer(serializer)), routerSide_(router.attach(*this)) {}

void RouterPeer::send(RoutedMessage& routed) {
  witness_.note(!isGone_ && !isClosed_, "a message behind the end of the transport");
  witness_.note(!isOver_, "a message behind the end of the session");
  const RoutedMessage::Bytes& bytes = routed.bytes(*serializer_);
  if (bytes.problem) return witness_.note(false, "a message that cannot be written: " + *bytes.problem);
  std::vector<Message> messages;
  const Problem problem = serializer_->unserialize(bytes.buffer.view(), serializer_->isBinary(), messages);
  if (problem || messages.size() != 1)
    return witness_.note(false, "a message that cannot be read: " + problem.value_or(""));
  const bool isOfJoining = std::holds_alternative<message::Welcome>(messages[0]) ||
                           std::holds_alternative<message::Abort>(messages[0]);
  witness_.note(isJoined() || isOfJoining, std::string(messageName(messages[0])) + " to who has not joined");
  std::visit([this](const auto& message) { take(message); }, messages[0]);
}

void RouterPeer::close() {
  witness_.note(!isClosed_, "closed twice");
  isClosed_ = true;
  endSession();
}

void RouterPeer::say(Message message) {
  if (isGone_) return;
  if (std::holds_alternative<message::Hello>(message)) hasSaidHello_ = true;
  if (std::holds_alternative<message::Goodbye>(message)) isLeaving_ = true;
  util::ByteBuffer out;
  std::vector<Message> read;
  require(!serializer_->serialize(message, out), "what is to be said cannot be written");
  // Only what a serializer lets through reaches a router.
  if (const Problem problem = serializer_->unserialize(out.view(), serializer_->isBinary(), read)) {
    return routerSide_->violation(*problem);
  }
  routerSide_->receive(std::move(read.at(0)));
}

void RouterPeer::hangUp() {
  if (isGone_) return;
  isGone_ = true;
  endSession();
  routerSide_->transportClosed();
}

void RouterPeer::checkAccount() const {
  require(requests_.empty(), "a request without an answer");
  require(subscriptions_.size() <= PeerLimits::kSubscriptions, "more subscriptions than the limit");
  require(registrations_.size() <= PeerLimits::kRegistrations, "more registrations than the limit");
  require(calls_.size() <= PeerLimits::kCalls, "more calls than the limit");
}

void RouterPeer::endSession() {
  session_ = 0;
  hasSaidHello_ = isLeaving_ = false;
  lastRequest_ = lastInvocation_ = 0;
  requests_.clear();
  calls_.clear();
  doubtful_.clear();
  subscriptions_.clear();
  registrations_.clear();
  invocations_.clear();
}

Id RouterPeer::answered(int type, Id request) {
  const auto question = requests_.find({type, request});
  if (question != requests_.end()) return requests_.extract(question).mapped();
  witness_.note(false, "an answer to what was not asked, or a second one: " + std::string(messageName(type)) +
                           ' ' + std::to_string(request));
  return 0;
}

void RouterPeer::noteId(std::map<Id, std::string>& known, Id id, std::string_view whose) {
  const std::string& what = known.try_emplace(id, asked).first->second;
  witness_.note(what == asked, std::string(whose) + " ID for " + asked + " and for " + what);
}

void RouterPeer::take(const message::Welcome& welcome) {
  witness_.note(!isJoined() && hasSaidHello_, "WELCOME to nobody");
  session_ = welcome.session;
}

void RouterPeer::take(const message::Abort& abort) {
  witness_.note(!abort.reason.empty(), "ABORT without a reason");
  endSession();
  isOver_ = true;
}

void RouterPeer::take(const message::Goodbye&) {
  // An answer to ours lets another session follow; the router's own is the last word.
  isOver_ = !isLeaving_;
  endSession();
}

void RouterPeer::take(const message::Error& error) {
  if (error.requestType != message::Call::kCode) {
    answered(error.requestType, error.request);
    return;
  }
  witness_.note(endCall(error.request), "an error to no call, or a second answer");
}

void RouterPeer::take(const message::Published& published) {
  answered(message::Publish::kCode, published.request);
  witness_.note(witness_.publications.insert(published.publication).second,
                "a publication's ID is not unique");
}

void RouterPeer::take(const message::Subscribed& subscribed) {
  answered(message::Subscribe::kCode, subscribed.request);
  noteId(witness_.subscriptions, subscribed.subscription, "a subscription's");
  subscriptions_.insert(subscribed.subscription);
}

void RouterPeer::take(const message::Unsubscribed& unsubscribed) {
  const bool isAnswer = unsubscribed.request != 0;
  const Id gone = isAnswer ? answered(message::Unsubscribe::kCode, unsubscribed.request)
                           : unsubscribed.details.subscription.value_or(0);
  witness_.note(subscriptions_.erase(gone) == 1, "UNSUBSCRIBED from what there was not");
}

void RouterPeer::take(const message::Event& event) {
  witness_.note(subscriptions_.contains(event.subscription), "an event of a subscription that is not ours");
  if (event.payload.args().size() != 1 || !event.payload.args()[0].isInt64()) return;
  const auto excluded = witness_.excluded.find(event.payload.args()[0].asInt64());
  const bool isExcluded = excluded != witness_.excluded.end() && excluded->second == this;
  witness_.note(!isExcluded || event.details.retained.value_or(false),
                "its own event comes back to who excluded itself");
}

void RouterPeer::take(const message::Result& result) {
  if (!result.details.progress.value_or(false)) {
    return witness_.note(endCall(result.request), "a result to no call, or a second answer");
  }
  const auto call = calls_.find(result.request);
  const bool isWanted = call != calls_.end() ? call->second : doubtful_.contains(result.request);
  witness_.note(isWanted, "progress that nobody wanted, or behind the end");
}

void RouterPeer::take(const message::Registered& registered) {
  answered(message::Register::kCode, registered.request);
  noteId(witness_.registrations, registered.registration, "a registration's");
  registrations_.insert(registered.registration);
}

void RouterPeer::take(const message::Unregistered& unregistered) {
  const bool isAnswer = unregistered.request != 0;
  const Id gone = isAnswer ? answered(message::Unregister::kCode, unregistered.request)
                           : unregistered.details.registration.value_or(0);
  witness_.note(registrations_.erase(gone) == 1, "UNREGISTERED is what there was not");
}

void RouterPeer::take(const message::Invocation& invocation) {
  // One more part of a call's arguments has the same ID. The registration may have gone since the first.
  const bool isMore = invocations_.contains(invocation.request);
  witness_.note(isMore || registrations_.contains(invocation.registration),
                "a call of a registration that is not ours");
  witness_.note(isMore || invocation.request > lastInvocation_, "an invocation's ID was used before");
  if (!isMore) lastInvocation_ = invocation.request;
  invocations_.insert(invocation.request);
}

void RouterPeer::take(const message::Interrupt& interrupt) {
  witness_.note(invocations_.contains(interrupt.request), "an interruption of nothing");
}

}  // namespace autobahn::fuzz
