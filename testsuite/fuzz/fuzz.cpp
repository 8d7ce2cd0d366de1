// One libFuzzer program per target: AUTOBAHN_FUZZ_TARGET is its name.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace autobahn::fuzz;
  static const Target& target = *std::ranges::find(kTargets, AUTOBAHN_FUZZ_TARGET, &Target::name);
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
