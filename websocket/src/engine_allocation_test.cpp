// Once warm, an unfragmented uncompressed message costs no heap allocation, in either direction or role.
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

namespace autobahn::websocket::testing {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 125, 126, 1000, 4096, 16'383, 16'384, 20'000, 40'000, 65'535, 65'536};
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
void batch(Engine& engine, util::ByteBuffer& cork, std::span<char> first, std::span<char> second) {
  engine.output().lend(cork);
  for (const std::span<char> input : {first, second}) {
    if (input.empty()) continue;
    engine.feed(input);
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
      ASSERT_EQ(event.type, EventType::message);
      engine.sendMessageBorrowed(event.payload, event.isBinary);
      // A payload that is borrowed goes out, or is copied, before the next event.
      discard(engine.output());
    }
  }
  engine.output().settle();
}

TEST(EngineAllocation, EchoOfWholeMessages) {
  for (const Role role : {Role::server, Role::client}) {
    for (const std::size_t size : kSizes) {
      Engine engine = role == Role::server ? openServer() : openClient();
      const std::string wire =
          frame({.opcode = 2, .payload = std::string(size, 'a'), .masked = role == Role::server});
      std::string input;
      util::ByteBuffer cork;
      std::size_t before = 0;
      for (int i = 0; i < kWarmUp + kRounds; ++i) {
        input = wire;
        if (i == kWarmUp) before = allocations;
        batch(engine, cork, input, {});
      }
      EXPECT_EQ(allocations - before, 0u) << size;
    }
  }
}

TEST(EngineAllocation, EchoOfMessagesThatSpanReads) {
  for (const bool pooled : {true, false}) {
    for (const Role role : {Role::server, Role::client}) {
      for (const std::size_t size : kSizes) {
        util::BufferPool pool;
        Engine engine = role == Role::server ? openServer() : openClient();
        if (pooled) engine.useBufferPool(pool);
        const std::string wire =
            frame({.opcode = 1, .payload = std::string(size, 'a'), .masked = role == Role::server});
        std::string input;
        util::ByteBuffer cork;
        std::size_t before = 0;
        for (int i = 0; i < kWarmUp + kRounds; ++i) {
          input = wire;
          if (i == kWarmUp) before = allocations;
          const std::size_t cut = wire.size() * 2 / 3;
          batch(engine, cork, std::span(input).first(cut), std::span(input).subspan(cut));
        }
        EXPECT_EQ(allocations - before, 0u) << size << " pooled " << pooled;
      }
    }
  }
}

TEST(EngineAllocation, SendingACopyIntoACork) {
  for (const Role role : {Role::server, Role::client}) {
    for (const std::size_t size : kSizes) {
      Engine engine = role == Role::server ? openServer() : openClient();
      const std::string payload(size, 'a');
      util::ByteBuffer cork;
      std::size_t before = 0;
      for (int i = 0; i < kWarmUp + kRounds; ++i) {
        if (i == kWarmUp) before = allocations;
        engine.output().lend(cork);
        engine.sendMessage(std::string_view(payload));
        discard(engine.output());
        engine.output().settle();
      }
      EXPECT_EQ(allocations - before, 0u) << size;
    }
  }
}

TEST(EngineAllocation, ControlFrames) {
  Engine engine = openServer();
  const std::string wire = fromClient(9, std::string(125, 'p'));
  std::string input;
  util::ByteBuffer cork;
  std::size_t before = 0;
  for (int i = 0; i < kWarmUp + kRounds; ++i) {
    input = wire;
    if (i == kWarmUp) before = allocations;
    engine.output().lend(cork);
    engine.feed(input);
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next())
      engine.sendPong(event.payload);
    discard(engine.output());
    engine.output().settle();
  }
  EXPECT_EQ(allocations - before, 0u);
}

}  // namespace
}  // namespace autobahn::websocket::testing
