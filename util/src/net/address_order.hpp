// In what order to try the addresses of a host.
#pragma once

#include <vector>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

/// Families in turn, starting with that of the first address; the order within a family stays (RFC 8305 section 4).
std::vector<SocketAddress> interleaveFamilies(const std::vector<SocketAddress>& addresses);

}  // namespace autobahn::inline v0::util
