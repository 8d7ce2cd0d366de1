// Logging: levels, structured fields, a replaceable sink. Below the active level a call costs one comparison.
//
//   constexpr Logger log{"autobahn.websocket"};
//   log.info("connection closed", {{"peer", peer}, {"code", code}});
//   log.trace([&](LogWriter write) { write("octets", {{"hex", hexEncode(octets)}}); });  // costly fields
//
// To let an application's spdlog have the records (link spdlog there; this library does not):
//
//   util::setLogLevel(util::Level::trace);  // leave the choice to spdlog
//   util::setSink([](const util::LogRecord& record) {
//     spdlog::log(spdlog::level::level_enum(int(record.level)), "{} {}", record.logger,
//     util::formatLogText(record));
//   });
//
// The enumerators have the numbers of spdlog's.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace autobahn::inline v0::util {

/// How grave a record is; as the active level: the least that is logged.
enum class Level : std::uint8_t { trace, debug, info, warning, error, critical, off };

/// "TRACE" … "CRITICAL", "OFF".
std::string_view levelName(Level level);
/// The level of that name in any case, also "warn"; nothing for other texts.
std::optional<Level> parseLevel(std::string_view name);

/// A field's value. Texts are borrowed for the duration of the log call.
class LogValue {
 public:
  using Variant = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  constexpr LogValue(std::string_view text) : value_(text) {}  // NOLINT(google-explicit-constructor)
  constexpr LogValue(const char* text) : value_(std::string_view(text)) {}
  LogValue(const std::string& text) : value_(std::string_view(text)) {}
  template <std::same_as<bool> Bool>  // a template, or pointers would turn into bool
  constexpr LogValue(Bool value) : value_(value) {}
  constexpr LogValue(char value) = delete;
  constexpr LogValue(std::nullptr_t) = delete;
  template <std::signed_integral Integer>
  constexpr LogValue(Integer value) : value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral Integer>
  requires(!std::same_as<Integer, bool>) constexpr LogValue(Integer value)
      : value_(static_cast<std::uint64_t>(value)) {}
  template <std::floating_point Real>
  constexpr LogValue(Real value) : value_(static_cast<double>(value)) {}

  constexpr const Variant& get() const { return value_; }

 private:
  Variant value_;
};

/// A named value of a record.
struct LogField {
  std::string_view name;
  LogValue value;
};

/// What a sink is given. All views end with the call.
struct LogRecord {
  std::chrono::system_clock::time_point time;
  Level level;
  std::string_view logger;
  std::string_view message;
  std::span<const LogField> fields;
};

/// Where records go. Called on the thread that logs, possibly on several at once, so it must be thread-safe
/// and quick. What it throws is dropped: logging never fails. It may itself log.
using LogSink = std::function<void(const LogRecord&)>;

/// Replaces the sink of the process; an empty one brings back the default: `formatLogLine` to standard error
/// in one write. A call already under way on another thread may still end in the old sink. From any thread.
void setSink(LogSink sink);

namespace detail {
inline std::atomic<Level> activeLevel{Level::info};
void emit(Level level, std::string_view logger, std::string_view message, std::span<const LogField> fields);
}  // namespace detail

/// Sets the least level that is logged, for the whole process, at any time, from any thread. Default: info.
inline void setLogLevel(Level level) { detail::activeLevel.store(level, std::memory_order_relaxed); }
/// The least level that is logged.
inline Level logLevel() { return detail::activeLevel.load(std::memory_order_relaxed); }

/// `message name=value name="a value"`: control characters, line separators and bytes that are no UTF-8
/// come out escaped, values with spaces, quotes or `=` in quotes, so that no peer can forge a line or field.
std::string formatLogText(const LogRecord& record);
/// `2026-11-22T05:00:00.000Z INFO autobahn.websocket` and the text, without a line feed.
std::string formatLogLine(const LogRecord& record);

/// Given to the function of a deferred log call: `write(message, fields)` logs.
class LogWriter {
 public:
  constexpr LogWriter(Level level, std::string_view logger) : level_(level), logger_(logger) {}
  void operator()(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    detail::emit(level_, logger_, message, {fields.begin(), fields.size()});
  }

 private:
  Level level_;
  std::string_view logger_;
};

/// A function that is only called when its level is active, to log what is costly to gather.
template <class Function>
concept DeferredLog = std::invocable<Function, LogWriter>;

/// A named source of records. A view of its name (which must outlive it) and nothing else; copy freely.
class Logger {
 public:
  constexpr explicit Logger(std::string_view name) : name_(name) {}

  constexpr std::string_view name() const { return name_; }
  /// True when records of that level are logged at present.
  bool enabled(Level level) const { return level >= logLevel() && level != Level::off; }

  /// Logs when the level is active. The field expressions are evaluated either way, the texts not copied and
  /// nothing formatted; for fields that cost something pass a function.
  void log(Level level, std::string_view message, std::initializer_list<LogField> fields = {}) const {
    if (enabled(level)) [[unlikely]]
      detail::emit(level, name_, message, {fields.begin(), fields.size()});
  }
  /// Calls `function(LogWriter)` when the level is active, and not otherwise.
  template <DeferredLog Function>
  void log(Level level, Function&& function) const {
    if (enabled(level)) [[unlikely]]
      std::invoke(std::forward<Function>(function), LogWriter(level, name_));
  }

  void trace(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::trace, message, fields);
  }
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::debug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::info, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::warning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::error, message, fields);
  }
  void critical(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    log(Level::critical, message, fields);
  }
  template <DeferredLog Function>
  void trace(Function&& function) const {
    log(Level::trace, std::forward<Function>(function));
  }
  template <DeferredLog Function>
  void debug(Function&& function) const {
    log(Level::debug, std::forward<Function>(function));
  }

 private:
  std::string_view name_;
};

}  // namespace autobahn::inline v0::util
