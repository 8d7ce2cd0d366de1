// A server that has used up its descriptors: who is there is served, who waits gets in when others have gone,
// and meanwhile it neither spins nor floods the log.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <autobahn/util/log.hpp>
#include <autobahn/util/net/unique_fd.hpp>

#include "testing/loopback.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;

/// A client whose descriptor is there before they become scarce.
class EarlyClient {
 public:
  EarlyClient() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The system takes the connection for the server, which need not have accepted it.
    ASSERT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    send(goodRequest());
  }
  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// All that has come so far.
  const std::string& received() {
    char bytes[4096];
    for (ssize_t size = 1; fd_ && size > 0;) {
      size = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (size > 0) received_.append(bytes, static_cast<std::size_t>(size));
    }
    return received_;
  }
  bool isOpen() { return fd_ && received().starts_with("HTTP/1.1 101 "); }
  /// Its end goes, its descriptor is not free for others.
  void end() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    hasEnded_ = true;
  }
  bool hasEnded() const { return hasEnded_; }

 private:
  util::UniqueFd fd_;
  std::string received_;
  bool hasEnded_ = false;
};

/// Descriptors are given out from the lowest free one on: so many more can be opened while this lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t more) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(util::UniqueFd(::socket(AF_INET, SOCK_STREAM, 0)).get()) + more;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

class Descriptors : public Loopback {
 protected:
  Descriptors() {
    util::setSink([this](const util::LogRecord& record) {
      if (formatLogText(record).find("accepting rests") != std::string::npos) ++complaints;
    });
  }
  ~Descriptors() override { util::setSink({}); }

  int complaints = 0;
};

TEST_F(Descriptors, ServerOutOfThemServesOnAndTakesOthersInLater) {
#if defined(__SANITIZE_ADDRESS__)
  // UBSan opens a pipe to look at an object of a type it has not met, and reports one that is sound if it
  // cannot.
  GTEST_SKIP() << "the sanitizers need descriptors themselves";
#endif
  constexpr std::size_t kClients = 60;
  constexpr std::size_t kPlaces = 20;
  server.listen();
  std::vector<EarlyClient> clients(kClients);
  const FewDescriptors few(kPlaces);
  for (EarlyClient& each : clients) each.connect(server.port());
  const auto openOnes = [&] { return static_cast<std::size_t>(serverScript->opened); };
  runUntil([&] { return openOnes() == kPlaces && complaints != 0; });
  // It rests now, and again and again: some notices each time, but no spinning.
  EXPECT_LT(io.run_for(350ms), 100U);
  EXPECT_EQ(openOnes(), kPlaces);
  EXPECT_EQ(server.connectionCount(), kPlaces);

  std::size_t ended = 0;
  while (openOnes() != kClients) {
    // Somebody who is there is served, then goes and makes room for another.
    for (EarlyClient& each : clients) {
      if (each.hasEnded() || !each.isOpen()) continue;
      const std::size_t before = serverScript->messages.size();
      each.send(maskedFrame(0x81, "hello"));
      runUntil([&] { return serverScript->messages.size() == before + 1; });
      runUntil([&] { return each.received().ends_with("hello"); });
      each.end();
      ++ended;
    }
    runUntil([&] { return openOnes() == std::min(kClients, kPlaces + ended); });
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GE(complaints, 1);
  EXPECT_LE(complaints, 2) << "it says so once";
  for (EarlyClient& each : clients) {
    if (!each.hasEnded()) each.end();
  }
  runUntil([&] { return server.connectionCount() == 0; });
  EXPECT_EQ(serverScript->alive, 0);
}

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
