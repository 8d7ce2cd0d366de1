// The connection of `ws`: does its task, or what the lines of standard input say.
#pragma once

#include <asio/steady_timer.hpp>
#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/program.hpp"
#include "console.hpp"
#include "settings.hpp"

namespace ws {

class Session final : public websocket::WebSocketClientProtocol {
 public:
  Session(const Task* task, examples::Outcome* outcome) : task_(task), outcome_(outcome) {}

  void onOpen() override;
  void onMessage(std::string_view payload, bool isBinary) override;
  void onPong(std::string_view payload) override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 private:
  void startTimer();
  void sendAll();
  void sendNextPing();
  void showRoundTrips() const;
  void onLine(const std::optional<std::string>& line);
  void onCommand(const std::string& command, const std::string& rest);
  void close(const std::string& arguments);
  bool isDone() const;
  void endWhenDone();

  const Task* task_;
  examples::Outcome* outcome_;
  std::shared_ptr<Console> console_;
  std::optional<asio::steady_timer> timer_;
  std::size_t expected_ = 0;
  std::size_t received_ = 0;
  bool isInputOver_ = false;
  std::chrono::steady_clock::time_point pingSent_{};
  std::vector<double> roundTrips_;  ///< milliseconds
};

}  // namespace ws
