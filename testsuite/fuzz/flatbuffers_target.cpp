// What is read, written and read again is the same, and what we write passes the library's verifier.
#include "consistency.hpp"
#include "target.hpp"
#include "wamp/src/testing/flatbuffers_verifier.hpp"

namespace autobahn::fuzz {

void tryFlatbuffers(std::string_view input) {
  const std::string written = checkMessage("flatbuffers", input);
  if (!written.empty()) require(wamp::testing::verifyFlatbuffers(written), "the library refuses what we wrote");
}

}  // namespace autobahn::fuzz
