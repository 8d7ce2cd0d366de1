#include "autobahn/util/log.hpp"

#include <autobahn/util/standard_error.hpp>
#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>

namespace autobahn::inline v0::util {
namespace {

void writeToStandardError(const LogRecord& record) { writeLineToStandardError(formatLogLine(record)); }

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
