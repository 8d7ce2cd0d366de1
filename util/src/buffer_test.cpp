#include "autobahn/util/buffer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace autobahn::inline v0::util {
namespace {

TEST(ByteBuffer, GrowsAndKeepsItsContent) {
  ByteBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
  std::string expected;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string piece(i, static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
    ASSERT_EQ(buffer.view(), expected);
  }
  EXPECT_GE(buffer.capacity(), buffer.size());
  EXPECT_LE(buffer.capacity(), 2 * buffer.size() + 256);
}

TEST(ByteBuffer, SpaceIsWritableAndBecomesContentByCommit) {
  ByteBuffer buffer;
  buffer.append("head ");
  const std::span<char> space = buffer.space(1000);
  ASSERT_GE(space.size(), 1000u);
  std::fill_n(space.begin(), 1000, 'x');
  EXPECT_EQ(buffer.view(), "head ");
  buffer.commit(3);
  EXPECT_EQ(buffer.view(), "head xxx");
}

TEST(ByteBuffer, ClearKeepsTheMemoryTruncateOnlyShortens) {
  ByteBuffer buffer;
  buffer.append("abcdef");
  const std::size_t capacity = buffer.capacity();
  buffer.truncate(10);
  EXPECT_EQ(buffer.view(), "abcdef");
  buffer.truncate(2);
  EXPECT_EQ(buffer.view(), "ab");
  buffer.append("");
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), capacity);
}

TEST(ByteBuffer, MovedFromBufferIsEmptyAndUsable) {
  ByteBuffer buffer;
  buffer.append("abc");
  ByteBuffer other = std::move(buffer);
  EXPECT_EQ(other.view(), "abc");
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.capacity(), 0u);
  buffer.append("d");
  EXPECT_EQ(buffer.view(), "d");
}

TEST(BufferPool, GivesMemoryBackEmpty) {
  BufferPool pool;
  EXPECT_EQ(pool.take().capacity(), 0u);
  ByteBuffer buffer;
  buffer.append("secret");
  const char* memory = buffer.data();
  const std::size_t capacity = buffer.capacity();
  pool.give(std::move(buffer));
  ByteBuffer again = pool.take();
  EXPECT_EQ(again.data(), memory);
  EXPECT_EQ(again.capacity(), capacity);
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(pool.take().capacity(), 0u);
}

TEST(BufferPool, KeepsFewBuffersAndFewBytes) {
  BufferPool pool;
  for (int i = 0; i < 20; ++i) {
    ByteBuffer buffer;
    buffer.append("x");
    pool.give(std::move(buffer));
  }
  int kept = 0;
  while (pool.take().capacity() != 0) ++kept;
  EXPECT_EQ(kept, 8);
  ByteBuffer huge;
  huge.space((std::size_t{32} << 20) + 1);
  pool.give(std::move(huge));
  EXPECT_EQ(pool.take().capacity(), 0u);
}

}  // namespace
}  // namespace autobahn::inline v0::util
