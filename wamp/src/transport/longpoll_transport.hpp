// A router's end of one long-poll transport: a queue that is fetched by requests.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/wamp/longpoll.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "serialized_transport.hpp"

namespace autobahn::inline v0::wamp {

/// An answer in words.
websocket::http::Response plainAnswer(int status, std::string text);
/// 204.
websocket::http::Response emptyAnswer();

/// Lives from `open` until its client closes it or stays away, or the router closes it and what was sent is
/// fetched. On one loop.
class LongPollTransport final : public SerializedTransport, private util::LoopTask {
 public:
  /// `gone` is called once, at the end.
  LongPollTransport(util::EventLoop& loop, const LongPollOptions& options,
                    std::unique_ptr<Serializer> serializer, std::shared_ptr<TransportHandler> handler,
                    util::TransportDetails network, std::function<void()> gone);

  /// Tells the handler, and watches over the client from here on.
  void start();

  // ---- What requests do
  /// Messages of the client.
  websocket::http::Response takeSent(std::string_view body);
  /// The client fetches what waits for it. There is one such request at a time: an earlier one is answered
  /// with nothing.
  websocket::HttpDecision fetch();
  /// The client wants no more.
  websocket::http::Response closeByClient();

  /// Ends in order: what waits may still be fetched.
  void goAway(std::chrono::milliseconds linger);
  /// Ends at once.
  void terminate(const std::string& reason);

  TransportDetails details() const override { return details_; }
  /// Requests may come over any connection: there is none to be bound to.
  std::string getChannelId(std::string_view /*type*/) const override { return {}; }

 protected:
  bool sendBytes(std::string_view bytes, bool isBinary) override;
  void closeConnection() override { endSoon("closed by this end"); }
  void abortConnection() override;
  void failConnection(const std::string& problem) override { endSoon(problem); }

 private:
  class Waiting;

  static asio::awaitable<websocket::http::Response> waitForNews(std::shared_ptr<LongPollTransport> self,
                                                                std::uint64_t turn);
  websocket::http::Response takeQueued();
  std::shared_ptr<LongPollTransport> self();
  void endSoon(std::string reason);
  void leave();
  void seen() { lastSeen_ = loop_.now(); }
  void onTimer() override;

  util::EventLoop& loop_;
  LongPollOptions options_;
  TransportDetails details_;
  std::function<void()> gone_;
  std::deque<std::string> queue_;  ///< serialized messages
  std::size_t queuedSize_ = 0;
  asio::steady_timer news_;  ///< cancelled when a request that waits shall look again
  std::uint64_t turn_ = 0;   ///< of the last `fetch`
  int waiting_ = 0;          ///< requests that wait
  util::TimePoint lastSeen_;
  std::string abortReason_ = "aborted by this end";
  bool isEnding_ = false;  ///< only what waits is to be fetched
  bool isGone_ = false;
  std::chrono::milliseconds linger_;  ///< how long a client has to fetch what was sent before the end
};

}  // namespace autobahn::inline v0::wamp
