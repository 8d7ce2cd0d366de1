// The fakes that other tests rely on.
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include "testing/echo.hpp"
#include "testing/fake_dialer.hpp"
#include "testing/fake_loop.hpp"
#include "testing/fake_stream.hpp"

namespace autobahn::inline v0::util {
namespace {

using namespace std::chrono_literals;
using testing::FakeDialer;
using testing::FakeLoop;
using testing::FakeStream;
using testing::makeFakePair;
using testing::Peer;

struct Task : LoopTask {
  std::function<void()> timer;
  void onTimer() override { timer(); }
};

TEST(FakeLoop, TimePassesFromTimerToTimer) {
  FakeLoop loop;
  const TimePoint start = loop.now();
  std::vector<Clock::duration> fired;
  Task task;
  task.timer = [&] {
    fired.push_back(loop.now() - start);
    if (fired.size() < 3) loop.schedule(task, loop.now() + 2s);
  };
  loop.schedule(task, start + 1s);
  loop.advance(999ms);
  EXPECT_TRUE(fired.empty());
  loop.advance(1h);
  EXPECT_EQ(fired, (std::vector<Clock::duration>{1s, 3s, 5s}));
  EXPECT_EQ(loop.now() - start, 1h + 999ms);
  EXPECT_TRUE(loop.idle());
}

TEST(FakeLoop, PostsAndHandlersRunWhenItSettles) {
  FakeLoop loop;
  std::string order;
  loop.post([&] {
    order += 'a';
    loop.post([&] { order += 'c'; });
  });
  asio::post(loop.executor(), [&] { order += 'b'; });
  EXPECT_FALSE(loop.idle());
  loop.settle();
  EXPECT_EQ(order, "bac");
}

TEST(FakeLoop, PosterOutlivesIt) {
  auto loop = std::make_unique<FakeLoop>();
  const Poster poster = loop->poster();
  EXPECT_TRUE(poster([] {}));
  loop.reset();
  EXPECT_FALSE(poster([] {}));
}

TEST(FakeLoop, NoticesWhatNeverComesToRest) {
  FakeLoop loop;
  std::function<void()> again = [&] { loop.post(again); };
  again();
  EXPECT_THROW(loop.settle(1000), std::runtime_error);
}

TEST(FakeStream, CarriesBytesWithDelayInPieces) {
  FakeLoop loop;
  auto [one, other] = makeFakePair(loop, {.delay = 50ms, .pieceSize = 3});
  one->control->recordsWrites = true;
  Peer client(std::move(one));
  Peer server(std::move(other), true);
  std::vector<std::size_t> sizes;
  server.readOnce = true;
  server.afterRead = [&] { sizes.push_back(server.received.size()); };
  client.start();
  server.start();
  client.send("0123456");
  loop.advance(49ms);
  EXPECT_EQ(server.received, "");
  loop.advance(1ms);
  EXPECT_EQ(client.received, "0123456");
  ASSERT_GE(sizes.size(), 3U);
  EXPECT_EQ(sizes[0], 3U);
  client.finish();
  loop.advance(50ms);
  EXPECT_TRUE(server.eof);
  EXPECT_TRUE(client.eof);
  EXPECT_TRUE(loop.idle());
}

TEST(FakeStream, FullBuffersBlockAndLetGo) {
  FakeLoop loop;
  auto [one, other] = makeFakePair(loop, {.capacity = 100, .readSize = 7, .writeSize = 30});
  Peer client(std::move(one));
  Peer server(std::move(other));
  client.start();
  server.start();
  server.stream().watchRead(false);
  const std::string bytes(1000, 'x');
  client.send(bytes);
  loop.settle();
  EXPECT_FALSE(client.sentAll());
  EXPECT_EQ(server.received, "");
  server.stream().watchRead(true);
  loop.settle();
  EXPECT_EQ(server.received, bytes);
  EXPECT_TRUE(client.sentAll());
}

TEST(FakeStream, FailsAtTheNthCall) {
  FakeLoop loop;
  auto [one, other] = makeFakePair(loop);
  one->control->writeErrors[2] = std::make_error_code(std::errc::operation_would_block);
  one->control->writeErrors[4] = std::make_error_code(std::errc::broken_pipe);
  Peer client(std::move(one));
  Peer server(std::move(other));
  client.start();
  server.start();
  client.send("a");
  client.send("b");
  loop.settle();
  EXPECT_EQ(server.received, "ab");
  EXPECT_TRUE(client.alive());
  client.send("c");
  EXPECT_EQ(client.error, std::errc::broken_pipe);
}

TEST(FakeStream, AbortEndAndCut) {
  FakeLoop loop;
  {
    auto [one, other] = makeFakePair(loop);
    Peer server(std::move(other));
    server.start();
    one->setAbortive();
    one.reset();
    loop.settle();
    EXPECT_EQ(server.error, std::errc::connection_reset);
  }
  {
    auto [one, other] = makeFakePair(loop);
    Peer server(std::move(other));
    server.start();
    one->control->cut = true;
    one.reset();
    loop.settle();
    EXPECT_FALSE(server.eof);  // nobody told it
  }
  loop.settle();
  EXPECT_TRUE(loop.idle());
}

TEST(FakeDialer, FailsHangsConnectsAndIsCancelled) {
  FakeLoop loop;
  FakeDialer dialer(loop);
  std::unique_ptr<FakeStream> server;
  dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) { server = std::move(stream); };
  dialer.plan = [](std::size_t number) -> FakeDialer::Outcome {
    switch (number) {
      case 0:
        return {.error = std::make_error_code(std::errc::connection_refused), .detail = "no"};
      case 1:
        return {.hangs = true};
      default:
        return {.delay = 10ms};
    }
  };
  std::string log;
  const DialHandler handler = [&](std::error_code error, const std::string& detail,
                                  std::unique_ptr<Stream> stream) {
    log += stream ? "connected " : error == std::errc::timed_out ? "timeout " : detail + ' ';
  };
  const DialHandle first = dialer.dial({}, 1s, handler);
  EXPECT_EQ(log, "");
  loop.settle();
  EXPECT_EQ(log, "no ");
  const DialHandle second = dialer.dial({}, 1s, handler);
  loop.advance(1s);
  EXPECT_EQ(log, "no timeout ");
  const DialHandle third = dialer.dial({}, 1s, handler);
  loop.advance(10ms);
  EXPECT_EQ(log, "no timeout connected ");
  EXPECT_TRUE(server);
  DialHandle fourth = dialer.dial({}, 1s, handler);
  fourth.reset();
  loop.advance(1s);
  EXPECT_EQ(log, "no timeout connected ");
  EXPECT_TRUE(dialer.dials[3]->cancelled);
}

}  // namespace
}  // namespace autobahn::inline v0::util
