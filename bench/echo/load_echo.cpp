// Messages in flight on many connections: the main load.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "generator.hpp"

namespace bench {
namespace {

constexpr int kStallMillis = 10000;
constexpr std::size_t kReadSize = 4 << 20;

struct Connection {
  int fd = -1;
  std::uint64_t sent = 0;      // bytes
  std::uint64_t owed = 0;      // bytes that may be sent: grows with what came back
  std::uint64_t received = 0;  // bytes
  std::uint64_t answered = 0;  // messages
  double sentAt = 0;           // with one message in flight: when it left
  bool isBlocked = false;      // waits for EPOLLOUT
};

class EchoLoad {
 public:
  explicit EchoLoad(const Load& load)
      : load_(load), payload_(makePayload(load.content, load.payloadSize)), connections_(load.connections) {
    const std::string frame = makeMessage(load.content, payload_, true);
    frameSize_ = frame.size();
    echoSize_ = makeMessage(load.content, payload_, load.isRaw).size();
    // One more than can be owed at once: sending may begin inside a frame.
    for (std::uint32_t i = 0; i <= load.inFlight; ++i) frames_ += frame;
    epoll_ = check(epoll_create1(0), "epoll_create1");
    for (Connection& connection : connections_) {
      connection.fd = open(load.port);
      exchange(connection.fd, load_, payload_);
      check(fcntl(connection.fd, F_SETFL, O_NONBLOCK), "fcntl");
      watch(EPOLL_CTL_ADD, connection, EPOLLIN);
    }
  }

  Figures run() {
    for (Connection& connection : connections_) {
      connection.owed = load_.inFlight * frameSize_;
      flush(connection, now());
    }
    runUntil(now() + load_.warmUp);
    latencies_.clear();
    const CpuTimes cpuBefore = CpuTimes::now(load_.serverPid);
    const double start = now();
    const std::uint64_t bytesBefore = bytes_;
    runUntil(start + load_.seconds);
    const double end = now();
    const CpuTimes cpuAfter = CpuTimes::now(load_.serverPid);
    const double count = static_cast<double>(bytes_ - bytesBefore) / static_cast<double>(echoSize_);
    Figures figures = rates(count, end - start, cpuBefore, cpuAfter);
    addLatencies(figures);
    finish();
    return figures;
  }

 private:
  void watch(int operation, Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    check(epoll_ctl(epoll_, operation, connection.fd, &event), "epoll_ctl");
  }

  /// One round of the loop; returns the time after it.
  double turn() {
    std::array<epoll_event, 512> events;
    const int count = epoll_wait(epoll_, events.data(), events.size(), kStallMillis);
    if (count == 0) throw std::runtime_error("the server has been silent for 10 s");
    const double time = now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      auto& connection = *static_cast<Connection*>(event.data.ptr);
      if (event.events & EPOLLOUT) flush(connection, time);
      if (event.events & ~EPOLLOUT) read(connection, time);
    }
    return time;
  }

  void runUntil(double end) {
    while (turn() < end) {
    }
  }

  void read(Connection& connection, double time) {
    // MSG_TRUNC on TCP: the kernel drops the bytes instead of copying them (tcp(7)).
    const ssize_t size = recv(connection.fd, nullptr, kReadSize, MSG_TRUNC);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) throw std::runtime_error("the server closed a connection under load");
    connection.received += static_cast<std::uint64_t>(size);
    bytes_ += static_cast<std::uint64_t>(size);
    const std::uint64_t answered = connection.received / echoSize_;
    if (answered == connection.answered) return;
    if (load_.inFlight == 1) latencies_.push_back(static_cast<float>(time - connection.sentAt));
    if (!isEnding_) connection.owed += (answered - connection.answered) * frameSize_;
    connection.answered = answered;
    if (!connection.isBlocked) flush(connection, time);
  }

  void flush(Connection& connection, double time) {
    if (load_.inFlight == 1 && connection.sent % frameSize_ == 0) connection.sentAt = time;
    while (connection.sent < connection.owed) {
      const char* from = frames_.data() + connection.sent % frameSize_;
      const ssize_t size = send(connection.fd, from, connection.owed - connection.sent, MSG_NOSIGNAL);
      if (size < 0 && errno != EAGAIN) check(-1, "send under load");
      if (size < 0) {
        if (!connection.isBlocked) watch(EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
        connection.isBlocked = true;
        return;
      }
      connection.sent += static_cast<std::uint64_t>(size);
    }
    if (connection.isBlocked) watch(EPOLL_CTL_MOD, connection, EPOLLIN);
    connection.isBlocked = false;
  }

  /// Lets everything come back, and then once more looks at what comes back.
  void finish() {
    isEnding_ = true;
    const auto isUnderWay = [this](const Connection& connection) {
      return connection.received * frameSize_ < connection.owed * echoSize_;
    };
    while (std::any_of(connections_.begin(), connections_.end(), isUnderWay)) turn();
    for (Connection& connection : connections_) {
      check(fcntl(connection.fd, F_SETFL, 0), "fcntl");
      exchange(connection.fd, load_, payload_);
      close(connection.fd);
    }
  }

  void addLatencies(Figures& figures) {
    if (latencies_.empty()) return;
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [this](double share) {
      const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size() - 1));
      return static_cast<double>(latencies_[index]) * 1e6;
    };
    figures["p50Micros"] = at(0.5);
    figures["p99Micros"] = at(0.99);
    figures["p999Micros"] = at(0.999);
  }

  Load load_;
  std::string payload_;
  std::string frames_;  // as many as may be owed at once
  std::size_t frameSize_ = 0;
  std::size_t echoSize_ = 0;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<float> latencies_;  // s
  std::uint64_t bytes_ = 0;
  bool isEnding_ = false;
};

}  // namespace

Figures echo(const Load& load) { return EchoLoad(load).run(); }

}  // namespace bench
