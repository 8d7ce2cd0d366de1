#include "report/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cases/printable.hpp"
#include "report/outcome.hpp"

namespace wstest {

namespace {

constexpr std::string_view kToLineBegin = "\r";
constexpr std::string_view kEraseToLineEnd = "\x1b[K";

/// In one write, so that lines of other threads and programs do not get between.
void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;  // nobody reads any more: a run does not end for that
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::size_t widthOf(int fd) {
  ::winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

Progress::Progress(std::size_t cases, bool isQuiet, int fd)
    : cases_(cases), fd_(fd), isShown_(!isQuiet && ::isatty(fd) == 1), isQuiet_(isQuiet) {}

void Progress::begin(std::string_view agent, std::string_view caseId) {
  const std::lock_guard lock(mutex_);
  draw(printable(caseId) + "  " + shortened(printable(agent), 40));
}

void Progress::end(const CaseResult& result) {
  const std::lock_guard lock(mutex_);
  ++done_;
  const Weight weight = weigh(result);
  const bool isFailure = weight == Weight::requiredFailure || weight == Weight::recommendedFailure;
  if (isFailure) ++failures_;
  if (isFailure && !isQuiet_) {
    const std::string reason = shortened(reasonText(result.verdict), 300);
    put(fd_, (isDrawn_ ? std::string(kToLineBegin) + std::string(kEraseToLineEnd) : "") +
                 printable(result.id) + "  " + printable(result.agent) + "  " + verdictText(result.verdict) +
                 (reason.empty() ? "" : ": ") + reason + "\n");
    isDrawn_ = false;
  }
  draw(printable(result.id) + "  " + shortened(printable(result.agent), 40));
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (isDrawn_) put(fd_, std::string(kToLineBegin) + std::string(kEraseToLineEnd));
  isDrawn_ = false;
}

void Progress::draw(std::string_view what) {
  if (!isShown_) return;
  // A server does not know how many agents will come.
  const std::string all = std::to_string(std::max(cases_, done_));
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
  const std::string line = "[" + padded(std::to_string(done_), all.size() + 1) + "/" + all + "] " +
                           std::string(what) + "  " + counted(failures_, "failure") + "  " +
                           clockText(elapsed.count());
  // A line as wide as the terminal would wrap on some.
  put(fd_, std::string(kToLineBegin) + shortened(line, widthOf(fd_) - 1) + std::string(kEraseToLineEnd));
  isDrawn_ = true;
}

}  // namespace wstest
