// How a figure about bytes is told: GB/s, and as a multiple of memcpy of as many bytes in the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace bench {

/// Bytes at a place of our choice, so that it is not the allocator who decides whether source and target of a
/// copy lie in each other's way.
class Room {
 public:
  /// They begin `offset` behind the beginning of a page.
  explicit Room(std::size_t size, std::size_t offset = 0) : bytes_(size + kPage + offset, 'r') {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    data_ = bytes_.data() + (kPage - address % kPage) % kPage + offset;
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  char* data() const { return data_; }

 private:
  static constexpr std::size_t kPage = 4096;
  std::string bytes_;
  char* data_;
};

/// The reference.
class Memcpy {
 public:
  explicit Memcpy(std::size_t size) : size_(size), source_(size), target_(size, 2048) {}
  void operator()() const {
    std::memcpy(target_.data(), source_.data(), size_);
    benchmark::ClobberMemory();
  }

 private:
  std::size_t size_;
  Room source_, target_;
};

/// Nanoseconds of one call, on the average of some.
template <class Work>
double timeOf(const Work& work, int calls) {
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count() / calls;
}

/// Runs `work` on `size` bytes for the iterations of `state`, then again in turn with memcpy, in slices of
/// some microseconds of which the quickest counts: others use the machine too.
template <class Work>
void measureRate(benchmark::State& state, std::size_t size, const Work& work) {
  for ([[maybe_unused]] auto _ : state) work();
  const Memcpy copy(size);
  constexpr int kSlices = 80;
  const int calls = static_cast<int>(std::max<std::size_t>(1, 100'000 / (size + 50)));
  double best = std::numeric_limits<double>::max();
  double bestCopy = best;
  for (int i = 0; i < kSlices; ++i) {
    // The first call fetches into the cache what the other one has thrown out.
    work();
    best = std::min(best, timeOf(work, calls));
    copy();
    bestCopy = std::min(bestCopy, timeOf(copy, calls));
  }
  state.counters["GB/s"] = static_cast<double>(size) / best;
  state.counters["memcpys"] = bestCopy / best;
}

}  // namespace bench
