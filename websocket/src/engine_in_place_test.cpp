// Messages echoed from where they were received, their headers written into the input.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "testing/engine_harness.hpp"

namespace autobahn::websocket {
namespace {

using namespace testing;

std::string numbered(std::size_t size, int number) {
  std::string payload(size, ' ');
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('!' + (i * 7 + i / 90) % 90);
  return std::to_string(number) + payload.substr(std::to_string(number).size());
}

std::vector<std::string_view> partsOf(Engine& engine) {
  std::vector<std::string_view> parts(64);
  parts.resize(engine.output().gather(parts));
  return parts;
}

TEST(EngineInPlace, EchoOfABatchIsOneRunOfTheInput) {
  Engine engine = openServer();
  std::string input, want;
  for (int i = 0; i < 8; ++i) {
    const std::string payload = numbered(2048 + static_cast<std::size_t>(i) * 1000, i);
    input += fromClient(2, payload);
    want += fromServer(2, payload);
  }
  engine.feed(input);
  for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
    ASSERT_EQ(event.type, EventType::message);
    engine.sendMessageBorrowed(event.payload, event.isBinary);
  }
  const std::vector<std::string_view> parts = partsOf(engine);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0], want);
  EXPECT_GE(parts[0].data(), input.data());
  EXPECT_LE(parts[0].data() + parts[0].size(), input.data() + input.size());
  EXPECT_EQ(engine.trafficStats().outgoingOctetsWireLevel, want.size());
  EXPECT_EQ(engine.trafficStats().outgoingWebSocketFrames, 8u);
  EXPECT_EQ(engine.trafficStats().outgoingWebSocketMessages, 8u);
}

