// One connection of the demo: has messages of several kinds echoed and prints what it cost.
#pragma once

#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "common/program.hpp"

namespace demo {

namespace ws = autobahn::websocket;

struct Sample {
  std::string name;
  std::string payload;
  bool isBinary = false;
};

/// A short text, binary data, and ten million bytes of text.
std::vector<Sample> makeSamples();

class Trial final : public ws::WebSocketClientProtocol {
 public:
  Trial(const std::vector<Sample>* samples, bool expectsCompression, examples::Outcome* outcome)
      : samples_(samples), expectsCompression_(expectsCompression), outcome_(outcome) {}

  void onOpen() override;
  void onMessage(std::string_view payload, bool isBinary) override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 private:
  void sendNext();
  void fail(const std::string& what);

  const std::vector<Sample>* samples_;
  bool expectsCompression_;
  examples::Outcome* outcome_;
  std::size_t index_ = 0;
  ws::TrafficStats before_;
  std::chrono::steady_clock::time_point sent_{};
};

}  // namespace demo
