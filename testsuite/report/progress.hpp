// One line on a terminal that says how far a run is; nothing where nobody watches.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "report/report.hpp"
#include "wire/stream.hpp"

namespace wstest {

/// Any thread.
class Progress {
 public:
  /// Shows nothing when `isQuiet`, or when `fd` (standard error) is no terminal.
  Progress(std::size_t cases, bool isQuiet, int fd = 2);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(std::string_view agent, std::string_view caseId);
  /// A failure is shown on a line of its own, which stays, also when not on a terminal (but not when quiet).
  void end(const CaseResult& result);
  /// Removes the line.
  void finish();

 private:
  void draw(std::string_view what);
  std::mutex mutex_;
  std::size_t cases_;
  std::size_t done_ = 0;
  std::size_t failures_ = 0;
  int fd_;
  bool isShown_;
  bool isQuiet_;
  bool isDrawn_ = false;
  TimePoint begun_ = Clock::now();
};

}  // namespace wstest
