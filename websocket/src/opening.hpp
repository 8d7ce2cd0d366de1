// The opening handshake as a dialogue: what the pure functions of handshake.hpp need kept between reads.
// Exists only until the connection is open.
#pragma once

#include <autobahn/websocket/compression.hpp>
#include <autobahn/websocket/http.hpp>
#include <autobahn/websocket/identity.hpp>
#include <autobahn/websocket/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {

/// A server's side: a sequence of plain HTTP requests, at last one for WebSocket.
class ServerOpening {
 public:
  enum class Step : std::uint8_t {
    needMore,
    httpRequest,  ///< in `httpRequest()`; waits for `requestAnswered`
    connect,      ///< in `request()`; waits for a decision
    refused,      ///< `answer()` is to be sent, then the connection ends
    flashPolicy,  ///< the flash socket policy was asked for
  };

  ServerOpening(std::shared_ptr<const ServerOptions> options, std::shared_ptr<const ServerIdentity> identity);

  /// Takes bytes from the front of `input`.
  Step next(std::string_view& input);
  bool waits() const { return asked_ != Step::needMore; }
  /// True when the application was asked (`httpRequest` or `connect`) and has not answered.
  bool asks(Step question) const { return asked_ == question; }
  bool started() const { return parser_.started() || !flashRequest_.empty(); }
  void requestAnswered();

  const http::Request& httpRequest() { return parser_.request(); }
  ConnectionRequest& request() { return request_; }
  const http::Response& answer() const { return answer_; }
  const ServerIdentity& identity() const { return *identity_; }

 private:
  std::optional<Step> takeFlashRequest(std::string_view& input);

  std::shared_ptr<const ServerOptions> options_;
  std::shared_ptr<const ServerIdentity> identity_;
  http::RequestParser parser_;
  ConnectionRequest request_;
  http::Response answer_;
  std::string flashRequest_;
  Step asked_ = Step::needMore;  ///< what an answer is waited for
  bool mayBeFlash_;
};

/// A client's side: one request, one response.
class ClientOpening {
 public:
  enum class Step : std::uint8_t { needMore, connected, failed };

  ClientOpening(std::shared_ptr<const ClientOptions> options, ClientRequest request);

  /// The bytes to send first.
  std::string start();
  bool started() const { return !key_.empty(); }
  Step next(std::string_view& input);
  /// The transport ended: a response that lasts until then is complete now.
  Step finish();
  bool waits() const { return waiting_; }

  ClientRequest request;
  ConnectionResponse response;
  std::optional<PerMessageDeflateParameters> compression;
  /// Why it failed.
  const std::string& error() const { return error_; }

 private:
  Step check();

  std::shared_ptr<const ClientOptions> options_;
  std::string key_;
  http::ResponseParser parser_;
  std::string error_;
  bool waiting_ = false;
};

}  // namespace autobahn::inline v0::websocket
