// Once warm, a message costs no heap allocation, in either direction.
#include <cstdlib>
#include <new>

#include "testing/engine_harness.hpp"

namespace {
std::size_t allocations = 0;
void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace autobahn::rawsocket::testing {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 125, 1000, 4096, 8191, 8192, 40'000, 65'536};
constexpr int kWarmUp = 5;
constexpr int kRounds = 20;

void discard(SendQueue& queue) {
  std::string_view parts[8];
  while (!queue.empty()) {
    std::size_t size = 0;
    for (std::size_t i = queue.gather(parts); i-- > 0;) size += parts[i].size();
    queue.consume(size);
  }
}

/// One batch as the event loop has it: a lent cork, input, echoes, one write.
void batch(Engine& engine, util::ByteBuffer& cork, std::initializer_list<std::string_view> inputs) {
  engine.output().lend(cork);
  for (const std::string_view input : inputs) {
    engine.feed({input.data(), input.size()});
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
      if (event.type == EventType::message) engine.sendMessageBorrowed(event.payload);
      discard(engine.output());
    }
  }
  engine.output().settle();
  engine.rest();
}

/// What a round costs when warm.
template <class Round>
std::size_t costOf(Round&& round) {
  std::size_t before = 0;
  for (int i = 0; i < kWarmUp + kRounds; ++i) {
    if (i == kWarmUp) before = allocations;
    round();
  }
  return allocations - before;
}

TEST(RawSocketAllocation, EchoOfWholeMessages) {
  for (const bool isServer : {true, false}) {
    for (const std::size_t size : kSizes) {
      Engine engine = isServer ? openServer() : openClient();
      const std::string wire = message(std::string(size, 'a'));
      util::ByteBuffer cork;
      EXPECT_EQ(costOf([&] { batch(engine, cork, {wire}); }), 0U) << size;
    }
  }
}

TEST(RawSocketAllocation, EchoOfMessagesThatSpanReads) {
  for (const bool pooled : {true, false}) {
    for (const std::size_t size : kSizes) {
      util::BufferPool pool;
      Engine engine = openServer();
      if (pooled) engine.useBufferPool(pool);
      const std::string wire = message(std::string(size, 'a'));
      const std::string_view first = std::string_view(wire).substr(0, wire.size() * 2 / 3);
      const std::string_view second = std::string_view(wire).substr(first.size());
      util::ByteBuffer cork;
      EXPECT_EQ(costOf([&] { batch(engine, cork, {first, second}); }), 0U) << size << " pooled " << pooled;
    }
  }
}

TEST(RawSocketAllocation, SendingIntoACork) {
  for (const std::size_t size : kSizes) {
    Engine engine = openServer();
    const std::string payload(size, 'a');
    util::ByteBuffer cork;
    EXPECT_EQ(costOf([&] {
                engine.output().lend(cork);
                engine.sendMessage(std::string_view(payload));
                discard(engine.output());
                engine.output().settle();
              }),
              0U)
        << size;
  }
}

TEST(RawSocketAllocation, SharedMessages) {
  Engine engine = openServer();
  const auto payload = std::make_shared<const std::string>(10'000, 'a');
  util::ByteBuffer cork;
  EXPECT_EQ(costOf([&] {
              engine.output().lend(cork);
              engine.sendMessage(payload);
              discard(engine.output());
              engine.output().settle();
            }),
            0U);
}

TEST(RawSocketAllocation, Pings) {
  Engine engine = openServer();
  const std::string wire = ping(std::string(125, 'p'));
  util::ByteBuffer cork;
  EXPECT_EQ(costOf([&] { batch(engine, cork, {wire}); }), 0U);
}

}  // namespace
}  // namespace autobahn::rawsocket::testing
