// Credentials for users that do not exist, so that asking for one looks, and costs, like asking for any
// other.
#pragma once

#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Makes up credentials that nobody can satisfy. The same authid gets the same salt each time, as a real user
/// would; across restarts and among routers only when they are given the same secret. Real users should have
/// been made with the same parameters: a salt or cost that only they have gives them away. Safe from any
/// thread.
class DecoyCredentials {
 public:
  /// `secret`: 16 or more random bytes, known to routers only; throws `std::invalid_argument` for fewer.
  explicit DecoyCredentials(Secret secret = Secret::random(32));

  WampCraCredential wampCra(std::string_view authid, const WampCraParameters& parameters = {}) const;
  /// `authid` as in HELLO; forms that SASLprep unites get the same salt.
  ScramCredential scram(std::string_view authid, const ScramParameters& parameters = {}) const;
  /// A ticket to compare with.
  Secret ticket(std::string_view authid) const;

 private:
  Secret derive(std::string_view purpose, std::string_view authid) const;

  Secret secret_;
};

}  // namespace autobahn::inline v0::wamp
