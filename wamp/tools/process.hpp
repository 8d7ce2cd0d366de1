// Programs that are started, and waited for on the event loop.
#pragma once

#include <sys/types.h>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wamp_tool {

/// Starts programs. Not thread-safe; outlives what it runs.
class Processes {
 public:
  static constexpr std::size_t kMaxOutput = std::size_t{16} << 20;  ///< octets

  struct Finished {
    int status = 0;  ///< exit status; 128 + signal when a signal ended it
    std::string output{};
  };
  using Environment = std::vector<std::pair<std::string, std::string>>;

  explicit Processes(asio::io_context& io);

  /// Runs a program to its end, with nothing as its standard input, our standard error, and `environment`
  /// added to ours. When the coroutine is cancelled, the program gets SIGTERM. Throws std::system_error when
  /// it cannot be started, std::runtime_error when it writes more than kMaxOutput.
  asio::awaitable<Finished> run(std::vector<std::string> command, Environment environment);

 private:
  struct Child {
    explicit Child(asio::io_context& io) : ended(io, asio::steady_timer::time_point::max()) {}
    asio::steady_timer ended;  ///< cancelled when it has
    bool hasEnded = false;
    int status = 0;
  };
  class Guard;

  pid_t start(const std::vector<std::string>& command, const Environment& environment, int output);
  void watch();
  void reap();

  asio::io_context& io_;
  asio::signal_set childSignal_;
  std::map<pid_t, std::shared_ptr<Child>> children_;
};

}  // namespace wamp_tool
