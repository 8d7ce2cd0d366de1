#include "autobahn/wamp/auth/secret.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

namespace autobahn::inline v0::wamp {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_constructible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(Secret, HoldsAndMoves) {
  Secret a = Secret::copyOf("password");
  EXPECT_EQ(a.view(), "password");
  Secret b = std::move(a);
  EXPECT_EQ(b.view(), "password");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(a.view(), "");
  Secret c = b.clone();
  b = Secret::copyOf("x");
  EXPECT_EQ(c.view(), "password");
  EXPECT_EQ(b.view(), "x");
  Secret& self = b;
  b = std::move(self);
  EXPECT_EQ(b.view(), "x");
}

TEST(Secret, TakeOverwritesTheSourceWithItsWholeStore) {
  for (const std::size_t size : {std::size_t{8}, std::size_t{200}}) {
    std::string text(size, 's');
    text.resize(size - 4);  // four letters remain behind the end
    const char* const data = text.data();
    EXPECT_EQ(Secret::take(std::move(text)).size(), size - 4);
    EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(std::string_view(data, size), std::string(size, '\0'));
  }
}

TEST(Secret, RandomSecretsDiffer) {
  EXPECT_EQ(Secret::random(32).size(), 32U);
  EXPECT_NE(Secret::random(32).view(), Secret::random(32).view());
  EXPECT_TRUE(Secret::random(0).empty());
}

// What lay in `watched` when it was given back.
const void* watched = nullptr;
std::string left;

TEST(Secret, IsOverwrittenWhenDestroyedAndWhenReplaced) {
  for (const bool replaced : {false, true}) {
    auto secret = std::make_unique<Secret>(Secret::copyOf("password"));
    watched = secret->view().data();
    left.assign(8, '?');
    if (replaced) *secret = Secret::copyOf("another");
    if (!replaced) secret.reset();
    EXPECT_EQ(watched, nullptr) << "not given back";
    EXPECT_EQ(left, std::string(8, '\0')) << replaced;
  }
}

}  // namespace
}  // namespace autobahn::inline v0::wamp

// The array forms, which are what Secret uses.
void* operator new[](std::size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete[](void* memory) noexcept {
  using namespace autobahn::wamp;
  if (memory != nullptr && memory == watched) {
    watched = nullptr;
    left.assign(static_cast<const char*>(memory), 8);
  }
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept { operator delete[](memory); }
