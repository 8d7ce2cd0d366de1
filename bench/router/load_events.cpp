// Events, from one to some.
#include <sys/epoll.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "load.hpp"
#include "wire.hpp"

namespace bench {

using namespace autobahn::wamp;

namespace {

constexpr int kStallMillis = 10000;

struct Subscriber {
  std::unique_ptr<WampPeer> peer;
  std::uint64_t received = 0;
};

class EventLoad {
 public:
  explicit EventLoad(const Load& load)
      : load_(load), publisher_(load.target), subscribers_(load.subscribers) {
    epoll_ = check(epoll_create1(0), "epoll_create1");
    publisher_.join();
    for (Subscriber& each : subscribers_) {
      each.peer = std::make_unique<WampPeer>(load.target);
      each.peer->join();
      each.peer->subscribe("com.bench.topic");
      each.peer->setNonBlocking();
      watch(*each.peer, &each);
    }
    publisher_.setNonBlocking();
  }

  Figures run() {
    runUntil(now() + load_.warmUp);
    const CpuTimes before = CpuTimes::now(load_.routerPid);
    const double start = now();
    const std::uint64_t first = delivered_;
    runUntil(start + load_.seconds);
    const double end = now();
    return rates(static_cast<double>(delivered_ - first), end - start, before,
                 CpuTimes::now(load_.routerPid));
  }

 private:
  void watch(const WampPeer& peer, Subscriber* subscriber) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = subscriber;
    check(epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.fd(), &event), "epoll_ctl");
  }

  // As many as `inFlight` that not all have received yet.
  void publish() {
    const std::uint64_t done = delivered_ / subscribers_.size();
    while (published_ < done + load_.inFlight) {
      publisher_.queue(message::Publish{.request = publisher_.nextRequest(),
                                        .topic = Text("com.bench.topic"),
                                        .payload = Payload({++published_, load_.text})});
    }
    publisher_.flush();
  }

  void runUntil(double end) {
    std::array<epoll_event, 256> ready;
    while (now() < end) {
      publish();
      const int count = check(epoll_wait(epoll_, ready.data(), ready.size(), kStallMillis), "epoll_wait");
      if (count == 0) throw std::runtime_error("nothing has come for 10 s");
      for (int i = 0; i < count; ++i)
        hear(*static_cast<Subscriber*>(ready[static_cast<std::size_t>(i)].data.ptr));
    }
  }

  void hear(Subscriber& subscriber) {
    for (const Message& each : subscriber.peer->receive()) {
      const auto& event = std::get<message::Event>(each);
      ++subscriber.received;
      ++delivered_;
      const bool isLooked = subscriber.received % 64 == 0;  // decoding all would cost more than routing them
      if (isLooked && event.payload.args() != List{subscriber.received, load_.text}) {
        throw std::runtime_error("an event is lost, or out of order");
      }
    }
  }

  Load load_;
  WampPeer publisher_;
  std::vector<Subscriber> subscribers_;
  int epoll_ = -1;
  std::uint64_t published_ = 0;
  std::uint64_t delivered_ = 0;
};

}  // namespace

Figures events(const Load& load) {
  const auto unrelated = makeUnrelated(load);
  return EventLoad(load).run();
}

}  // namespace bench
