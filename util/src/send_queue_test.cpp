#include <gtest/gtest.h>
#include <autobahn/util/send_queue.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace autobahn::util {
namespace {

std::string content(const SendQueue& queue) {
  std::vector<std::string_view> parts(1000);
  const std::size_t count = queue.gather(parts);
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += parts[i];
  return all;
}

TEST(SendQueue, KeepsTheOrderOfAllKinds) {
  SendQueue queue;
  ByteBuffer cork;
  queue.lend(cork);
  const std::string borrowed = "borrowed ";
  queue.append(std::string_view("copied "));
  queue.appendBorrowed(borrowed);
  queue.append(std::string(5000, 'o'));
  queue.append(std::make_shared<const std::string>("shared "));
  std::memcpy(queue.extend(3), "ext", 3);
  const std::string want = "copied borrowed " + std::string(5000, 'o') + "shared ext";
  EXPECT_EQ(content(queue), want);
  EXPECT_EQ(queue.size(), want.size());
  queue.settle();
  EXPECT_EQ(content(queue), want);
  EXPECT_FALSE(queue.hasLoan());
  EXPECT_TRUE(cork.empty());
}

TEST(SendQueue, KnowsWhetherItPointsIntoOthersMemory) {
  SendQueue queue;
  std::string borrowed = "borrowed";
  queue.append(std::string_view("own"));
  EXPECT_FALSE(queue.hasBorrowed());
  queue.appendBorrowed(borrowed);
  EXPECT_TRUE(queue.hasBorrowed());
  queue.consume(5);
  EXPECT_TRUE(queue.hasBorrowed());
  queue.settle();
  EXPECT_FALSE(queue.hasBorrowed());
  borrowed.assign(8, '!');
  EXPECT_EQ(content(queue), "rrowed");
  queue.consume(6);
  queue.appendBorrowed(borrowed);
  queue.consume(8);
  EXPECT_FALSE(queue.hasBorrowed());
}

TEST(SendQueue, BorrowedNeighboursAreOneRun) {
  SendQueue queue;
  ByteBuffer cork;
  queue.lend(cork);
  const std::string borrowed = "one two three";
  const std::string_view view = borrowed;
  queue.appendBorrowed(view.substr(0, 4));
  queue.appendBorrowed(view.substr(4, 4));
  ASSERT_TRUE(queue.isOneRun());
  EXPECT_EQ(queue.front().data(), view.data());
  EXPECT_EQ(queue.front(), "one two ");
  queue.consume(3);
  EXPECT_EQ(queue.front(), " two ");
  queue.appendBorrowed(view.substr(8));
  EXPECT_EQ(queue.front(), " two three");
  queue.appendBorrowed(view.substr(0, 3));  // no neighbour
  EXPECT_FALSE(queue.isOneRun());
  queue.append(std::string_view("own"));
  queue.appendBorrowed(view.substr(3));  // a neighbour, but not of what is last
  EXPECT_EQ(content(queue), " two threeoneown two three");
  queue.settle();
  EXPECT_EQ(content(queue), " two threeoneown two three");
}

TEST(SendQueue, SmallAppendsAreOneRun) {
  SendQueue queue;
  ByteBuffer cork;
  queue.lend(cork);
  for (int i = 0; i < 100; ++i) queue.append(std::string_view("ab"));
  queue.append(std::string("cd"));
  queue.append(std::make_shared<const std::string>("ef"));
  std::array<std::string_view, 4> parts;
  ASSERT_EQ(queue.gather(parts), 1u);
  EXPECT_EQ(parts[0].size(), 204u);
  EXPECT_EQ(parts[0].data(), cork.data());
  ASSERT_TRUE(queue.isOneRun());
  queue.consume(4);
  EXPECT_EQ(queue.front().data(), cork.data() + 4);
  EXPECT_EQ(queue.front().size(), 200u);
  queue.append(std::string(5000, 'o'));
  EXPECT_FALSE(queue.isOneRun());
  queue.consume(200);
  ASSERT_TRUE(queue.isOneRun());
  EXPECT_EQ(queue.front(), std::string(5000, 'o'));
}

TEST(SendQueue, LoanGoesOnAfterEverythingWasSent) {
  SendQueue queue;
  ByteBuffer cork;
  queue.lend(cork);
  queue.append(std::string_view("first"));
  queue.consume(5);
  EXPECT_TRUE(queue.empty());
  queue.append(std::string_view("second"));
  EXPECT_EQ(cork.view(), "second");
  queue.consume(3);
  queue.settle();
  EXPECT_EQ(content(queue), "ond");
  // A loan behind waiting bytes is ignored.
  ByteBuffer other;
  queue.lend(other);
  EXPECT_FALSE(queue.hasLoan());
  queue.append(std::string_view("!"));
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(content(queue), "ond!");
}

TEST(SendQueue, NothingIsNothing) {
  SendQueue queue;
  queue.append(std::string_view());
  queue.append(std::string());
  queue.append(std::make_shared<const std::string>());
  queue.appendBorrowed({});
  queue.extend(0);
  queue.settle();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(content(queue), "");
  queue.append(std::string_view("x"));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(content(queue), "");
}

TEST(SendQueue, GathersOnlyWhatFits) {
  SendQueue queue;
  for (int i = 0; i < 5; ++i) queue.append(std::make_shared<const std::string>(std::to_string(i)));
  std::array<std::string_view, 2> parts;
  ASSERT_EQ(queue.gather(parts), 2u);
  EXPECT_EQ(parts[1], "1");
  EXPECT_EQ(queue.gather({}), 0u);
}

/// Random actions against a plain string.
TEST(SendQueue, BehavesAsAString) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    SendQueue queue;
    ByteBuffer cork;
    std::string model;
    std::vector<std::unique_ptr<std::string>> borrowed;
    for (int i = 0; i < 400; ++i) {
      std::string bytes(random() % 4 == 0 ? random() % 9000 : random() % 40, '\0');
      for (char& c : bytes) c = static_cast<char>('a' + random() % 26);
      switch (random() % 9) {
        case 0:
          queue.lend(cork);
          continue;
        case 1:
          queue.append(std::string_view(bytes));
          break;
        case 2:
          queue.append(std::string(bytes));
          break;
        case 3:
          queue.append(std::make_shared<const std::string>(bytes));
          break;
        case 4:
          borrowed.push_back(std::make_unique<std::string>(bytes));
          queue.appendBorrowed(*borrowed.back());
          break;
        case 5:
          std::copy(bytes.begin(), bytes.end(), queue.extend(bytes.size()));
          break;
        case 6:
          queue.settle();
          borrowed.clear();
          cork.clear();
          continue;
        default: {
          const std::size_t size = model.empty()       ? 0
                                   : random() % 3 == 0 ? model.size()
                                                       : random() % model.size();
          queue.consume(size);
          model.erase(0, size);
          continue;
        }
      }
      model += bytes;
      ASSERT_EQ(queue.size(), model.size());
      ASSERT_EQ(content(queue), model) << "seed " << seed << " step " << i;
    }
  }
}

}  // namespace
}  // namespace autobahn::util
