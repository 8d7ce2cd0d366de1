#include "autobahn/util/version.hpp"

namespace autobahn::inline v0::util {

std::string_view version() { return AUTOBAHN_VERSION; }

}  // namespace autobahn::inline v0::util
