// What idle sessions take.
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "load.hpp"

namespace bench {
namespace {

// Octets resident.
double memoryOf(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) * 1024;
  }
  throw std::runtime_error("no such router process");
}

}  // namespace

Figures sessions(const Load& load) {
  std::vector<std::unique_ptr<WampPeer>> peers;
  // What is allocated once, on first use, is no session's.
  {
    WampPeer first(load.target);
    first.join();
  }
  const double before = memoryOf(load.routerPid);
  for (std::uint32_t i = 0; i < load.sessions; ++i) peers.push_back(std::make_unique<WampPeer>(load.target));
  const double connected = memoryOf(load.routerPid);
  for (const auto& each : peers) each->join();
  const double joined = memoryOf(load.routerPid);
  const double count = load.sessions;
  return {{"connectionOctets", (connected - before) / count},
          {"sessionOctets", (joined - connected) / count}};
}

}  // namespace bench
