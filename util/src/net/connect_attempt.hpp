// One connect(2) to one address.
#pragma once

#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <functional>
#include <system_error>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

class ConnectAttempt final : private DescriptorObserver {
 public:
  /// Given the outcome, and with no error the socket. May destroy the attempt. Not called from `start`.
  using Done = std::function<void(ConnectAttempt& attempt, std::error_code error, UniqueFd socket)>;

  ConnectAttempt(AsioLoop& loop, const SocketAddress& address, Done done)
      : loop_(loop), address_(address), done_(std::move(done)) {}
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;
  ~ConnectAttempt();

  /// `local`: an address to bind to, or one of length 0. An error means that it failed at once.
  std::error_code start(const SocketAddress& local);
  const SocketAddress& address() const { return address_; }

 private:
  void onDescriptor(std::uint32_t events) override;

  AsioLoop& loop_;
  SocketAddress address_;
  Done done_;
  UniqueFd fd_;
  bool watched_ = false;
};

}  // namespace autobahn::inline v0::util
