// What the system may answer on a bad day, told by calls that stand in front of its own.
#include <autobahn/util/net/socket_stream.hpp>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/listener.hpp>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "socket_address.hpp"
#include "testing/echo.hpp"

namespace {

/// The next so many calls fail with this error.
struct Faults {
  int error = 0;
  int count = 0;
  int seen = 0;  ///< calls that failed so

  bool strike() {
    if (count == 0) return false;
    --count;
    ++seen;
    errno = error;
    return true;
  }
};

Faults acceptFaults;
Faults receiveFaults;
Faults sendFaults;

}  // namespace

// The library is linked into this program, so these are what it calls.
extern "C" {
int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  if (acceptFaults.strike()) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
}
ssize_t recv(int fd, void* buffer, std::size_t size, int flags) {
  if (receiveFaults.strike()) return -1;
  return ::syscall(SYS_recvfrom, fd, buffer, size, flags, nullptr, nullptr);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (receiveFaults.strike()) return -1;
  return ::syscall(SYS_recvmsg, fd, message, flags);
}
ssize_t send(int fd, const void* buffer, std::size_t size, int flags) {
  if (sendFaults.strike()) return -1;
  return ::syscall(SYS_sendto, fd, buffer, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (sendFaults.strike()) return -1;
  return ::syscall(SYS_sendmsg, fd, message, flags);
}
}

namespace autobahn::inline v0::util {
namespace {

using testing::runUntil;

class SocketFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    setSink([this](const LogRecord& record) { log += formatLogText(record) + '\n'; });
    acceptFaults = receiveFaults = sendFaults = {};
    std::array<int, 2> ends;
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    one = makeSocketStream(loop, ends[0]);
    other = makeSocketStream(loop, ends[1]);
  }
  void TearDown() override {
    acceptFaults = receiveFaults = sendFaults = {};
    setSink({});
  }

  std::string log;
  asio::io_context io{1};
  AsioLoop& loop = AsioLoop::of(io);
  std::unique_ptr<Stream> one;
  std::unique_ptr<Stream> other;
};

/// accept(2): these are of the connection that has failed meanwhile; the next one is there already.
TEST_F(SocketFaults, AcceptGoesOn) {
  std::vector<UniqueFd> accepted;
  Listener listener(loop, ListenAddress{}, [&](int fd) { accepted.emplace_back(fd); });
  SocketAddress address;
  ASSERT_TRUE(address.setNumeric("127.0.0.1", listener.port()));
  for (const int error : {EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH, EPERM}) {
    SCOPED_TRACE(error);
    acceptFaults = {.error = error, .count = 3};
    const std::size_t before = accepted.size();
    const UniqueFd client(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), address.get(), address.length), 0);
    ASSERT_TRUE(runUntil(io, [&] { return accepted.size() == before + 1; }));
    EXPECT_EQ(acceptFaults.seen, 3);
    EXPECT_EQ(log, "") << "it did not have to rest";
  }
}

/// Whatever else it says, accepting goes on after a while.
TEST_F(SocketFaults, AcceptRestsAndGoesOn) {
  std::vector<UniqueFd> accepted;
  Listener listener(loop, ListenAddress{}, [&](int fd) { accepted.emplace_back(fd); });
  SocketAddress address;
  ASSERT_TRUE(address.setNumeric("127.0.0.1", listener.port()));
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EIO}) {
    SCOPED_TRACE(error);
    log.clear();
    acceptFaults = {.error = error, .count = 1};
    const std::size_t before = accepted.size();
    const UniqueFd client(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), address.get(), address.length), 0);
    ASSERT_TRUE(runUntil(io, [&] { return accepted.size() == before + 1; }));
    EXPECT_NE(log.find("accepting rests"), std::string::npos) << log;
  }
}

TEST_F(SocketFaults, InterruptedCallsAreTriedAgain) {
  std::array<char, 3> buffer{};
  std::array<char, 3> more{};
  const std::string_view parts[] = {"abc", "def"};
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}}) {
    sendFaults = {.error = EINTR, .count = 3};
    const IoResult sent = one->write(std::span(parts).first(count));
    EXPECT_FALSE(sent.error);
    EXPECT_EQ(sent.size, 3 * count);
    EXPECT_EQ(sendFaults.seen, 3);
    receiveFaults = {.error = EINTR, .count = 3};
    const IoResult got = count == 1 ? other->read(buffer) : other->readScattered(buffer, more);
    EXPECT_FALSE(got.error);
    EXPECT_EQ(got.size, 3 * count);
    EXPECT_EQ(receiveFaults.seen, 3);
    EXPECT_EQ(std::string_view(buffer.data(), 3), "abc");
  }
  EXPECT_EQ(std::string_view(more.data(), 3), "def");
}

TEST_F(SocketFaults, OtherErrorsAreTold) {
  std::array<char, 3> buffer{};
  const std::string_view part = "abc";
  for (const int error : {ECONNRESET, EPIPE, ENOBUFS, ETIMEDOUT, EHOSTUNREACH}) {
    sendFaults = receiveFaults = {.error = error, .count = 1};
    const IoResult sent = one->write({&part, 1});
    EXPECT_TRUE(sent.failed());
    EXPECT_EQ(sent.error.value(), error);
    const IoResult got = other->read(buffer);
    EXPECT_TRUE(got.failed());
    EXPECT_EQ(got.error.value(), error);
    EXPECT_FALSE(got.eof);
  }
}

}  // namespace
}  // namespace autobahn::inline v0::util
