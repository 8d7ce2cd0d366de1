// Remote procedure calls, pipelined.
#include <poll.h>

#include <array>
#include <stdexcept>

#include "load.hpp"
#include "wire.hpp"

namespace bench {

using namespace autobahn::wamp;

namespace {

constexpr int kStallMillis = 10000;

class CallLoad {
 public:
  explicit CallLoad(const Load& load) : load_(load), caller_(load.target), callee_(load.target) {
    caller_.join();
    callee_.join();
    callee_.registerProcedure("com.bench.echo");
    caller_.setNonBlocking();
    callee_.setNonBlocking();
  }

  Figures run() {
    for (std::uint32_t i = 0; i < load_.inFlight; ++i) call();
    runUntil(now() + load_.warmUp);
    const CpuTimes before = CpuTimes::now(load_.routerPid);
    const double start = now();
    const Id first = answered_;
    runUntil(start + load_.seconds);
    const double end = now();
    return rates(static_cast<double>(answered_ - first), end - start, before, CpuTimes::now(load_.routerPid));
  }

 private:
  void call() {
    const Id request = caller_.nextRequest();
    caller_.queue(message::Call{
        .request = request, .procedure = Text("com.bench.echo"), .payload = Payload({request, load_.text})});
  }

  void runUntil(double end) {
    while (now() < end) {
      const bool callerHasMore = !caller_.flush();
      const bool calleeHasMore = !callee_.flush();
      std::array<pollfd, 2> waiting{
          {{caller_.fd(), events(callerHasMore), 0}, {callee_.fd(), events(calleeHasMore), 0}}};
      if (check(poll(waiting.data(), waiting.size(), kStallMillis), "poll") == 0) {
        throw std::runtime_error("nothing has come for 10 s");
      }
      if ((waiting[1].revents & POLLIN) != 0) answer();
      if ((waiting[0].revents & POLLIN) != 0) hear();
    }
  }
  static short events(bool hasMore) { return static_cast<short>(hasMore ? POLLIN | POLLOUT : POLLIN); }

  void answer() {
    for (Message& each : callee_.receive()) {
      auto& invocation = std::get<message::Invocation>(each);
      callee_.queue(message::Yield{.request = invocation.request, .payload = std::move(invocation.payload)});
    }
  }

  void hear() {
    for (const Message& each : caller_.receive()) {
      const auto& result = std::get<message::Result>(each);
      if (result.request != ++answered_) throw std::runtime_error("a result is lost, or comes too early");
      const bool isLooked = answered_ % 64 == 0;  // decoding all would cost more than routing them
      if (isLooked && result.payload.args() != List{answered_, load_.text}) {
        throw std::runtime_error("a result is not that of its call");
      }
      call();
    }
  }

  Load load_;
  WampPeer caller_;
  WampPeer callee_;
  Id answered_ = 0;
};

}  // namespace

Figures calls(const Load& load) {
  const auto unrelated = makeUnrelated(load);
  return CallLoad(load).run();
}

}  // namespace bench
