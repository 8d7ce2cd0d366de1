// Connect, upgrade, close: what a new connection costs.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "generator.hpp"

namespace bench {
namespace {

constexpr int kStallMillis = 10000;

struct Visit {
  int fd = -1;
  std::string answer;
  bool isClosing = false;  // upgraded; our Close is sent, the server's is awaited
};

class ConnectLoad {
 public:
  explicit ConnectLoad(const Load& load)
      : load_(load),
        request_(upgradeRequest(load.port)),
        close_(makeFrame(8, "\x03\xe8", true)),
        visits_(load.connections) {
    epoll_ = check(epoll_create1(0), "epoll_create1");
  }

  Figures run() {
    for (Visit& visit : visits_) begin(visit);
    runUntil(now() + load_.warmUp);
    const CpuTimes cpuBefore = CpuTimes::now(load_.serverPid);
    const double start = now();
    const std::uint64_t before = completed_;
    runUntil(start + load_.seconds);
    const double end = now();
    return rates(static_cast<double>(completed_ - before), end - start, cpuBefore,
                 CpuTimes::now(load_.serverPid));
  }

 private:
  void begin(Visit& visit) {
    visit = {};
    visit.fd = connectTo(load_.port, ++source_);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &visit;
    check(epoll_ctl(epoll_, EPOLL_CTL_ADD, visit.fd, &event), "epoll_ctl");
    sendAll(visit.fd, request_);
  }

  void runUntil(double end) {
    std::array<epoll_event, 256> events;
    do {
      const int count = epoll_wait(epoll_, events.data(), events.size(), kStallMillis);
      if (count == 0) throw std::runtime_error("the server has been silent for 10 s");
      for (int i = 0; i < count; ++i)
        read(*static_cast<Visit*>(events[static_cast<std::size_t>(i)].data.ptr));
    } while (now() < end);
  }

  void read(Visit& visit) {
    std::array<char, 2048> buffer;
    const ssize_t size = recv(visit.fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) throw std::runtime_error("the server closed a connection early");
    visit.answer.append(buffer.data(), static_cast<std::size_t>(size));
    if (!visit.isClosing) {
      const std::size_t end = visit.answer.find("\r\n\r\n");
      if (end == std::string::npos) return;
      if (!isUpgraded(visit.answer)) throw std::runtime_error("not upgraded: " + visit.answer);
      visit.answer.erase(0, end + 4);
      visit.isClosing = true;
      sendAll(visit.fd, close_);
    }
    if (visit.answer.size() < (load_.isRaw ? close_.size() : kCloseSize)) return;
    const bool isMasked = (static_cast<unsigned char>(visit.answer[1]) & 0x80U) != 0;
    if (visit.answer[0] != close_[0] || isMasked != load_.isRaw)
      throw std::runtime_error("no Close came back");
    close(visit.fd);
    ++completed_;
    begin(visit);
  }

  static constexpr std::size_t kCloseSize = 4;  // header and code, unmasked
  Load load_;
  std::string request_;
  std::string close_;
  std::vector<Visit> visits_;
  int epoll_ = -1;
  std::uint32_t source_ = 0;
  std::uint64_t completed_ = 0;
};

}  // namespace

Figures connectAndClose(const Load& load) { return ConnectLoad(load).run(); }

}  // namespace bench
