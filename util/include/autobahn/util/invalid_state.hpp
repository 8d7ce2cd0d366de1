// What all modules throw when they are used in a way that cannot work.
#pragma once

#include <stdexcept>

namespace autobahn::inline v0::util {

/// Thrown when the API is used in a way that cannot work; the message says what to do instead.
class InvalidState : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace autobahn::inline v0::util
