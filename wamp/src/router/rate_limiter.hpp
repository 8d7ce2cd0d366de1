// Counts how often clients try to get in.
#pragma once

#include <autobahn/wamp/router/rate_limits.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "deadlines.hpp"
#include "keyed_hash.hpp"

namespace autobahn::inline v0::wamp::router {

/// Token buckets under one limit. A bucket is the time at which it will be full again; full ones need not be
/// kept. At most `maxEntries` are: then the one used longest ago goes.
class TokenBuckets {
 public:
  TokenBuckets(RateLimit limit, std::size_t maxEntries) : limit_(limit), maxEntries_(maxEntries) {}

  /// How long until there is a token for `key`; 0: there is one. `credit`: as if the bucket were so many
  /// times as large.
  std::chrono::milliseconds wait(std::uint64_t key, TimePoint now, std::uint32_t credit = 1) const;
  /// Also when there is none: it is missing later.
  void take(std::uint64_t key, TimePoint now);
  void giveBack(std::uint64_t key);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::uint64_t key;
    TimePoint full;
  };

  void forget(std::list<Bucket>::iterator bucket);
  bool hasLimit() const { return limit_.burst != 0; }

  RateLimit limit_;
  std::size_t maxEntries_;
  std::list<Bucket> buckets_;  ///< that used longest ago first
  std::unordered_map<std::uint64_t, std::list<Bucket>::iterator> byKey_;
};

/// AuthenticationLimits at work.
class RateLimiter {
 public:
  explicit RateLimiter(const AuthenticationLimits& limits);

  /// Whose tokens are taken.
  struct Who {
    std::optional<std::uint64_t> peer{};
    std::optional<std::uint64_t> authid{};
  };
  Who identify(const PeerDetails& peer, std::string_view realm,
               const std::optional<std::string>& authid) const;

  /// Counts an attempt, or says why there may be none.
  std::optional<std::string> tryAttempt(const Who& who, TimePoint now);
  /// Counts a failure, before it is known to be one, or says why there may be none. Some more are let
  /// through than tokens are left: many may join at the same time, from one address, and succeed.
  std::optional<std::string> tryGuess(const Who& who, TimePoint now);
  /// It was none.
  void guessWasGood(const Who& who);
  void countFailure(const Who& who, TimePoint now);

  /// Peers and names that are kept in mind.
  std::size_t size() const;

 private:
  /// Two tables for one thing that is counted.
  struct Limits {
    TokenBuckets peers;
    TokenBuckets authids;
    const char* what;

    std::optional<std::string> whyNot(const Who& who, TimePoint now, bool hasCredit) const;
    void take(const Who& who, TimePoint now);
  };

  bool limitLoopback_;
  KeyedHash hash_;
  Limits attempts_;
  Limits failures_;
};

}  // namespace autobahn::inline v0::wamp::router
