#include "console.hpp"

#include <unistd.h>

#include <array>
#include <asio/post.hpp>

namespace ws {

Console::Console(const asio::any_io_executor& executor, LineHandler onLine)
    : input_(executor), onLine_(std::move(onLine)) {}

void Console::start() {
  std::error_code error;
  input_.assign(::dup(STDIN_FILENO), error);
  // A file cannot be waited for (epoll refuses it), and need not be.
  if (!error) return wait();
  asio::post(input_.get_executor(), [self = shared_from_this()] { self->readAll(); });
}

void Console::stop() {
  isEnded_ = true;
  std::error_code ignored;
  input_.close(ignored);
}

void Console::wait() {
  input_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](std::error_code error) {
                      if (!error && !self->isEnded_) self->read();
                    });
}

/// One blocking read of what is there: the terminal is not made non-blocking, since it is that of others,
/// too.
void Console::read() {
  std::array<char, 4096> buffer;
  const ssize_t size = ::read(input_.native_handle(), buffer.data(), buffer.size());
  if (size > 0) pending_.append(buffer.data(), static_cast<std::size_t>(size));
  deliver();
  if (isEnded_) return;
  if (size > 0) return wait();
  if (!pending_.empty()) onLine_(std::exchange(pending_, {}));
  if (!isEnded_) onLine_(std::nullopt);
}

void Console::readAll() {
  std::array<char, 4096> buffer;
  ssize_t size = 0;
  while ((size = ::read(STDIN_FILENO, buffer.data(), buffer.size())) > 0) {
    pending_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  deliver();
  if (!isEnded_ && !pending_.empty()) onLine_(std::exchange(pending_, {}));
  if (!isEnded_) onLine_(std::nullopt);
}

void Console::deliver() {
  for (std::size_t end = pending_.find('\n'); end != std::string::npos && !isEnded_;
       end = pending_.find('\n')) {
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    onLine_(line);
  }
}

}  // namespace ws
