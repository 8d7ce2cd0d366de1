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

class Router::Impl : public router::PeerHost {
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

  std::shared_ptr<Realm> add(RealmOptions options);

  RouterOptions options_;
  router::RateLimiter rateLimiter_;
  router::Turns turns_;
  router::Deadlines<RouterPeer> deadlines_;
  router::Clock clock_;
  std::shared_ptr<router::CallerSessions> caller_;  ///< nullptr: nobody calls
  bool isClosing_ = false;
  std::map<std::string, std::shared_ptr<Realm>, std::less<>> realms_;
  std::unordered_map<RouterPeer*, std::shared_ptr<RouterPeer>> peers_;
};

std::shared_ptr<Realm> Router::Impl::add(RealmOptions options) {
  const std::string name = options.name;
  auto realm = std::make_shared<Realm>(std::move(options), clock_, turns_);
  realms_.emplace(name, realm);
  return realm;
}

std::shared_ptr<Realm> Router::Impl::realmFor(std::string_view name) {
  if (const auto found = realms_.find(name); found != realms_.end()) return found->second;
  if (!options_.makeRealm || realms_.size() >= options_.maxRealms) return nullptr;
  std::optional<RealmOptions> made = options_.makeRealm(name);
  if (!made) return nullptr;
  made->name = name;
  return add(std::move(*made));
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

bool Router::hasRealm(std::string_view name) const { return impl_->realms_.contains(name); }

std::size_t Router::sessionCount(std::string_view realm) const {
  const auto found = impl_->realms_.find(realm);
  return found == impl_->realms_.end() ? 0 : found->second->sessions().size();
}

void Router::setTime(TimePoint now, std::chrono::system_clock::time_point wall) {
  impl_->clock_ = {now, wall};
}

std::optional<Router::TimePoint> Router::nextDeadline() const {
  std::optional<TimePoint> next = impl_->deadlines_.next();
  for (const auto& entry : impl_->realms_) next = router::earlier(next, entry.second->nextDeadline());
  return impl_->caller_ ? router::earlier(next, impl_->caller_->nextDeadline()) : next;
}

void Router::handleTimeout() {
  impl_->turns_.run([impl = impl_.get()] {
    while (RouterPeer* peer = impl->deadlines_.due(impl->clock_.now)) peer->handleTimeout();
    for (const auto& entry : impl->realms_) entry.second->handleTimeout();
    if (impl->caller_) impl->caller_->handleTimeout();
  });
}

void Router::watchTurns(std::function<void()> begins, std::function<void()> ends) {
  impl_->turns_.watch(std::move(begins), std::move(ends));
}

std::shared_ptr<RouterSession> Router::attach(RouterTransport& transport) {
  auto peer = std::make_shared<RouterPeer>(*impl_, transport);
  impl_->peers_.emplace(peer.get(), peer);
  impl_->turns_.run([&peer] { peer->start(); });
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

}  // namespace autobahn::inline v0::wamp
