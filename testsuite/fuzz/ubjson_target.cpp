// No library to compare with: what is read, written and read again is the same.
#include "consistency.hpp"
#include "target.hpp"

namespace autobahn::fuzz {

void tryUbjson(std::string_view input) {
  checkMessage("ubjson", input);
  checkValue(wamp::Encoding::ubjson, input);
}

}  // namespace autobahn::fuzz
