#include "rate_limiter.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace autobahn::inline v0::wamp::router {
namespace {

// How many guesses may be on their way at the same time, in bursts. What they cost is the same.
constexpr std::uint32_t kPeerCredit = 10;
constexpr std::uint32_t kAuthidCredit = 2;

constexpr std::size_t kNetworkSize = 8;    // the part of an IPv6 address that a site is given
constexpr std::size_t kMappedOffset = 12;  // where ::ffff:a.b.c.d has its a
constexpr std::string_view kMappedPrefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", kMappedOffset);

/// An address as those limits see it that are for a peer.
struct Address {
  std::string name;
  bool isLoopback = false;
};

Address addressOf(const std::string& text) {
  const auto ofIpv4 = [](std::string bytes) {
    const bool isLoopback = bytes.front() == '\x7f';
    return Address{std::move(bytes), isLoopback};
  };
  std::array<char, sizeof(in_addr)> four{};
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return ofIpv4({four.data(), four.size()});
  std::array<char, sizeof(in6_addr)> sixteen{};
  if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) != 1) return {text};
  const std::string_view bytes(sixteen.data(), sixteen.size());
  if (bytes.starts_with(kMappedPrefix)) return ofIpv4(std::string(bytes.substr(kMappedOffset)));
  const bool isLoopback = bytes.back() == 1 && bytes.find_first_not_of('\0') == bytes.size() - 1;
  return {std::string(bytes.substr(0, kNetworkSize)), isLoopback};
}

}  // namespace

// ---- Buckets

std::chrono::milliseconds TokenBuckets::wait(std::uint64_t key, TimePoint now, std::uint32_t credit) const {
  if (!hasLimit()) return {};
  const auto found = byKey_.find(key);
  if (found == byKey_.end()) return {};
  const auto wait = found->second->full - now - (std::int64_t{limit_.burst} * credit - 1) * limit_.interval;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(wait), std::chrono::milliseconds(0));
}

void TokenBuckets::take(std::uint64_t key, TimePoint now) {
  if (!hasLimit() || maxEntries_ == 0) return;
  TimePoint full = now;
  if (const auto found = byKey_.find(key); found != byKey_.end()) {
    full = std::max(full, found->second->full);
    buckets_.splice(buckets_.end(), buckets_, found->second);
    found->second->full = full + limit_.interval;
  } else {
    buckets_.push_back({key, full + limit_.interval});
    byKey_.emplace(key, std::prev(buckets_.end()));
  }
  // Two for one: in the end those that are full are gone.
  for (int i = 0; i < 2 && buckets_.front().full <= now; ++i) forget(buckets_.begin());
  if (buckets_.size() > maxEntries_) forget(buckets_.begin());
}

void TokenBuckets::giveBack(std::uint64_t key) {
  if (const auto found = byKey_.find(key); found != byKey_.end()) found->second->full -= limit_.interval;
}

void TokenBuckets::forget(std::list<Bucket>::iterator bucket) {
  byKey_.erase(bucket->key);
  buckets_.erase(bucket);
}

// ---- Limits

RateLimiter::RateLimiter(const AuthenticationLimits& limits)
    : limitLoopback_(limits.limitLoopback),
      attempts_{{limits.attemptsPerPeer, limits.maxEntries},
                {limits.attemptsPerAuthid, limits.maxEntries},
                "too many attempts to join"},
      failures_{{limits.failuresPerPeer, limits.maxEntries},
                {limits.failuresPerAuthid, limits.maxEntries},
                "too many failed attempts to join"} {}

RateLimiter::Who RateLimiter::identify(const PeerDetails& peer, std::string_view realm,
                                       const std::optional<std::string>& authid) const {
  Who who;
  if (!peer.address.empty()) {
    const Address address = addressOf(peer.address);
    if (!address.isLoopback || limitLoopback_) who.peer = hash_(address.name);
  }
  // A realm's name holds no NUL: no two pairs are the same text.
  if (authid) who.authid = hash_(std::string(realm).append(1, '\0').append(*authid));
  return who;
}

std::optional<std::string> RateLimiter::Limits::whyNot(const Who& who, TimePoint now, bool hasCredit) const {
  const auto no = [this](const char* of, std::chrono::milliseconds wait) {
    return std::string(what) + of + ": again in " +
           std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) + " s";
  };
  if (who.peer) {
    const auto wait = peers.wait(*who.peer, now, hasCredit ? kPeerCredit : 1);
    if (wait.count() > 0) return no(" from your address", wait);
  }
  if (who.authid) {
    const auto wait = authids.wait(*who.authid, now, hasCredit ? kAuthidCredit : 1);
    if (wait.count() > 0) return no(" with this authid", wait);
  }
  return std::nullopt;
}

void RateLimiter::Limits::take(const Who& who, TimePoint now) {
  if (who.peer) peers.take(*who.peer, now);
  if (who.authid) authids.take(*who.authid, now);
}

std::optional<std::string> RateLimiter::tryAttempt(const Who& who, TimePoint now) {
  std::optional<std::string> why = attempts_.whyNot(who, now, false);
  if (!why) why = failures_.whyNot(who, now, false);
  // Whoever is refused takes nothing from a name.
  if (!why) attempts_.take(who, now);
  return why;
}

std::optional<std::string> RateLimiter::tryGuess(const Who& who, TimePoint now) {
  std::optional<std::string> why = failures_.whyNot(who, now, true);
  if (!why) failures_.take(who, now);
  return why;
}

void RateLimiter::guessWasGood(const Who& who) {
  if (who.peer) failures_.peers.giveBack(*who.peer);
  if (who.authid) failures_.authids.giveBack(*who.authid);
}

void RateLimiter::countFailure(const Who& who, TimePoint now) { failures_.take(who, now); }

std::size_t RateLimiter::size() const {
  return attempts_.peers.size() + attempts_.authids.size() + failures_.peers.size() +
         failures_.authids.size();
}

}  // namespace autobahn::inline v0::wamp::router
