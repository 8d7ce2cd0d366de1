#include "file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <autobahn/util/net/unique_fd.hpp>
#include <cerrno>
#include <system_error>

namespace router_tool {

std::string readFile(const std::string& path) {
  const autobahn::util::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw std::system_error(errno, std::generic_category());
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category());
    }
  }
}

}  // namespace router_tool
