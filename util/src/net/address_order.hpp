// In what order to try the addresses of a host, and a dialer told what they are.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <memory>
#include <vector>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

/// Families in turn, starting with that of the first address; the order within a family stays (RFC 8305
/// section 4).
std::vector<SocketAddress> interleaveFamilies(const std::vector<SocketAddress>& addresses);

/// For tests: every host name has these addresses.
std::unique_ptr<Dialer> makeDialerTo(asio::io_context& context, std::vector<SocketAddress> addresses);

}  // namespace autobahn::inline v0::util
