#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router.hpp>
#include <map>
#include <unordered_map>

#include "caller_sessions.hpp"
#include "realm.hpp"
#include "router_session.hpp"

namespace autobahn::inline v0::wamp {

using router::Realm;
using router::RouterPeer;

class Router::Impl : public router::PeerHost, public router::RealmHost {
 public:
  explicit Impl(RouterOptions options)
      : options_(std::move(options)), rateLimiter_(options_.authenticationLimits) {
    if (!options_.caller) return;
    caller_ = router::CallerSessions::of(*options_.caller);
    caller_->attach(*this);
  }
  ~Impl() override {
    if (caller_) caller_->detach();
  }

  // PeerHost
  router::Turns& turns() override { return turns_; }
  TimePoint now() const override { return clock_.now; }
  const RouterOptions& options() const override { return options_; }
  router::Deadlines<RouterPeer>& deadlines() override { return deadlines_; }
  std::shared_ptr<Realm> realmFor(std::string_view name) override;
  router::RateLimiter& rateLimiter() override { return rateLimiter_; }
  bool isClosing() const override { return isClosing_; }
  void forget(RouterPeer& peer) override { peers_.erase(&peer); }

  // RealmHost
  router::Deadlines<router::Call>& callDeadlines() override { return callDeadlines_; }
  router::Deadlines<router::Session>& suspensionDeadlines() override { return suspensionDeadlines_; }
  void emptied(Realm& realm) override;
  bool takesBack(Realm& realm) override;

  std::shared_ptr<Realm> add(RealmOptions options, bool isMadeByRule = false);
  void dropUnused();
  void remove(const std::string& name, std::string_view reason, const std::string& message);

