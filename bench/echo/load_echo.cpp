// Messages in flight on many connections: the main load.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "generator.hpp"
#include "script.hpp"

namespace bench {
namespace {

constexpr int kStallMillis = 10000;

struct Connection {
  std::unique_ptr<Channel> channel;
  std::unique_ptr<Answers> answers;
  std::uint64_t sent = 0;   // bytes
  std::uint64_t owed = 0;   // bytes that may be sent: grows with what came back
  std::uint64_t asked = 0;  // messages owed
  double sentAt = 0;        // with one message in flight: when it left
  bool isBlocked = false;   // waits for EPOLLOUT
};

/// What has come back on all connections.
struct Total {
  double messages = 0;
  double bytes = 0;
};

class EchoLoad {
 public:
  explicit EchoLoad(const Load& load)
      : load_(load), script_(load), isCounted_(!script_.echoEnds.at.empty()), connections_(load.connections) {
    epoll_ = check(epoll_create1(0), "epoll_create1");
    const Opening opening = load.opening(script_.offer);
    auto channels = openAll(opening, load.connections);
    for (std::size_t i = 0; i < channels.size(); ++i) {
      Connection& connection = connections_[i];
      connection.channel = std::move(channels[i]);
      connection.answers = makeAnswers(script_);
      compareOne(connection);
      connection.channel->setNonBlocking(true);
      watch(EPOLL_CTL_ADD, connection, EPOLLIN);
    }
  }

  Figures run() {
    stagger();
    for (Connection& connection : connections_) {
      ask(connection, load_.inFlight, now());
      flush(connection);
    }
    runUntil(now() + load_.warmUp);
    latencies_.clear();
    const CpuTimes cpuBefore = CpuTimes::now(load_.serverPid);
    const double start = now();
    const Total before = total();
    runUntil(start + load_.seconds);
    const double end = now();
    const CpuTimes cpuAfter = CpuTimes::now(load_.serverPid);
    const Total after = total();
    const double count = after.messages - before.messages;
    Figures figures = rates(count, end - start, cpuBefore, cpuAfter);
    figures["bytesBack"] = (after.bytes - before.bytes) / count;
    addLatencies(figures);
    finish();
    return figures;
  }

 private:
  void watch(int operation, Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    check(epoll_ctl(epoll_, operation, connection.channel->fd(), &event), "epoll_ctl");
  }

  Total total() const {
    Total sum;
    for (const Connection& connection : connections_) {
      sum.messages += connection.answers->progress();
      sum.bytes += static_cast<double>(connection.answers->bytes());
    }
    return sum;
  }

  /// Where answers are only counted, one message is looked at before and after the window.
  void compareOne(Connection& connection) {
    if (isCounted_ && load_.takeover == Takeover::none)
      exchange(*connection.channel, load_, script_.payloads[0]);
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
      if (event.events & EPOLLOUT) flush(connection);
      if (event.events & ~EPOLLOUT) read(connection, time);
    }
    return time;
  }

  void runUntil(double end) {
    while (turn() < end) {
    }
  }

  void ask(Connection& connection, std::uint64_t messages, double time) {
    connection.sentAt = time;
    connection.asked += messages;
    connection.owed = script_.ends.bytes(connection.asked);
  }

  void read(Connection& connection, double time) {
    const std::uint64_t before = connection.answers->messages();
    if (!connection.answers->take(*connection.channel)) return;
    const std::uint64_t answered = connection.answers->messages() - before;
    if (answered == 0) return;
    if (load_.inFlight == 1) latencies_.push_back(static_cast<float>(time - connection.sentAt));
    if (!isEnding_) ask(connection, answered, time);
    if (!connection.isBlocked) flush(connection);
  }

  void flush(Connection& connection) {
    const std::uint64_t sequence = script_.ends.at.back();
    while (connection.sent < connection.owed) {
      const char* from = script_.frames.data() + connection.sent % sequence;
      const ssize_t size = connection.channel->send({from, connection.owed - connection.sent});
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

  /// Where messages differ, no two connections are at the same one: what has just been done for another
  /// connection would be easier to do again than it is in life.
  void stagger() {
    isEnding_ = true;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      ask(connections_[i], i * script_.payloads.size() / connections_.size(), now());
      flush(connections_[i]);
    }
    awaitAll();
    isEnding_ = false;
  }

  void awaitAll() {
    const auto isUnderWay = [](const Connection& connection) {
      return connection.answers->messages() < connection.asked;
    };
    while (std::any_of(connections_.begin(), connections_.end(), isUnderWay)) turn();
  }

  /// Lets everything come back, and then once more looks at what comes back.
  void finish() {
    isEnding_ = true;
    awaitAll();
    for (Connection& connection : connections_) {
      connection.channel->setNonBlocking(false);
      compareOne(connection);
      connection.channel.reset();
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
  Script script_;
  bool isCounted_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<float> latencies_;  // s
  bool isEnding_ = false;
};

}  // namespace

Figures echo(const Load& load) { return EchoLoad(load).run(); }

}  // namespace bench
