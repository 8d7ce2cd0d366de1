// Lines of standard input, read on an event loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ws {

/// Calls `onLine` for every line, and with nothing at the end of the input. Kept alive by what it waits for;
/// `stop` ends that.
class Console : public std::enable_shared_from_this<Console> {
 public:
  using LineHandler = std::function<void(const std::optional<std::string>&)>;

  Console(const asio::any_io_executor& executor, LineHandler onLine);
  void start();
  void stop();

 private:
  void wait();
  void read();
  void readAll();
  void deliver();

  asio::posix::stream_descriptor input_;
  LineHandler onLine_;
  std::string pending_;
  bool isEnded_ = false;
};

}  // namespace ws
