#include "suspension.hpp"

#include <utility>

#include "../messages/parts.hpp"
#include "session.hpp"

namespace autobahn::inline v0::wamp::router {

bool Suspension::fits(std::size_t octets) const {
  const ResumptionOptions& limits = all_.options_;
  const auto isWithin = [octets](std::size_t have, std::size_t most) {
    return have <= most && octets <= most - have;
  };
  return messages_.size() < limits.maxMessages && isWithin(octets_, limits.maxOctets) &&
         isWithin(all_.octets_, limits.maxTotalOctets);
}

void Suspension::deliver(RoutedMessage& message) {
  if (isOverfull_) return;
  const std::size_t octets = sizeof(Message) + heldOctets(message.message());
  if (!fits(octets)) {
    isOverfull_ = true;
    clear();
    all_.onOverfull_(session_);
    return;
  }
  messages_.push_back(message.take());
  octets_ += octets;
  all_.octets_ += octets;
}

void Suspension::clear() {
  messages_ = {};
  all_.octets_ -= std::exchange(octets_, 0);
}

Suspensions::Suspensions(const ResumptionOptions& options, const Clock& clock, Deadlines<Session>& deadlines,
                         std::function<void(const Session&)> onOverfull)
    : options_(options), clock_(clock), deadlines_(deadlines), onOverfull_(std::move(onOverfull)) {}

bool Suspensions::begin(Session& session) {
  if (count_ >= options_.maxSessions) return false;
  const auto found = byAuthid_.find(session.info.authid);
  const std::size_t ofSame = found == byAuthid_.end() ? 0 : found->second;
  if (ofSame >= options_.maxSessionsPerAuthid) return false;
  ++count_;
  ++byAuthid_[session.info.authid];
  session.suspension = std::make_unique<Suspension>(session, *this);
  session.port = session.suspension.get();
  deadlines_.set(session.suspension->deadline_, clock_.now + options_.timeout, session);
  return true;
}

std::vector<Message> Suspensions::end(Session& session) {
  Suspension* const stay = session.suspension.get();
  if (stay == nullptr || !stay->deadline_) return {};
  deadlines_.clear(stay->deadline_);
  std::vector<Message> waiting = std::move(stay->messages_);
  stay->clear();
  stay->isOverfull_ = true;  // takes no more
  --count_;
  const auto found = byAuthid_.find(session.info.authid);
  if (--found->second == 0) byAuthid_.erase(found);
  return waiting;
}

}  // namespace autobahn::inline v0::wamp::router
