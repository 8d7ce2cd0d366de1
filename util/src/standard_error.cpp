#include <unistd.h>

#include <autobahn/util/standard_error.hpp>
#include <cerrno>
#include <string_view>

namespace autobahn::inline v0::util {

void writeLineToStandardError(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nowhere left to complain
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace autobahn::inline v0::util
