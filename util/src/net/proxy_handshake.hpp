// The client's part of a proxy's handshake, without I/O.
#pragma once

#include <autobahn/util/net/dialer.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

class ProxyHandshake {
 public:
  enum class Status : std::uint8_t { partial, done, failed };

  virtual ~ProxyHandshake() = default;
  /// Takes bytes of the proxy's; what is to be sent is appended to `output`. The first call has no bytes.
  /// The proxy must not send more than its part: all protocols here have the client speak first.
  virtual Status feed(std::string_view input, std::string& output) = 0;
  /// Why it failed.
  const std::string& error() const { return error_; }

 protected:
  Status fail(std::string error) {
    error_ = std::move(error);
    return Status::failed;
  }

 private:
  std::string error_;
};

std::unique_ptr<ProxyHandshake> makeProxyHandshake(const ProxyTarget& proxy, const std::string& host,
                                                   std::uint16_t port);

}  // namespace autobahn::inline v0::util
