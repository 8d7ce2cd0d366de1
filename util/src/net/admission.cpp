#include <autobahn/util/net/admission.hpp>

namespace autobahn::inline v0::util {

namespace {

/// So many connections over a limit are answered 503; the rest are just closed.
constexpr std::size_t kToldBusy = 64;

Admission::Verdict judge(std::size_t count, std::size_t limit) {
  if (limit == 0 || count <= limit) return Admission::Verdict::welcome;
  return count <= limit + kToldBusy ? Admission::Verdict::busy : Admission::Verdict::overrun;
}

}  // namespace

Admission::Verdict Admission::enter(std::size_t limit) {
  return judge(total_.fetch_add(1, std::memory_order_relaxed) + 1, limit);
}

void Admission::leave() { total_.fetch_sub(1, std::memory_order_relaxed); }

Admission::Verdict Admission::enterAddress(const std::string& address, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  return judge(++perAddress_[address], limit);
}

void Admission::leaveAddress(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = perAddress_.find(address);
  if (found != perAddress_.end() && --found->second == 0) perAddress_.erase(found);
}

}  // namespace autobahn::inline v0::util
