// One libFuzzer program per target: AUTOBAHN_FUZZ_TARGET is its function.
#include <cstddef>
#include <cstdint>

#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  autobahn::fuzz::AUTOBAHN_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
