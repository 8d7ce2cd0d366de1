// Secrets are overwritten before their memory goes back: operator delete[] looks.
#include <gtest/gtest.h>

#include <algorithm>
#include <autobahn/wamp/auth/secret.hpp>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace {

// Blocks of this size, which nothing else here asks for, are looked at when they are given back.
constexpr std::size_t kWatched = 977;
char* watched = nullptr;
int givenBack = 0;
int givenBackClean = 0;

}  // namespace

void* operator new[](std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  if (size == kWatched) watched = static_cast<char*>(memory);
  return memory;
}

void operator delete[](void* memory) noexcept {
  if (memory != nullptr && memory == watched) {
    ++givenBack;
    if (std::all_of(watched, watched + kWatched, [](char c) { return c == '\0'; })) ++givenBackClean;
    watched = nullptr;
  }
  std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept { operator delete[](memory); }

namespace autobahn::wamp {
namespace {

const std::string kText(kWatched, 'k');

class Secrets : public ::testing::Test {
 protected:
  Secrets() { givenBack = givenBackClean = 0; }
  /// So many secrets have gone since the test began, all of them overwritten.
  static void expectGone(int count) {
    EXPECT_EQ(givenBack, count);
    EXPECT_EQ(givenBackClean, count);
  }
};

TEST_F(Secrets, AreOverwrittenWhenTheyEnd) {
  {
    const Secret secret = Secret::copyOf(kText);
    EXPECT_EQ(secret.view(), kText);
    expectGone(0);
  }
  expectGone(1);
}

TEST_F(Secrets, AreOverwrittenWhenOthersTakeTheirPlace) {
  Secret secret = Secret::copyOf(kText);
  secret = Secret::copyOf("another");
  expectGone(1);
  EXPECT_EQ(secret.view(), "another");
}

TEST_F(Secrets, MoveWithoutACopy) {
  Secret secret = Secret::random(kWatched);
  const std::string text(secret.view());
  const char* const place = secret.view().data();
  Secret moved = std::move(secret);
  EXPECT_EQ(moved.view().data(), place);
  EXPECT_EQ(moved.view(), text);
  expectGone(0);
  moved = Secret();
  expectGone(1);
}

TEST_F(Secrets, TakeOverwritesWhatItTakes) {
  std::string text = kText;
  const char* const place = text.data();
  const Secret secret = Secret::take(std::move(text));
  EXPECT_EQ(secret.view(), kText);
  EXPECT_TRUE(text.empty());
  // The string keeps its memory while it lives.
  EXPECT_EQ(std::count(place, place + kWatched, '\0'), static_cast<std::ptrdiff_t>(kWatched));
}

TEST_F(Secrets, WipeOverwritesAString) {
  std::string text = kText;
  const char* const place = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::count(place, place + kWatched, '\0'), static_cast<std::ptrdiff_t>(kWatched));
}

}  // namespace
}  // namespace autobahn::wamp
