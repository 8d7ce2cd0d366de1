// A dialer that does what the test tells it to.
#pragma once

#include <autobahn/util/net/dialer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "fake_loop.hpp"
#include "fake_stream.hpp"

namespace autobahn::inline v0::util::testing {

/// Every dial is recorded; `plan` decides its outcome, by its number from 0. Without a plan a dial hangs
/// until its time-out.
class FakeDialer final : public Dialer {
 public:
  struct Outcome {
    std::error_code error{};  ///< none: connected
    std::string detail{};
    Clock::duration delay{0};
    bool hangs = false;  ///< until the time-out
    FakeLink toServer{};
    FakeLink toClient{};
  };
  struct Dial {
    DialTarget target;
    std::chrono::milliseconds timeout{0};
    TimePoint when;
    bool cancelled = false;
    bool finished = false;
  };

  explicit FakeDialer(FakeLoop& loop) : loop_(loop) {}

  std::function<Outcome(std::size_t number)> plan;
  /// Given the server's end of every connection made, before the client has its own.
  std::function<void(std::unique_ptr<FakeStream> server)> onConnected;
  std::vector<std::shared_ptr<Dial>> dials;

  DialHandle dial(const DialTarget& target, std::chrono::milliseconds timeout, DialHandler handler) override {
    const std::size_t number = dials.size();
    auto dial = std::make_shared<Dial>(Dial{target, timeout, loop_.now(), false, false});
    dials.push_back(dial);
    Outcome outcome = plan ? plan(number) : Outcome{};
    if (!plan) outcome.hangs = true;
    if (outcome.hangs || (timeout > timeout.zero() && outcome.delay > timeout)) {
      outcome.error = std::make_error_code(std::errc::timed_out);
      outcome.detail = "connecting took too long";
      outcome.delay = timeout;
    }
    if (!outcome.hangs || timeout > timeout.zero()) {
      loop_.at(loop_.now() + outcome.delay, [this, dial, outcome, handler = std::move(handler)] {
        if (!dial->cancelled) finish(*dial, outcome, handler);
      });
    }
    return std::make_unique<Operation>(std::move(dial));
  }

 private:
  struct Operation final : DialOperation {
    explicit Operation(std::shared_ptr<Dial> d) : dial(std::move(d)) {}
    ~Operation() override { dial->cancelled = !dial->finished; }
    std::shared_ptr<Dial> dial;
  };

  void finish(Dial& dial, const Outcome& outcome, const DialHandler& handler) {
    dial.finished = true;
    if (outcome.error) return handler(outcome.error, outcome.detail, nullptr);
    auto [client, server] = makeFakePair(loop_, outcome.toServer, outcome.toClient);
    if (onConnected) onConnected(std::move(server));
    handler({}, {}, std::move(client));
  }

  FakeLoop& loop_;
};

}  // namespace autobahn::inline v0::util::testing
