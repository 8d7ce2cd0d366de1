// POST requests to one server, one after another, over one connection at a time.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <autobahn/websocket/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace autobahn::inline v0::wamp {

/// Where requests go, and what all of them have.
struct PostTarget {
  util::DialTarget dial{};
  std::string host{};  ///< the Host header
  std::string path{};  ///< in front of each request's path
  websocket::http::Headers headers{};
  std::chrono::milliseconds timeout{0};  ///< for connecting, and for a request's answer beyond its own wait
  std::size_t maxBodySize = 0;           ///< of an answer
};

/// On one loop. Destroying it gives up the request under way; its handler is not called then.
class HttpPoster final : private util::StreamObserver, private util::LoopTask {
 public:
  /// `problem`: empty, or why there is no answer.
  using Handler = std::function<void(const std::string& problem, websocket::http::Response response)>;

  HttpPoster(asio::io_context& io, std::shared_ptr<const PostTarget> target);
  HttpPoster(const HttpPoster&) = delete;
  HttpPoster& operator=(const HttpPoster&) = delete;
  ~HttpPoster();

  bool isBusy() const { return handler_ != nullptr; }
  /// Not while busy. `wait`: how long the server may take its time. The handler is called once, later; it may
  /// post again, and destroy this.
  void post(const std::string& path, std::string contentType, std::string body,
            std::chrono::milliseconds wait, Handler handler);
  /// Of the present or last connection.
  const util::TransportDetails& network() const { return network_; }

 private:
  void dial();
  void advance();
  void writeSome();
  void readSome();
  void conclude();
  void fail(std::string problem);
  void answer(const std::string& problem, websocket::http::Response response);
  void disconnect();
  void onReadable() override;
  void onWritable() override;
  void onTimer() override;
  /// A request for the connection at hand.
  void onTurnEnd() override;

  util::EventLoop& loop_;
  std::shared_ptr<const PostTarget> target_;
  std::unique_ptr<util::Dialer> dialer_;
  util::DialHandle dialing_;
  std::unique_ptr<util::Stream> stream_;
  util::TransportDetails network_;
  websocket::http::ResponseParser parser_;
  std::string output_;  ///< the request
  std::size_t written_ = 0;
  std::chrono::milliseconds wait_{0};
  Handler handler_;
  util::TimePoint idleSince_;
  bool isReady_ = false;  ///< the stream's own handshakes are done
};

}  // namespace autobahn::inline v0::wamp
