// A queue of output when memory runs out: what it has taken is whole, and it keeps no view of what is not its
// own.
#include <autobahn/util/send_queue.hpp>

#include "testing/failing_new.hpp"

namespace autobahn::util {
namespace {

using testing::failEachAllocation;
using testing::PlentyOfMemory;
using testing::Shortage;
using testing::ShortMemory;

/// Settling either makes all its own, or empties the queue: the cork and what was borrowed go away behind it.
TEST(SendQueueOutOfMemory, SettlingKeepsAllOrNothing) {
  const std::string part(9000, 'p');
  for (const std::size_t sent : {0U, 5U, 9500U}) {
    failEachAllocation("settling", [&](std::size_t at, Shortage shortage) {
      ByteBuffer cork;
      SendQueue queue;
      queue.lend(cork);
      queue.append(std::string_view("in the cork"));
      queue.appendBorrowed(part);
      queue.append(std::string_view("between"));
      queue.appendBorrowed(part);
      queue.consume(sent);
      const std::size_t size = queue.size();
      const ShortMemory memory(at, shortage);
      try {
        queue.settle();
      } catch (const std::bad_alloc&) {
        EXPECT_TRUE(queue.empty());
        std::string_view parts[8];
        EXPECT_EQ(queue.gather(parts), 0U);
      }
      EXPECT_FALSE(queue.hasLoan());
      EXPECT_FALSE(queue.hasBorrowed());
      EXPECT_TRUE(cork.empty());
      EXPECT_TRUE(queue.empty() || queue.size() == size);
      const PlentyOfMemory enough;
      queue.append(std::string_view("more"));
      EXPECT_EQ(queue.size() % size, 4U);
      return memory.hasFailed();
    });
  }
}

}  // namespace
}  // namespace autobahn::util
