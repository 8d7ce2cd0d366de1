#include "report/progress.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <thread>

#include "report/testing.hpp"
#include "wire/utf8.hpp"

namespace wstest {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Two ends of a terminal or of a pipe.
class Ends {
 public:
  explicit Ends(bool isTerminal, unsigned short width = 80) {
    ::winsize size{};
    size.ws_col = width;
    size.ws_row = 24;
    int ends[2] = {-1, -1};
    const int result = isTerminal ? ::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) : ::pipe(ends);
    EXPECT_EQ(result, 0);
    ours_ = ends[0];
    theirs_ = ends[1];
    ::fcntl(ours_, F_SETFL, O_NONBLOCK);
  }
  ~Ends() {
    ::close(ours_);
    ::close(theirs_);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  int fd() const { return theirs_; }
  /// What has been written so far.
  std::string text() const {
    std::string out;
    char buffer[4096];
    for (::ssize_t size = 0; (size = ::read(ours_, buffer, sizeof buffer)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(size));
    }
    return out;
  }

 private:
  int ours_, theirs_;
};

TEST(Progress, OneLineOnATerminal) {
  Ends terminal(true);
  Progress progress(517, false, terminal.fd());
  progress.begin("AgentX", "6.4.1");
  EXPECT_EQ(terminal.text(), "\r[   0/517] 6.4.1  AgentX  0 failures  00:00\x1b[K");
  progress.end(resultOf("AgentX", "6.4.1"));
  EXPECT_EQ(terminal.text(), "\r[   1/517] 6.4.1  AgentX  0 failures  00:00\x1b[K");
  progress.finish();
  EXPECT_EQ(terminal.text(), "\r\x1b[K");
  progress.finish();
  EXPECT_EQ(terminal.text(), "");
}

TEST(Progress, FailuresStay) {
  Ends terminal(true);
  Progress progress(2, false, terminal.fd());
  progress.begin("AgentX", "1.1.1");
  terminal.text();
  progress.end(resultOf("AgentX", "1.1.1", Behavior::failed));
  EXPECT_EQ(terminal.text(),
            "\r\x1b[K1.1.1  AgentX  FAILED: because\r\n\r[ 1/2] 1.1.1  AgentX  1 failure  00:00\x1b[K");
}

TEST(Progress, LinesFitTheTerminal) {
  Ends terminal(true, 20);
  Progress progress(517, false, terminal.fd());
  progress.begin("AgentX", "6.4.1");
  EXPECT_EQ(terminal.text(), "\r[   0/517] 6.4.1  …\x1b[K");
}

TEST(Progress, OnlyFailuresWithoutATerminal) {
  Ends pipe(false);
  Progress progress(2, false, pipe.fd());
  progress.begin("AgentX", "1.1.1");
  progress.end(resultOf("AgentX", "1.1.1"));
  EXPECT_EQ(pipe.text(), "");
  progress.begin("AgentX", "1.1.2");
  progress.end(resultOf("AgentX", "1.1.2", Behavior::ok, CloseBehavior::unclean));
  progress.finish();
  EXPECT_EQ(pipe.text(), "1.1.2  AgentX  closing: UNCLEAN: closing because\n");
}

TEST(Progress, NothingWhenQuiet) {
  Ends terminal(true);
  Progress progress(1, true, terminal.fd());
  progress.begin("A", "1.1.1");
  progress.end(resultOf("A", "1.1.1", Behavior::failed));
  progress.finish();
  EXPECT_EQ(terminal.text(), "");
}

TEST(Progress, HostileAgentsDoNothingToTheTerminal) {
  Ends pipe(false);
  Progress progress(1, false, pipe.fd());
  progress.end(hostileResult("1.1.1"));
  const std::string text = pipe.text();
  EXPECT_TRUE(isUtf8(text));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
}

TEST(Progress, ManyThreadsWriteWholeLines) {
  Ends pipe(false);
  Progress progress(400, false, pipe.fd());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) progress.end(resultOf("A", "1.1.1", Behavior::failed));
    });
  }
  for (auto& thread : threads) thread.join();
  std::string all;
  for (int i = 0; i < 400; ++i) all += "1.1.1  A  FAILED: because\n";
  EXPECT_EQ(pipe.text(), all);
}

}  // namespace
}  // namespace wstest
