#include "measuring.hpp"

#include <time.h>

#include <iostream>
#include <stdexcept>

#include "wire.hpp"

namespace bench {
namespace {

double read(clockid_t clock) {
  timespec time{};
  check(clock_gettime(clock, &time), "clock_gettime");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

double now() { return read(CLOCK_MONOTONIC); }

CpuTimes CpuTimes::now(int serverPid) {
  CpuTimes times;
  times.generator = read(CLOCK_PROCESS_CPUTIME_ID);
  if (serverPid == 0) return times;
  clockid_t clock{};
  if (clock_getcpuclockid(serverPid, &clock) != 0) throw std::runtime_error("no such server process");
  times.server = read(clock);
  return times;
}

Figures rates(double count, double seconds, const CpuTimes& before, const CpuTimes& after) {
  if (count <= 0) throw std::runtime_error("nothing came back within the window");
  return {{"count", count},
          {"seconds", seconds},
          {"perSecond", count / seconds},
          {"serverMicros", (after.server - before.server) / count * 1e6},
          {"generatorMicros", (after.generator - before.generator) / count * 1e6}};
}

void print(const Figures& figures) {
  const char* separator = "{";
  for (const auto& [name, value] : figures) {
    std::cout << separator << '"' << name << "\": " << value;
    separator = ", ";
  }
  std::cout << "}" << std::endl;
}

}  // namespace bench
