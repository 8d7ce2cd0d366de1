#include "autobahn/util/xor.hpp"

#include <stdexcept>

namespace autobahn::inline v0::util {

std::string xorBytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) throw std::invalid_argument("xorBytes: the two strings differ in size");
  std::string result(a);
  for (std::size_t i = 0; i < b.size(); ++i) result[i] = static_cast<char>(result[i] ^ b[i]);
  return result;
}

}  // namespace autobahn::inline v0::util
