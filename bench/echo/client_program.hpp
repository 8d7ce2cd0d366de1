// The command line of the clients that are compared, and the window in which they are measured.
#pragma once

#include <time.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

namespace bench {

/// What a client has to do.
struct Visiting {
  std::uint16_t port = 0;
  std::uint32_t connections = 1;
  std::uint32_t inFlight = 1;
  std::size_t payloadSize = 20;
  double warmUp = 0.2;  ///< s, from when all connections are open
  double seconds = 1.0;
};

/// Counts echoes and, between `begin` and `end`, the CPU time of this process.
class Window {
 public:
  /// An echo came back; only its size is looked at while time counts.
  void count(std::size_t size, const Visiting& visiting) {
    if (size != visiting.payloadSize) throw std::runtime_error("what came back is not what was sent");
    ++count_;
  }
  void begin() {
    count_ = 0;
    cpu_ = read(CLOCK_PROCESS_CPUTIME_ID);
    start_ = read(CLOCK_MONOTONIC);
  }
  /// Prints the figures.
  void end() {
    const double cpu = read(CLOCK_PROCESS_CPUTIME_ID) - cpu_;
    const double seconds = read(CLOCK_MONOTONIC) - start_;
    if (count_ == 0) throw std::runtime_error("nothing came back within the window");
    const auto count = static_cast<double>(count_);
    std::cout << "{\"count\": " << count_ << ", \"seconds\": " << seconds
              << ", \"perSecond\": " << count / seconds << ", \"clientMicros\": " << cpu / count * 1e6 << "}"
              << std::endl;
  }

 private:
  static double read(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  std::uint64_t count_ = 0;
  double cpu_ = 0;
  double start_ = 0;
};

/// Parses the command line and calls `body`, which returns when it has measured.
inline int visit(const char* name, int argc, char** argv, const std::function<void(const Visiting&)>& body) {
  CLI::App app{"A client whose own CPU time per message is measured.", name};
  Visiting visiting;
  app.add_option("--port", visiting.port, "the server's port")->required();
  app.add_option("--connections", visiting.connections, "how many");
  app.add_option("--in-flight", visiting.inFlight, "messages under way per connection");
  app.add_option("--payload", visiting.payloadSize, "bytes per message");
  app.add_option("--warm-up", visiting.warmUp, "seconds before the window");
  app.add_option("--seconds", visiting.seconds, "the measured window");
  CLI11_PARSE(app, argc, argv);
  try {
    body(visiting);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace bench
