#include "http_hop.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

namespace http = websocket::http;

/// What came of a request, on the thread that asked.
struct Outcome {
  std::optional<http::Response> response{};
  std::exception_ptr error{};
  bool isThere = false;
  asio::steady_timer* waiting = nullptr;  ///< cancelled when it is there; null: nobody waits any more
};

/// The way back to who asked, from any thread. Goes by itself when nothing else is said.
class Reply {
 public:
  Reply(std::shared_ptr<util::LoopMailbox> asker, std::shared_ptr<Outcome> outcome)
      : asker_(std::move(asker)), outcome_(std::move(outcome)) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() {
    fail(std::make_exception_ptr(websocket::ConnectionDeny(websocket::ConnectionDeny::kServiceUnavailable,
                                                           "the server is going away")));
  }

  void give(http::Response response) { send(std::move(response), nullptr); }
  void fail(std::exception_ptr error) { send(std::nullopt, std::move(error)); }

 private:
  void send(std::optional<http::Response> response, std::exception_ptr error) {
    const auto outcome = std::exchange(outcome_, nullptr);
    if (!outcome) return;
    asker_->post([outcome, response = std::move(response), error = std::move(error)]() mutable {
      outcome->response = std::move(response);
      outcome->error = std::move(error);
      outcome->isThere = true;
      if (outcome->waiting != nullptr) outcome->waiting->cancel();
    });
  }

  std::shared_ptr<util::LoopMailbox> asker_;
  std::shared_ptr<Outcome> outcome_;  ///< null: it is sent
};

/// The first loop, and what answers there.
struct Answerer {
  std::shared_ptr<util::LoopMailbox> mailbox;
  asio::io_context& io;
  websocket::HttpHandler handler;

  void answer(const http::Request& request, const websocket::TransportDetails& network,
              const std::shared_ptr<Reply>& reply) const {
    try {
      websocket::HttpDecision decision = handler(request, network);
      if (decision.isReady()) return reply->give(decision.takeValue());
      asio::co_spawn(io, decision.takeAwaitable(), [reply](std::exception_ptr error, http::Response later) {
        if (error) return reply->fail(std::move(error));
        reply->give(std::move(later));
      });
    } catch (...) {
      reply->fail(std::current_exception());
    }
  }
};

asio::awaitable<http::Response> wait(std::shared_ptr<Outcome> outcome) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  struct Waiting {
    Waiting(Outcome& of, asio::steady_timer& on) : outcome(of) { outcome.waiting = &on; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { outcome.waiting = nullptr; }
    Outcome& outcome;
  } const waiting(*outcome, timer);
  while (!outcome->isThere) {
    std::error_code answered;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, answered));
  }
  if (outcome->error) std::rethrow_exception(outcome->error);
  co_return std::move(*outcome->response);
}

}  // namespace

websocket::HttpHandler answerOnFirstLoop(const util::LoopGroup& loops, websocket::HttpHandler handler) {
  const auto answerer = std::make_shared<const Answerer>(
      Answerer{loops.at(0).mailbox(), loops.at(0).context(), std::move(handler)});
  return [&loops, answerer](const http::Request& request,
                            const websocket::TransportDetails& network) -> websocket::HttpDecision {
    const std::size_t here = loops.indexOfCurrentThread();
    if (here == 0) return answerer->handler(request, network);
    const auto outcome = std::make_shared<Outcome>();
    const auto reply = std::make_shared<Reply>(loops.at(here).mailbox(), outcome);
    answerer->mailbox->post(
        [answerer, request, network, reply] { answerer->answer(request, network, reply); });
    return wait(outcome);
  };
}

}  // namespace autobahn::inline v0::wamp
