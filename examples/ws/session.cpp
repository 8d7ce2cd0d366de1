#include "session.hpp"

#include <algorithm>
#include <autobahn/util/crypto.hpp>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <numeric>

namespace ws {

using websocket::FrameTrace;

namespace {

std::string_view opcodeName(std::uint8_t opcode) {
  switch (opcode) {
    case 0:
      return "continuation";
    case 1:
      return "text";
    case 2:
      return "binary";
    case 8:
      return "close";
    case 9:
      return "ping";
    case 10:
      return "pong";
    default:
      return "reserved";
  }
}

void showFrame(const FrameTrace& frame) {
  std::cerr << (frame.incoming ? "< " : "> ") << opcodeName(frame.opcode) << ' ' << frame.length
            << (frame.fin ? " fin" : "") << ((frame.rsv & 4) != 0 ? " rsv1" : "")
            << ((frame.rsv & 2) != 0 ? " rsv2" : "") << ((frame.rsv & 1) != 0 ? " rsv3" : "")
            << (frame.masked ? " masked" : "") << '\n';
}

constexpr const char* kHelp =
    "/ping [TEXT]   /close [CODE [REASON]]   /binary HEX   /help   //… sends a text that begins with /";

}  // namespace

void Session::onOpen() {
  std::cerr << "connected to " << peer();
  if (const auto tls = transportDetails().tls) std::cerr << ", " << tls->version;
  if (!subprotocol().empty()) std::cerr << ", subprotocol " << subprotocol();
  if (compression()) std::cerr << ", " << examples::describe(compression());
  std::cerr << '\n';
  if (task_->showsFrames) setFrameTrace(showFrame);
  if (task_->isInteractive()) {
    std::weak_ptr<WebSocketProtocol> weak = weak_from_this();
    console_ = std::make_shared<Console>(executor(), [this, weak](const std::optional<std::string>& line) {
      if (const auto alive = weak.lock()) onLine(line);
    });
    console_->start();
    return;
  }
  startTimer();
  expected_ = task_->wait.value_or(task_->texts.size() + task_->binaries.size());
  sendAll();
}

void Session::startTimer() {
  timer_.emplace(executor(), std::chrono::milliseconds(static_cast<long>(task_->timeout * 1000)));
  std::weak_ptr<WebSocketProtocol> weak = weak_from_this();
  timer_->async_wait([this, weak](std::error_code error) {
    const auto alive = weak.lock();
    if (error || !alive) return;
    outcome_->problem = "timeout: " + std::to_string(received_) + " of " + std::to_string(expected_) +
                        " messages received, " + std::to_string(roundTrips_.size()) + " of " +
                        std::to_string(task_->pings) + " pings answered";
    sendClose();
  });
}

void Session::sendAll() {
  for (const std::string& text : task_->texts) sendMessage(std::string_view(text));
  for (const std::string& bytes : task_->binaries) sendMessage(std::string_view(bytes), true);
  if (task_->pings > 0) sendNextPing();
  endWhenDone();
}

void Session::onMessage(std::string_view payload, bool isBinary) {
  // What arrives between our Close and the server's was not asked for.
  if (!task_->isInteractive() && isDone()) return;
  if (isBinary) {
    std::cout << "binary " << payload.size() << ": " << autobahn::util::hexEncode(payload) << '\n';
  } else {
    std::cout << payload << '\n';
  }
  ++received_;
  endWhenDone();
}

void Session::sendNextPing() {
  pingSent_ = std::chrono::steady_clock::now();
  sendPing("ws " + std::to_string(roundTrips_.size() + 1));
}

void Session::onPong(std::string_view payload) {
  const std::chrono::duration<double, std::milli> roundTrip = std::chrono::steady_clock::now() - pingSent_;
  if (task_->isInteractive()) {
    std::cerr << "pong after " << roundTrip.count() << " ms\n";
    return;
  }
  if (payload != "ws " + std::to_string(roundTrips_.size() + 1)) return;  // not the answer to ours
  roundTrips_.push_back(roundTrip.count());
  std::printf("pong %zu: %.3f ms\n", roundTrips_.size(), roundTrip.count());
  if (roundTrips_.size() < static_cast<std::size_t>(task_->pings)) return sendNextPing();
  showRoundTrips();
  endWhenDone();
}

void Session::showRoundTrips() const {
  const double sum = std::accumulate(roundTrips_.begin(), roundTrips_.end(), 0.0);
  const auto [least, most] = std::minmax_element(roundTrips_.begin(), roundTrips_.end());
  std::printf("%zu pings: min %.3f ms, average %.3f ms, max %.3f ms\n", roundTrips_.size(), *least,
              sum / static_cast<double>(roundTrips_.size()), *most);
  std::fflush(stdout);
}

bool Session::isDone() const {
  if (task_->isInteractive()) return isInputOver_;
  return received_ >= expected_ && roundTrips_.size() >= static_cast<std::size_t>(task_->pings);
}

void Session::endWhenDone() {
  if (isDone()) sendClose();
}

void Session::onLine(const std::optional<std::string>& line) {
  if (!line) {
    isInputOver_ = true;
    return endWhenDone();
  }
  if (!line->starts_with('/')) {
    sendMessage(std::string_view(*line));
  } else if (line->starts_with("//")) {
    sendMessage(std::string_view(*line).substr(1));
  } else {
    const std::size_t end = std::min(line->find(' '), line->size());
    onCommand(line->substr(0, end), end == line->size() ? "" : line->substr(end + 1));
  }
}

void Session::onCommand(const std::string& command, const std::string& rest) {
  try {
    if (command == "/ping") {
      pingSent_ = std::chrono::steady_clock::now();
      sendPing(rest);
    } else if (command == "/close") {
      close(rest);
    } else if (command == "/binary") {
      sendMessage(parseHex(rest), true);
    } else {
      std::cerr << kHelp << '\n';
    }
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << '\n';
  }
}

void Session::close(const std::string& arguments) {
  if (arguments.empty()) {
    sendClose();
    return;
  }
  std::uint16_t code = 0;
  const char* const end = arguments.data() + std::min(arguments.find(' '), arguments.size());
  const auto result = std::from_chars(arguments.data(), end, code);
  if (result.ec != std::errc{} || result.ptr != end) throw std::invalid_argument("/close [CODE [REASON]]");
  sendClose(code,
            end == arguments.data() + arguments.size() ? std::string_view() : std::string_view(end + 1));
}

void Session::onClose(bool wasClean, std::uint16_t code, const std::string& reason) {
  if (console_) console_->stop();
  timer_.reset();
  if (wasClean) std::cerr << "closed " << code << (reason.empty() ? "" : " ") << reason << '\n';
  if (!outcome_->problem.empty()) return;
  outcome_->ok = wasClean && (task_->isInteractive() || isDone());
  outcome_->problem = "closed with " + std::to_string(code) + (reason.empty() ? "" : ": ") + reason;
}

}  // namespace ws
