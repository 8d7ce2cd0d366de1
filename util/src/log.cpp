#include "autobahn/util/log.hpp"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>

namespace autobahn::inline v0::util {
namespace {

// One write per record keeps the lines of several threads and processes whole.
void writeToStandardError(const LogRecord& record) {
  const std::string line = formatLogLine(record) + '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nowhere left to complain
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct SinkHolder {
  std::mutex mutex;
  std::shared_ptr<const LogSink> sink = std::make_shared<const LogSink>(writeToStandardError);
};

// Never destroyed: destructors of static objects may log.
SinkHolder& holder() {
  static SinkHolder& instance = *new SinkHolder;
  return instance;
}

}  // namespace

void setSink(LogSink sink) {
  auto next = std::make_shared<const LogSink>(sink ? std::move(sink) : LogSink(writeToStandardError));
  {
    const std::lock_guard lock(holder().mutex);
    holder().sink.swap(next);
  }
  // The old sink is destroyed here, outside the lock, since its destructor may log.
}

namespace detail {

void emit(Level level, std::string_view logger, std::string_view message, std::span<const LogField> fields) {
  // A log statement stands in code that sends and parses: it must not change errno nor throw there.
  const int savedErrno = errno;
  try {
    std::shared_ptr<const LogSink> sink;
    {
      const std::lock_guard lock(holder().mutex);
      sink = holder().sink;
    }
    (*sink)({std::chrono::system_clock::now(), level, logger, message, fields});
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no one to tell
  }
  errno = savedErrno;
}

}  // namespace detail
}  // namespace autobahn::inline v0::util
