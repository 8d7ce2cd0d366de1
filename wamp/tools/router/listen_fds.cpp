#include "listen_fds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace router_tool {
namespace {

constexpr int kFirst = 3;
constexpr int kMax = 1000;

/// What a variable says; 0 when it is not there or no number.
int numberOf(const char* variable) {
  const char* const given = std::getenv(variable);
  if (given == nullptr) return 0;
  const std::string_view text = given;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

HandedSockets HandedSockets::fromEnvironment() {
  const bool isForUs = numberOf("LISTEN_PID") == ::getpid();
  const int count = isForUs ? std::clamp(numberOf("LISTEN_FDS"), 0, kMax) : 0;
  const char* const given = std::getenv("LISTEN_FDNAMES");
  std::string names = given == nullptr ? "" : given;
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  HandedSockets made;
  for (int i = 0; i < count; ++i) {
    const std::size_t end = std::min(names.find(':'), names.size());
    const std::string name = end == 0 ? "unknown" : names.substr(0, end);
    names.erase(0, end + 1);
    made.sockets_.emplace_back(name, autobahn::util::UniqueFd(kFirst + i));
    ::fcntl(kFirst + i, F_SETFD, FD_CLOEXEC);
  }
  return made;
}

std::vector<int> HandedSockets::take(const std::string& name) {
  std::vector<int> taken;
  for (auto& entry : sockets_) {
    if (entry.first == name) taken.push_back(entry.second.release());
  }
  std::erase_if(sockets_, [](const auto& entry) { return !entry.second; });
  return taken;
}

std::vector<std::string> HandedSockets::names() const {
  std::vector<std::string> all;
  for (const auto& entry : sockets_) all.push_back(entry.first);
  return all;
}

}  // namespace router_tool
