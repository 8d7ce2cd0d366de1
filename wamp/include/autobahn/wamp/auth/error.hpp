// What is thrown when a peer or a file brings something that authentication cannot use.
#pragma once

#include <autobahn/wamp/error.hpp>

namespace autobahn::inline v0::wamp {

/// A challenge, a HELLO, a key file or a text key is unusable, or asks for more than the limits allow.
/// `what()` names the field, what was wanted and what came, never a secret; it can be logged, and sent to the
/// peer in an ABORT. That a password or signature is wrong is no error but the answer "no".
class AuthError : public Error {
 public:
  using Error::Error;
};

}  // namespace autobahn::inline v0::wamp
