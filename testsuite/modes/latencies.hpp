// How long things took: percentiles of any number of times in constant space.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace wstest {

/// A histogram whose buckets are 1/64 of their value wide: percentiles are right to 1.6 %.
class Latencies {
 public:
  void add(std::chrono::nanoseconds time) {
    const auto value = static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count());
    ++buckets_[bucketOf(value)];
    ++count_;
    if (value > most_) most_ = value;
  }
  void add(const Latencies& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    if (other.most_ > most_) most_ = other.most_;
  }

  std::uint64_t count() const { return count_; }
  /// The time that `share` (0.99) of all did not exceed, in ms; 0 when there are none.
  double percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted && seen > 0) return std::min(toMilliseconds(endOf(i)), toMilliseconds(most_));
    }
    return 0;
  }
  double most() const { return toMilliseconds(most_); }

 private:
  static constexpr unsigned kBits = 6;  // 64 buckets from one power of two to the next
  static constexpr std::uint64_t kLinear = std::uint64_t{1} << kBits;

  static std::size_t bucketOf(std::uint64_t value) {
    if (value < kLinear) return static_cast<std::size_t>(value);
    const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
    return (exponent - kBits + 1) * kLinear +
           static_cast<std::size_t>((value >> (exponent - kBits)) - kLinear);
  }
  /// The largest value of a bucket.
  static std::uint64_t endOf(std::size_t bucket) {
    if (bucket < kLinear) return bucket;
    const auto shift = static_cast<unsigned>(bucket / kLinear) - 1;
    return ((bucket % kLinear + kLinear + 1) << shift) - 1;
  }
  static double toMilliseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

  std::array<std::uint64_t, (64 - kBits + 1) * kLinear> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace wstest
