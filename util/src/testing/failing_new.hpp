// For tests of what happens when memory runs out. Replaces the program's operator new: include it in exactly
// one source of a program.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <thread>

namespace autobahn::inline v0::util::testing {

/// Whether one allocation fails, or that one and all that follow: memory that is gone for a moment, and for
/// good.
enum class Shortage : std::uint8_t { once, lasting };

/// What the operators below count, and when they fail. Of one thread at a time.
struct Heap {
  std::ptrdiff_t live = 0;       ///< allocations that were not given back
  std::size_t untilFailure = 0;  ///< which allocation from here on fails, from 1; 0: none
  Shortage shortage = Shortage::once;
  std::size_t failures = 0;

  bool mayAllocate() {
    if (untilFailure == 0) return true;
    if (untilFailure > 1) {
      --untilFailure;
      return true;
    }
    ++failures;
    if (shortage == Shortage::once) untilFailure = 0;
    return false;
  }
};
inline Heap heap;

/// Memory is short while this lives.
class ShortMemory {
 public:
  ShortMemory(std::size_t failingAllocation, Shortage shortage) {
    heap.failures = 0;
    heap.shortage = shortage;
    heap.untilFailure = failingAllocation;
  }
  ~ShortMemory() { heap.untilFailure = 0; }
  ShortMemory(const ShortMemory&) = delete;
  ShortMemory& operator=(const ShortMemory&) = delete;

  bool hasFailed() const { return heap.failures != 0; }
};

/// What a test does for itself in between does not count.
class PlentyOfMemory {
 public:
  PlentyOfMemory() : before_(heap.untilFailure) { heap.untilFailure = 0; }
  ~PlentyOfMemory() { heap.untilFailure = before_; }
  PlentyOfMemory(const PlentyOfMemory&) = delete;
  PlentyOfMemory& operator=(const PlentyOfMemory&) = delete;

 private:
  std::size_t before_;
};

/// Runs `attempt` with the first allocation failing, the second, and so on, until one goes through that needs
/// no more; then the same with memory that stays away. Each runs in a thread of its own, so that what threads
/// keep is gone afterwards: nothing may be left. `attempt` says whether an allocation has failed.
inline void failEachAllocation(const std::string& what,
                               const std::function<bool(std::size_t, Shortage)>& attempt) {
  constexpr std::size_t kMost = 20'000;
  bool failed = false;
  // What is left: nothing, or what is made once for all, for which it is done again.
  const auto leaves = [&](std::size_t at, Shortage shortage) {
    std::ptrdiff_t left = 0;
    for (int runs = 0; runs == 0 || (runs == 1 && left != 0); ++runs) {
      const std::ptrdiff_t before = heap.live;
      std::thread([&] { failed = attempt(at, shortage); }).join();
      left = heap.live - before;
    }
    return left;
  };
  if (::testing::Test::HasFailure()) return;
  for (const Shortage shortage : {Shortage::once, Shortage::lasting}) {
    std::size_t at = 0;
    do {
      ASSERT_LT(at, kMost) << what << " does not come to an end";
      const std::ptrdiff_t left = leaves(at, shortage);
      SCOPED_TRACE(what + ", when allocation " + std::to_string(at) + " fails" +
                   (shortage == Shortage::once ? "" : " and all that follow"));
      ASSERT_FALSE(::testing::Test::HasFailure());
      ASSERT_EQ(left, 0) << "allocations are not given back";
      ASSERT_TRUE(at != 0 || !failed) << "it fails with all the memory it wants";
    } while (at++ == 0 || failed);
    EXPECT_GT(at, 2U) << what << " allocates nothing: what is tested here?";
  }
}

inline void* allocate(std::size_t size) noexcept {
  if (!heap.mayAllocate()) return nullptr;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) ++heap.live;
  return memory;
}
inline void* allocateOrThrow(std::size_t size) {
  void* const memory = allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
inline void give(void* memory) noexcept {
  if (memory != nullptr) --heap.live;
  std::free(memory);
}

}  // namespace autobahn::inline v0::util::testing

void* operator new(std::size_t size) { return autobahn::util::testing::allocateOrThrow(size); }
void* operator new[](std::size_t size) { return autobahn::util::testing::allocateOrThrow(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return autobahn::util::testing::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return autobahn::util::testing::allocate(size);
}
void operator delete(void* memory) noexcept { autobahn::util::testing::give(memory); }
void operator delete[](void* memory) noexcept { autobahn::util::testing::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { autobahn::util::testing::give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { autobahn::util::testing::give(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { autobahn::util::testing::give(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  autobahn::util::testing::give(memory);
}
