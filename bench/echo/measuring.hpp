// Time, and what a load prints.
#pragma once

#include <map>
#include <string>

namespace bench {

using Figures = std::map<std::string, double>;

/// CPU time used so far, in seconds: of the generator and of the server, all threads. Taken from the
/// scheduler's clock, which /proc/PID/stat only shows rounded to ticks of 10 ms.
struct CpuTimes {
  double generator = 0;
  double server = 0;

  /// `serverPid`: 0: nobody's.
  static CpuTimes now(int serverPid);
};

/// Monotonic time in s.
double now();

/// Rates and CPU time per thing of a window in which `count` of them happened.
Figures rates(double count, double seconds, const CpuTimes& before, const CpuTimes& after);

/// One line of JSON on standard output.
void print(const Figures& figures);

}  // namespace bench
