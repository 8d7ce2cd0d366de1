// The harness at one end of a real connection, a test's script at the other.
//
// What the peer says may lie in the socket before the harness looks: most scenes need no thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cases/exchange.hpp"
#include "wire/testing.hpp"

namespace wstest::testing {

/// Whom the harness tests.
enum class Peer : std::uint8_t { server, client };

/// For scenes in which nothing is missing: no wait ever takes this long.
inline Patience patient() { return {.reaction = kLong, .quiet = 20ms, .whole = 60s}; }
/// For scenes in which something never comes.
inline Patience impatient() { return {.reaction = 30ms, .quiet = 10ms, .whole = kLong}; }

inline std::string closeBody(int code, const std::string& reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} + reason;
}
inline Frame closeFrame(int code, const std::string& reason = "") {
  return {.opcode = opcode::close, .payload = closeBody(code, reason)};
}
inline Frame textFrame(std::string payload) { return {.payload = std::move(payload)}; }

class Scene {
 public:
  /// Connected; nothing of the opening handshake has been said.
  explicit Scene(Peer peer, const Patience& patience = patient(), const std::string& request = "",
                 const std::string& readAhead = "")
      : isPeerServer_(peer == Peer::server) {
    if (isPeerServer_) {
      TcpListener listener("127.0.0.1", 0);
      x_ = std::make_unique<Exchange>(targetOf(listener.port()), patience, Profile::quick, stop_);
      x_->connect();
      peer_ = listener.accept(stop_, soon());
      return;
    }
    Connection made = connection();
    peer_ = std::move(made.client);
    const auto head = parseHead(request);
    x_ = std::make_unique<Exchange>(std::move(made.server), head ? head->first : HttpHead{}, readAhead,
                                    patience, Profile::quick, stop_);
  }

  /// With the opening handshake behind it.
  static std::unique_ptr<Scene> open(Peer peer, const Patience& patience = patient(),
                                     std::optional<DeflateParameters> deflate = {}) {
    auto scene = std::make_unique<Scene>(peer, patience);
    scene->x().setOpen(std::move(deflate));
    return scene;
  }

  static ServerTarget targetOf(std::uint16_t port) {
    ServerTarget target;
    target.host = "127.0.0.1";
    target.port = port;
    target.hostHeader = "127.0.0.1:" + std::to_string(port);
    target.url = "ws://" + target.hostHeader;
    return target;
  }

  Exchange& x() { return *x_; }
  Stream& peer() { return *peer_; }
  StopSwitch& stop() { return stop_; }

  void says(std::string_view bytes) {
    if (!writeAll(*peer_, bytes)) throw std::runtime_error("the peer cannot speak");
  }
  /// Masked as the peer's role demands, where the frame does not say otherwise.
  void says(std::initializer_list<Frame> frames) {
    for (const Frame& frame : frames) says(encodeFrame(frame, !isPeerServer_, 0x01020304));
  }
  void ends() { peer_->endWriting(); }

  /// Everything the harness has sent; it has to have ended its side, or ends here.
  std::string heard() {
    x_.reset();
    return readToEnd(*peer_).bytes;
  }
  std::vector<ReceivedFrame> heardFrames() {
    FrameReader reader;
    reader.add(heard());
    std::vector<ReceivedFrame> frames;
    while (auto frame = reader.next()) frames.push_back(std::move(*frame));
    return frames;
  }

 private:
  bool isPeerServer_;
  StopSwitch stop_;
  std::unique_ptr<Stream> peer_;
  std::unique_ptr<Exchange> x_;
};

}  // namespace wstest::testing