  RouterOptions options_;
  router::RateLimiter rateLimiter_;
  router::Turns turns_;
  router::Deadlines<RouterPeer> deadlines_;
  router::Deadlines<router::Call> callDeadlines_;
  router::Deadlines<router::Session> suspensionDeadlines_;
  router::Clock clock_;
  std::shared_ptr<router::CallerSessions> caller_;  ///< nullptr: nobody calls
  bool isClosing_ = false;
  std::map<std::string, std::shared_ptr<Realm>, std::less<>> realms_;
  std::unordered_map<RouterPeer*, std::shared_ptr<RouterPeer>> peers_;
};

std::shared_ptr<Realm> Router::Impl::add(RealmOptions options, bool isMadeByRule) {
  const std::string name = options.name;
  auto realm = std::make_shared<Realm>(std::move(options), clock_, turns_, *this, isMadeByRule);
  realms_.emplace(name, realm);
  return realm;
}

std::shared_ptr<Realm> Router::Impl::realmFor(std::string_view name) {
  if (const auto found = realms_.find(name); found != realms_.end()) return found->second;
  if (!options_.makeRealm) return nullptr;
  if (realms_.size() >= options_.maxRealms) dropUnused();
  if (realms_.size() >= options_.maxRealms) return nullptr;
  std::optional<RealmOptions> made = options_.makeRealm(name);
  if (!made) return nullptr;
  made->name = name;
  return add(std::move(*made), true);
}

// Those that were asked for by clients who did not get in.
void Router::Impl::dropUnused() {
  std::erase_if(realms_, [](const auto& entry) {
    const std::shared_ptr<Realm>& realm = entry.second;
    // Others have it while they authenticate.
    return realm->isMadeByRule() && realm->isOfNoUse() && realm.use_count() == 1;
  });
}

// Looked at when the work that goes on is done: another may join in between.
void Router::Impl::emptied(Realm& realm) {
  if (!realm.isMadeByRule()) return;
  turns_.run([this, weak = realm.weak_from_this()] {
    const std::shared_ptr<Realm> there = weak.lock();
    if (!there || !there->isOfNoUse()) return;
    const auto found = realms_.find(there->options().name);
    if (found == realms_.end() || found->second != there) return;
    there->setRemoved(true);
    realms_.erase(found);
  });
}

bool Router::Impl::takesBack(Realm& realm) {
  if (!realm.isMadeByRule() || !realms_.try_emplace(realm.options().name, realm.shared_from_this()).second) {
    return false;
  }
  realm.setRemoved(false);
  return true;
}

void Router::Impl::remove(const std::string& name, std::string_view reason, const std::string& message) {
  auto entry = realms_.extract(name);
  if (entry.empty()) return;
  const std::shared_ptr<Realm> realm = std::move(entry.mapped());
  realm->removeForGood();
  realm->killAll(reason, message);
  realm->flush();
}

Router::Router(RouterOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Router::~Router() {
  for (const auto& entry : impl_->peers_) entry.second->detach();
}

void Router::addRealm(RealmOptions options) {
  if (!isValidUri(options.name)) throw InvalidState("the realm's name is no URI: " + options.name);
  if (hasRealm(options.name)) throw InvalidState("there is a realm " + options.name + " already");
  impl_->add(std::move(options));
}

void Router::removeRealm(std::string_view name, std::string_view reason, std::string message) {
  impl_->turns_.run([impl = impl_.get(), name = std::string(name), reason = std::string(reason),
                     message = std::move(message)] { impl->remove(name, reason, message); });
}

bool Router::hasRealm(std::string_view name) const { return impl_->realms_.contains(name); }

std::size_t Router::sessionCount(std::string_view realm) const {
  const auto found = impl_->realms_.find(realm);
  return found == impl_->realms_.end() ? 0 : found->second->sessions().size();
}

void Router::setTime(TimePoint now, std::chrono::system_clock::time_point wall) {
  impl_->clock_ = {now, wall};
}

std::optional<Router::TimePoint> Router::nextDeadline() const {
  const auto next = router::earlier(router::earlier(impl_->deadlines_.next(), impl_->callDeadlines_.next()),
                                    impl_->suspensionDeadlines_.next());
  return impl_->caller_ ? router::earlier(next, impl_->caller_->nextDeadline()) : next;
}

void Router::handleTimeout() {
  impl_->turns_.run([impl = impl_.get()] {
    while (RouterPeer* peer = impl->deadlines_.due(impl->clock_.now)) peer->handleTimeout();
    while (router::Call* call = impl->callDeadlines_.due(impl->clock_.now)) {
      call->caller->realm->handleTimeout(*call);
    }
    while (router::Session* session = impl->suspensionDeadlines_.due(impl->clock_.now)) {
      session->realm->leave(*session);
    }
    if (impl->caller_) impl->caller_->handleTimeout();
  });
}

void Router::watchTurns(std::function<void()> begins, std::function<void()> ends) {
  impl_->turns_.watch(std::move(begins), std::move(ends));
}

std::shared_ptr<RouterSession> Router::attach(RouterTransport& transport) {
  auto peer = std::make_shared<RouterPeer>(*impl_, transport);
  impl_->peers_.emplace(peer.get(), peer);
  try {
    impl_->turns_.run([&peer] { peer->start(); });
  } catch (...) {  // out of memory: the caller does not get it, and its transport goes
    peer->detach();
    impl_->peers_.erase(peer.get());
    throw;
  }
  return peer;
}

void Router::close(std::string_view reason, std::string message) {
  impl_->turns_.run([impl = impl_.get(), reason = std::string(reason), message = std::move(message)] {
    impl->isClosing_ = true;
    for (const auto& entry : impl->peers_) entry.second->shutDown(reason, message);
    for (const auto& entry : impl->realms_) {
      entry.second->killAll(reason, message);
      entry.second->flush();
    }
  });
}

std::size_t Router::transportCount() const { return impl_->peers_.size(); }

RouterStatistics Router::statistics() const {
  RouterStatistics made{.transports = transportCount()};
  for (const auto& entry : impl_->realms_) made.realms.push_back(entry.second->statistics());
  return made;
}

}  // namespace autobahn::inline v0::wamp
