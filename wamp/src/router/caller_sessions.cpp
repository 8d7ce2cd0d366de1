#include "caller_sessions.hpp"

#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <exception>
#include <utility>

#include "router_session.hpp"

namespace autobahn::inline v0::wamp {

RouterCaller::RouterCaller() : sessions_(std::make_shared<router::CallerSessions>()) {}
RouterCaller::~RouterCaller() = default;

void RouterCaller::call(std::string_view realm, std::string_view procedure, List args,
                        std::chrono::milliseconds timeout, Then then) {
  sessions_->call(realm, procedure, std::move(args), timeout, std::move(then));
}

RouterCaller::TimePoint RouterCaller::now() const { return sessions_->now(); }

namespace router {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.router"};

SessionInfo infoFor(Realm& realm) {
  SessionInfo info{.session = util::newId(),
                   .realm = realm.options().name,
                   .authid = "router",
                   .authrole = "trusted",
                   .authmethod = "internal",
                   .authprovider = "router"};
  while (realm.find(info.session) != nullptr) info.session = util::newId();
  info.roles.add(Role::caller);
  return info;
}

RouterCaller::Answer answerOf(message::Result result) {
  if (result.payload.isOpaque()) return {.error = std::string(error::kInvalidPayload)};
  auto [args, kwargs] = std::move(result.payload).take();
  return {.error = {}, .args = std::move(args), .kwargs = std::move(kwargs)};
}

RouterCaller::Answer answerOf(message::Error error) {
  RouterCaller::Answer answer{.error = error.error.string()};
  if (!error.payload.isOpaque()) std::tie(answer.args, answer.kwargs) = std::move(error.payload).take();
  return answer;
}

// Whatever cannot be read is the callee's fault.
template <class Answered>
RouterCaller::Answer read(Answered message) {
  try {
    return answerOf(std::move(message));
  } catch (const Error& unreadable) {
    return {.error = std::string(error::kInvalidPayload), .args = {unreadable.what()}};
  }
}

}  // namespace

// ---- In one realm

CallerSession::CallerSession(PeerHost& host, std::shared_ptr<Realm> realm, Deadlines<Pending>& deadlines)
    : host_(host), realm_(std::move(realm)), session_(infoFor(*realm_)), deadlines_(deadlines) {
  session_.port = this;
  session_.realm = realm_.get();
}

CallerSession::~CallerSession() {
  for (auto& entry : pending_) deadlines_.clear(entry.second.deadline);
}

void CallerSession::call(std::string_view procedure, List args, std::chrono::milliseconds timeout,
                         Then then) {
  const Id request = ++session_.lastRequest;
  Pending& pending = pending_[request];
  pending.session = this;
  pending.request = request;
  pending.then = std::move(then);
  // Our own limit: the dealer leaves it to callees that want to handle timeouts themselves.
  deadlines_.set(pending.deadline, host_.now() + timeout, pending);
  const Problem problem = realm_->dealer().call(
      session_,
      message::Call{.request = request, .procedure = Text(procedure), .payload = Payload(std::move(args))},
      Permission::allowed());
  realm_->flush();
  if (problem) finish(request, {.error = std::string(error::kRuntimeError), .args = {*problem}});
}

void CallerSession::giveUp(Pending& pending) {
  deadlines_.clear(pending.deadline);
  if (!realm_->dealer().fail(session_, pending.request, error::kTimeout, "no answer in time")) {
    finish(pending.request, {.error = std::string(error::kTimeout)});
  }
  realm_->flush();
}

void CallerSession::deliver(RoutedMessage& message) {
  Message taken = message.take();
  if (auto* result = std::get_if<message::Result>(&taken)) {
    const Id request = result->request;
    finish(request, read(std::move(*result)));
  } else if (auto* error = std::get_if<message::Error>(&taken)) {
    const Id request = error->request;
    finish(request, read(std::move(*error)));
  }
}

void CallerSession::finish(Id request, RouterCaller::Answer answer) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  deadlines_.clear(found->second.deadline);
  const Then then = std::move(found->second.then);
  pending_.erase(found);
  // Later: we are in the middle of sending.
  host_.turns().run([then, answer = std::move(answer)] {
    try {
      then(answer);
    } catch (...) {
      kLog.error("exception in what waits for the router's call",
                 {{"error", util::describeException(std::current_exception())}});
    }
  });
}

// ---- In all of them

void CallerSessions::attach(PeerHost& host) {
  if (host_ != nullptr) throw InvalidState("this RouterCaller belongs to another router");
  host_ = &host;
}

void CallerSessions::detach() {
  host_ = nullptr;
  byRealm_.clear();
}

TimePoint CallerSessions::now() const { return host_ == nullptr ? TimePoint() : host_->now(); }

// Realms come and go, and those on demand have names that clients think up.
void CallerSessions::forgetIdle() {
  if (byRealm_.size() < 2 * looked_ + 16) return;
  std::erase_if(byRealm_, [](const auto& entry) { return entry.second->isIdle(); });
  looked_ = byRealm_.size();
}

CallerSession* CallerSessions::sessionIn(std::string_view realm) {
  forgetIdle();
  std::shared_ptr<Realm> there;
  try {
    there = host_->realmFor(realm);
  } catch (...) {
    kLog.error("exception in a rule for realms",
               {{"error", util::describeException(std::current_exception())}});
  }
  if (!there) return nullptr;
  std::unique_ptr<CallerSession>& session = byRealm_[std::string(realm)];
  // One that was removed has ended all its calls; there may be another of its name.
  if (!session || !session->isIn(*there))
    session = std::make_unique<CallerSession>(*host_, std::move(there), deadlines_);
  return session.get();
}

void CallerSessions::call(std::string_view realm, std::string_view procedure, List args,
                          std::chrono::milliseconds timeout, RouterCaller::Then then) {
  if (host_ == nullptr) return;
  // A turn of its own: whoever asks is in the middle of something, and so may the realm be.
  const auto begin = [this, name = std::string(realm), uri = std::string(procedure), args = std::move(args),
                      timeout, then = std::move(then)] {
    if (host_ == nullptr) return;
    if (CallerSession* session = sessionIn(name)) return session->call(uri, args, timeout, then);
    host_->turns().run([then] { then({.error = std::string(error::kNoSuchRealm)}); });
  };
  Turns& turns = host_->turns();
  turns.run([&turns, begin] { turns.run(begin); });
}

void CallerSessions::handleTimeout() {
  while (CallerSession::Pending* due = deadlines_.due(host_->now())) due->session->giveUp(*due);
}

}  // namespace router
}  // namespace autobahn::inline v0::wamp
