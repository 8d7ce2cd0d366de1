#include "autobahn/util/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace autobahn::inline v0::util {
namespace {

TEST(Random, BytesFillTheWholeSpanOfAnySize) {
  randomBytes({});
  for (const std::size_t size : {1u, 7u, 256u, 257u, 100000u}) {
    // Each position must change within a few draws; 2^-160 against a false alarm.
    std::vector<bool> seen(size);
    for (int draw = 0; draw < 20; ++draw) {
      std::string bytes(size, '\0');
      randomBytes(bytes);
      for (std::size_t i = 0; i < size; ++i) seen[i] = seen[i] || bytes[i] != '\0';
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), false), 0) << size;
  }
}

TEST(Random, MaskKeysDoNotRepeat) {
  // 3000 keys cross several refills. Two collisions or more by chance: less than one run in 10^5.
  std::set<std::uint32_t> keys;
  for (int i = 0; i < 3000; ++i) keys.insert(randomMaskKey());
  EXPECT_GE(keys.size(), 2998u);
}

TEST(Random, ThreadsDrawDifferentKeys) {
  std::array<std::vector<std::uint32_t>, 2> drawn;
  {
    std::vector<std::thread> threads;
    for (auto& mine : drawn) {
      threads.emplace_back([&mine] {
        for (int i = 0; i < 8; ++i) mine.push_back(randomMaskKey());
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_NE(drawn[0], drawn[1]);
}

TEST(Random, ForkedChildDoesNotRepeatTheParentsKeys) {
  randomMaskKey();  // a store that the child inherits
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  std::array<std::uint32_t, 8> keys{};
  for (auto& key : keys) key = randomMaskKey();
  if (child == 0) {
    const auto written = ::write(ends[1], keys.data(), sizeof keys);
    ::_exit(written == sizeof keys ? 0 : 1);
  }
  std::array<std::uint32_t, 8> childKeys{};
  ASSERT_EQ(::read(ends[0], childKeys.data(), sizeof childKeys), static_cast<ssize_t>(sizeof childKeys));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);
  for (const std::uint32_t key : childKeys) EXPECT_EQ(std::count(keys.begin(), keys.end(), key), 0);
}

TEST(Random, NewIdStaysInTheWampRangeAndUsesAllBits) {
  std::uint64_t any = 0;
  std::uint64_t all = ~std::uint64_t{0};
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t id = newId();
    ASSERT_GE(id, 1u);
    ASSERT_LE(id, std::uint64_t{1} << 53);
    any |= id - 1;
    all &= id - 1;
  }
  EXPECT_EQ(any, (std::uint64_t{1} << 53) - 1);
  EXPECT_EQ(all, 0u);
}

TEST(Random, TokensHaveAutobahnsShape) {
  EXPECT_EQ(kTokenCharset.size(), 27u);
  EXPECT_EQ(generateToken(0), "");
  const struct {
    std::string token, shape;
    std::string_view charset;
  } cases[] = {
      {generateToken(1), "xxxx", kTokenCharset},
      {generateToken(2, 3), "xxx-xxx", kTokenCharset},
      {generateToken(2, 2, "ab", "::"), "xx::xx", "ab"},
      {generateToken(5, 1), "xxxxx", kTokenCharset},
      {generateToken(2, 4, "ABC", "-", true), "xxxx-xxxx", "abc"},
      {generateActivationCode(), "xxxx-xxxx-xxxx", kTokenCharset},
      {generateSerialNumber(), "xxxx-xxxx-xxxx-xxxx-xxxx-xxxx", kTokenCharset},
      {generateUserPassword(), "xxxxxxxxxxxxxxxx", kPasswordCharset},
  };
  for (const auto& test : cases) {
    ASSERT_EQ(test.token.size(), test.shape.size()) << test.token;
    for (std::size_t i = 0; i < test.shape.size(); ++i) {
      if (test.shape[i] == 'x') {
        EXPECT_NE(test.charset.find(test.token[i]), std::string_view::npos) << test.token;
      } else {
        EXPECT_EQ(test.token[i], test.shape[i]) << test.token;
      }
    }
  }
}

TEST(Random, ImpossibleCharsetsAreRefused) {
  EXPECT_THROW(generateToken(1, 4, ""), std::invalid_argument);
  EXPECT_THROW(generateToken(1, 4, std::string(257, 'a')), std::invalid_argument);
  EXPECT_EQ(generateToken(1, 4, "a"), "aaaa");
}

TEST(Random, CharactersAreDrawnWithoutBias) {
  // 200 of 256 byte values: without rejection the first 56 characters would come twice as often.
  std::string charset;
  for (int i = 0; i < 200; ++i) charset += static_cast<char>(i);
  const std::string token = generateToken(200000, 1, charset);
  std::size_t low = 0;
  for (const char c : token) low += static_cast<unsigned char>(c) < 56 ? 1u : 0u;
  // Expected 56000, standard deviation 201; biased it would be 87500.
  EXPECT_GT(low, 54000u);
  EXPECT_LT(low, 58000u);
}

}  // namespace
}  // namespace autobahn::inline v0::util