TEST(EngineInPlace, EachInputBeginsAnew) {
  // As a driver does it: one buffer, again and again; what it has given out before is somebody else's.
  Engine engine = openServer();
  std::string buffer(20'000, '#');
  const auto receive = [&](std::size_t at, const std::string& payload) {
    const std::string frame = fromClient(2, payload);
    const std::string before = buffer.substr(0, at);
    std::copy(frame.begin(), frame.end(), buffer.begin() + static_cast<std::ptrdiff_t>(at));
    const std::string behind = buffer.substr(at + frame.size());
    engine.feed({buffer.data() + at, frame.size()});
    EXPECT_EQ(engine.next().payload, payload);
    EXPECT_FALSE(engine.hasEvents());  // who asks so does not ask `next`
    EXPECT_EQ(buffer.substr(0, at), before);
    EXPECT_EQ(buffer.substr(at + frame.size()), behind);
  };
  receive(5000, numbered(4000, 1));
  receive(0, numbered(3000, 2));
  receive(10'000, numbered(5000, 3));
}

TEST(EngineInPlace, RestOfAnInputThatIsKeptIsReadInItsNewPlace) {
  Engine engine = openServer();
  const std::string first = numbered(3000, 1);
  const std::string second = numbered(4000, 2);
  std::string input = fromClient(2, first) + fromClient(2, second);
  engine.feed(input);
  EXPECT_EQ(engine.next().payload, first);
  engine.retain();
  input.assign(input.size(), '#');
  EXPECT_EQ(engine.next().payload, second);
  EXPECT_EQ(input, std::string(input.size(), '#'));
}

/// Whoever echoes need not know whose memory a payload lies in: what is sent is what was received, also when
/// it is written later.
TEST(EngineInPlace, WhatIsSentFromTheEnginesOwnMemoryOutlivesIt) {
  Engine engine = openServer();
  util::BufferPool pool;
  engine.useBufferPool(pool);
  std::string want;
  for (int i = 0; i < 3; ++i) {
    // In pieces: put together in a buffer of the pool, which the next one gets.
    const std::string payload = numbered(100'000, i);
    std::string frame = fromClient(2, payload);
    want += fromServer(2, payload);
    engine.feed({frame.data(), 50'000});
    EXPECT_EQ(engine.next().type, EventType::none);
    engine.feed({frame.data() + 50'000, frame.size() - 50'000});
    const Event event = engine.next();
    ASSERT_EQ(event.payload, payload);
    engine.sendMessageBorrowed(event.payload, event.isBinary);
    if (i != 1) {
      EXPECT_EQ(engine.next().type, EventType::none);
    }
  }
  EXPECT_EQ(drain(engine), want);
}

TEST(EngineInPlace, WhatIsSentFromARestThatWasKeptOutlivesIt) {
  Engine engine = openServer();
  std::string want;
  for (int i = 0; i < 3; ++i) {
    const std::string first = numbered(3000, i);
    const std::string second = numbered(4000, i);
    std::string input = fromClient(2, first) + fromClient(2, second);
    want += fromServer(2, first) + fromServer(2, second);
    engine.feed(input);
    Event event = engine.next();
    engine.sendMessage(event.payload, event.isBinary);
    engine.retain();
    event = engine.next();
    ASSERT_EQ(event.payload, second);
    engine.sendMessageBorrowed(event.payload, event.isBinary);
    if (i != 1) {
      EXPECT_EQ(engine.next().type, EventType::none);
    }
  }
  EXPECT_EQ(drain(engine), want);
}

/// One of the things an application may do with a message, chosen by `choice`.
void answer(Engine& engine, const Event& event, unsigned choice, bool borrows) {
  const auto send = [&](std::string_view payload, bool isBinary, SendOptions options = {}) {
    if (borrows) {
      engine.sendMessageBorrowed(payload, isBinary, options);
    } else {
      engine.sendMessage(payload, isBinary, options);
    }
  };
  static const std::string own(9000, 'o');
  const std::string_view payload = event.payload;
  switch (choice) {
    case 0:
    case 1:
    case 2:
      return send(payload, event.isBinary);
    case 3:
      send(payload, event.isBinary);
      return send(payload, !event.isBinary);
    case 4:
      send(payload.substr(0, payload.size() / 2), event.isBinary);
      return send(payload, event.isBinary);
    case 5:
      send(payload.substr(payload.size() / 2), event.isBinary);
      return send(payload, event.isBinary);
    case 6:
      return send(payload.substr(0, 100), event.isBinary);
    case 7:
      return send(payload, event.isBinary, {.fragmentSize = 1500});
    case 8:
      send(own, true);
      return send(payload, event.isBinary);
    case 9:
      engine.sendPing("ping");
      return send(payload, event.isBinary);
    case 10:
      send(payload, event.isBinary);
      return send("tail", false);
    default:
      return;
  }
}

TEST(EngineInPlace, WhateverIsSentIsWhatCopiesWouldBe) {
  std::mt19937 random(7);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int round = 0; round < 500; ++round) {
    ServerOptions options;
    if (below(8) == 0) options.maskServerFrames = true;
    if (below(8) == 0) options.autoFragmentSize = 3000;
    if (below(8) == 0) options.requireMaskedClientFrames = false;
    Engine borrowing = openServer(options);
    Engine copying = openServer(options);
    std::string input;
    for (unsigned i = 0, count = 1 + below(12); i < count; ++i) {
      const std::size_t size = below(3) == 0 ? below(200) : below(12'000);
      const bool masked = options.requireMaskedClientFrames || below(2) == 0;
      const std::string payload = numbered(std::max<std::size_t>(size, 2), static_cast<int>(i));
      if (below(6) == 0) input += frame({.opcode = 9, .payload = "p", .masked = masked});
      input += frame({.opcode = below(2) == 0 ? 1 : 2, .payload = payload, .masked = masked});
    }
    std::string twin = input;
    const std::size_t cut = below(3) == 0 ? below(static_cast<unsigned>(input.size())) : input.size();
    std::string sent, wanted;
    for (const auto& [from, to] : {std::pair{std::size_t{0}, cut}, std::pair{cut, input.size()}}) {
      borrowing.feed({input.data() + from, to - from});
      copying.feed({twin.data() + from, to - from});
      while (borrowing.hasEvents()) {
        const Event event = borrowing.next();
        const Event other = copying.next();
        ASSERT_EQ(event.type, other.type);
        if (event.type == EventType::none) break;
        ASSERT_EQ(event.payload, other.payload);
        if (event.type != EventType::message) continue;
        const unsigned choice = below(12);
        answer(borrowing, event, choice, true);
        answer(copying, other, choice, false);
      }
      borrowing.output().settle();
      std::fill(input.begin() + static_cast<std::ptrdiff_t>(from),
                input.begin() + static_cast<std::ptrdiff_t>(to), '#');
      sent += drain(borrowing);
      wanted += drain(copying);
    }
    ASSERT_EQ(describeFrames(sent), describeFrames(wanted)) << "round " << round;
    ASSERT_EQ(borrowing.trafficStats().outgoingOctetsWireLevel,
              copying.trafficStats().outgoingOctetsWireLevel);
    ASSERT_EQ(borrowing.trafficStats().outgoingWebSocketFrames,
              copying.trafficStats().outgoingWebSocketFrames);
    ASSERT_EQ(borrowing.trafficStats().outgoingOctetsAppLevel, copying.trafficStats().outgoingOctetsAppLevel);
  }
}

}  // namespace
}  // namespace autobahn::websocket
