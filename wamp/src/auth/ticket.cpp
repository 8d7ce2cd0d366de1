#include "autobahn/wamp/auth/ticket.hpp"

#include <autobahn/util/crypto.hpp>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

bool verifyTicket(std::string_view expected, std::string_view given) {
  // Comparing digests under a key that nobody knows makes all comparisons alike. Never freed: sessions may
  // still begin while static objects are destroyed.
  static const Secret& key = *new Secret(Secret::random(32));
  const bool isSame =
      util::constantTimeEquals(util::hmacSha256(key.view(), expected), util::hmacSha256(key.view(), given));
  return isSame && !expected.empty();
}

}  // namespace autobahn::inline v0::wamp
