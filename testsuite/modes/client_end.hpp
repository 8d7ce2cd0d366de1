// How a client's only connection ended, as its mode hears of it.
#pragma once

#include <autobahn/websocket/client.hpp>
#include <stdexcept>
#include <string>

namespace wstest {

struct ClientEnd {
  bool wasOpen = false;
  bool isDone = false;    ///< all that was asked for has been done
  std::string problem{};  ///< what the client itself found wrong
  std::string reason{};   ///< why the connection ended

  /// 0; 1 after a line about what was wrong. Throws std::runtime_error when nobody could be reached.
  int exitCode(const std::string& url) const;
};

/// A client that fills in a ClientEnd.
class EndingClient : public autobahn::websocket::WebSocketClientProtocol {
 public:
  explicit EndingClient(ClientEnd* end) : end_(end) {}

  void onOpen() override { end_->wasOpen = true; }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 protected:
  /// All is said; with a problem, the mode ends with 1.
  void conclude(std::string problem = {});

 private:
  ClientEnd* end_;
};

}  // namespace wstest
