#include "http_poster.hpp"

#include <array>
#include <autobahn/util/net/asio_loop.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

namespace http = websocket::http;

/// A connection idle for longer may be about to be closed by the server: a request that crosses that is lost.
constexpr std::chrono::seconds kReusable{1};

http::Limits limitsOf(const PostTarget& target) {
  http::Limits limits;
  limits.maxBodySize = target.maxBodySize;
  return limits;
}

}  // namespace

HttpPoster::HttpPoster(asio::io_context& io, std::shared_ptr<const PostTarget> target)
    : loop_(util::AsioLoop::of(io)),
      target_(std::move(target)),
      dialer_(util::makeDialer(io)),
      parser_(limitsOf(*target_), "POST") {}

HttpPoster::~HttpPoster() { loop_.forget(*this); }

void HttpPoster::post(const std::string& path, std::string contentType, std::string body,
                      std::chrono::milliseconds wait, Handler handler) {
  http::Request request;
  request.method = "POST";
  request.target = target_->path + path;
  request.headers = target_->headers;
  request.headers.set("Host", target_->host);
  if (!body.empty()) request.headers.set("Content-Type", std::move(contentType));
  request.body = std::move(body);
  output_ = http::serialize(request);
  written_ = 0;
  wait_ = wait;
  handler_ = std::move(handler);
  parser_.reset();
  if (stream_ && loop_.now() - idleSince_ > kReusable) disconnect();
  loop_.schedule(*this,
                 target_->timeout.count() == 0 ? util::kNever : loop_.now() + target_->timeout + wait_);
  if (!stream_) return dial();
  // Not from within: what comes of it is told later.
  loop_.callAtTurnEnd(*this);
}

void HttpPoster::dial() {
  dialing_ = dialer_->dial(
      target_->dial, target_->timeout,
      [this](std::error_code error, const std::string& detail, std::unique_ptr<util::Stream> stream) {
        dialing_ = {};
        if (error) return fail(detail.empty() ? "cannot connect: " + error.message() : detail);
        stream_ = std::move(stream);
        isReady_ = false;
        stream_->setNoDelay(true);
        if (const std::error_code refused = stream_->attach(*this)) {
          return fail("cannot watch the connection: " + refused.message());
        }
        advance();
      });
}

/// The stream's own handshakes, then the request.
void HttpPoster::advance() {
  if (const std::error_code error = stream_->handshake()) {
    if (error == std::errc::operation_would_block) return;
    const std::string detail = stream_->errorDetail();
    return fail("cannot connect: " + (detail.empty() ? error.message() : detail));
  }
  isReady_ = true;
  network_ = stream_->details();
  writeSome();
}

void HttpPoster::writeSome() {
  while (written_ < output_.size()) {
    const std::string_view rest = std::string_view(output_).substr(written_);
    const util::IoResult result = stream_->write(std::span(&rest, 1));
    written_ += result.size;
    // A server may answer, and end, before it has read all: what it said is read.
    if (result.failed()) return readSome();
    if (result.size < rest.size()) break;
  }
  stream_->watchWrite(written_ < output_.size() || stream_->pendingWrite() != 0);
}

void HttpPoster::readSome() {
  for (;;) {
    const std::span<char> buffer = loop_.receiveBuffer();
    const util::IoResult result = stream_->read(buffer);
    std::string_view input(buffer.data(), result.size);
    if (!isBusy()) {
      // Nothing is asked: it ends, or says what nobody wants to know.
      if (!result.wouldBlock()) disconnect();
      return;
    }
    if (!input.empty()) {
      const http::ParseStatus status = parser_.feed(input);
      if (status == http::ParseStatus::bad) return fail("malformed answer: " + parser_.error().reason);
      if (status == http::ParseStatus::complete) return conclude();
    }
    if (result.failed()) return fail("connection lost: " + result.error.message());
    if (result.eof) {
      if (parser_.finish() == http::ParseStatus::complete) return conclude();
      return fail("the server ended the connection without an answer");
    }
    if (result.size < buffer.size()) return;
  }
}

void HttpPoster::conclude() {
  http::Response response = std::move(parser_.response());
  if (!response.keepAlive || written_ < output_.size()) {
    disconnect();
  } else {
    idleSince_ = loop_.now();
  }
  answer({}, std::move(response));
}

void HttpPoster::fail(std::string problem) {
  disconnect();
  answer(problem, {});
}

/// The last thing that is done: this may be gone when it returns.
void HttpPoster::answer(const std::string& problem, http::Response response) {
  loop_.schedule(*this, util::kNever);
  output_ = {};
  const Handler handler = std::exchange(handler_, nullptr);
  if (handler) handler(problem, std::move(response));
}

void HttpPoster::disconnect() {
  dialing_ = {};
  stream_.reset();
}

void HttpPoster::onReadable() {
  if (!isReady_) return advance();
  readSome();
}

void HttpPoster::onWritable() {
  if (!isReady_) return advance();
  if (written_ < output_.size()) return writeSome();
  stream_->watchWrite(stream_->pendingWrite() != 0);
}

void HttpPoster::onTimer() { fail("no answer in time"); }

void HttpPoster::onTurnEnd() {
  if (!isBusy() || dialing_) return;
  if (!stream_) return dial();  // it has ended meanwhile
  if (isReady_) writeSome();
}

}  // namespace autobahn::inline v0::wamp
