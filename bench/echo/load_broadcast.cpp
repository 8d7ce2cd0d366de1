// One speaks, all hear it, and when all have heard it, again.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "generator.hpp"
#include "script.hpp"

namespace bench {
namespace {

constexpr int kStallMillis = 10000;

class BroadcastLoad {
 public:
  explicit BroadcastLoad(const Load& load)
      : load_(load),
        payload_(makePayload(load.content, load.payloadSize)),
        frame_(makeMessage(load.content, payload_, true)) {
    epoll_ = check(epoll_create1(0), "epoll_create1");
    const Opening opening = load.opening(Script(load).offer);
    openMany(opening, load.connections, [this](auto channels) {
      std::move(channels.begin(), channels.end(), std::back_inserter(subscribers_));
    });
    compareOne();
    for (const auto& subscriber : subscribers_) {
      subscriber->setNonBlocking(true);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = subscriber.get();
      check(epoll_ctl(epoll_, EPOLL_CTL_ADD, subscriber->fd(), &event), "epoll_ctl");
    }
  }

  Figures run() {
    runUntil(now() + load_.warmUp);
    const CpuTimes before = CpuTimes::now(load_.serverPid);
    const double start = now();
    const std::uint64_t messages = runUntil(start + load_.seconds) * subscribers_.size();
    const double end = now();
    Figures figures =
        rates(static_cast<double>(messages), end - start, before, CpuTimes::now(load_.serverPid));
    figures["bytesBack"] = static_cast<double>(echoSize_);
    for (const auto& subscriber : subscribers_) subscriber->setNonBlocking(false);
    compareOne();
    return figures;
  }

 private:
  void speak() { subscribers_.front()->sendAll(frame_); }

  /// Everybody gets it, as it was said.
  void compareOne() {
    speak();
    for (const auto& subscriber : subscribers_) {
      const std::string frame = receiveFrame(*subscriber);
      if (echoSize_ == 0) echoSize_ = frame.size();
      if (frame.size() != echoSize_) throw std::runtime_error("what is broadcast differs in size");
    }
  }

  /// A small unmasked frame, whose payload is looked at.
  std::string receiveFrame(Channel& channel) {
    std::string frame = channel.receiveAll(2);
    const auto octet = [&frame](std::size_t i) { return static_cast<unsigned char>(frame[i]); };
    std::size_t size = octet(1);
    if (size == 126) {
      frame += channel.receiveAll(2);
      size = static_cast<std::size_t>(octet(2) << 8 | octet(3));
    }
    const std::string payload = channel.receiveAll(size);
    const bool isCompressed = (octet(0) & kCompressed) != 0;
    if (isCompressed) inflater_.reset();
    if ((isCompressed ? inflater_.message(payload) : payload) != payload_)
      throw std::runtime_error("what is broadcast is not what was said");
    return frame + payload;
  }

  /// Returns how many times something was said and heard by all.
  std::uint64_t runUntil(double end) {
    std::uint64_t count = 0;
    do {
      speak();
      receiveBy(subscribers_.size() * echoSize_);
      ++count;
    } while (now() < end);
    return count;
  }

  void receiveBy(std::uint64_t bytes) {
    std::array<epoll_event, 512> events;
    while (bytes > 0) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), kStallMillis);
      if (count == 0) throw std::runtime_error("a subscriber has waited for 10 s");
      for (int i = 0; i < count; ++i) {
        auto& subscriber = *static_cast<Channel*>(events[static_cast<std::size_t>(i)].data.ptr);
        const ssize_t size = subscriber.discard();
        if (size == 0) throw std::runtime_error("the server closed a connection under load");
        if (size > 0) bytes -= static_cast<std::uint64_t>(size);
      }
    }
  }

  Load load_;
  std::string payload_;
  std::string frame_;
  std::size_t echoSize_ = 0;
  Inflater inflater_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Channel>> subscribers_;
};

}  // namespace

Figures broadcast(const Load& load) { return BroadcastLoad(load).run(); }

}  // namespace bench
