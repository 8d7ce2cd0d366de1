#include "rfc3339.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace autobahn::inline v0::wamp::router {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

/// Reads a text from its beginning; once something is not as wanted, all is bad.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    if (value < least || value > most) isBad_ = true;
    return value;
  }
  /// One of `wanted`, which becomes the result; '\0': none is there.
  char oneOf(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return '\0';
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  void need(std::string_view wanted) {
    if (oneOf(wanted) == '\0') isBad_ = true;
  }
  /// Digits behind the point; `isCut`: there are more than milliseconds, and not only zeros.
  milliseconds fraction(bool& isCut) {
    if (rest_.empty() || !isDigit(rest_.front())) isBad_ = true;
    int value = 0;
    for (int scale = 100; !rest_.empty() && isDigit(rest_.front()); scale /= 10) {
      const int next = digit();
      value += scale * next;
      if (scale == 0 && next != 0) isCut = true;
    }
    return milliseconds(value);
  }
  bool isGood() const { return !isBad_ && rest_.empty(); }

 private:
  static bool isDigit(char c) { return c >= '0' && c <= '9'; }
  int digit() {
    if (rest_.empty() || !isDigit(rest_.front())) {
      isBad_ = true;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool isBad_ = false;
};

}  // namespace

std::optional<ParsedTime> parseTime(std::string_view text) {
  TimeReader reader(text);
  ParsedTime parsed;
  const std::chrono::year year(reader.number(4, 0, 9999));
  reader.need("-");
  const std::chrono::month month(static_cast<unsigned>(reader.number(2, 1, 12)));
  reader.need("-");
  const std::chrono::day day(static_cast<unsigned>(reader.number(2, 1, 31)));
  reader.need("Tt ");
  milliseconds ofDay = std::chrono::hours(reader.number(2, 0, 23));
  reader.need(":");
  ofDay += minutes(reader.number(2, 0, 59));
  reader.need(":");
  ofDay += std::chrono::seconds(reader.number(2, 0, 60));
  if (reader.oneOf(".") != '\0') ofDay += reader.fraction(parsed.isCut);
  if (reader.oneOf("Zz") == '\0') {
    const char sign = reader.oneOf("+-");
    minutes offset = std::chrono::hours(reader.number(2, 0, 23));
    reader.need(":");
    offset += minutes(reader.number(2, 0, 59));
    if (sign == '\0') return std::nullopt;
    ofDay -= sign == '+' ? offset : -offset;
  }
  const std::chrono::year_month_day date(year, month, day);
  if (!reader.isGood() || !date.ok()) return std::nullopt;
  parsed.time = HistoryTime(std::chrono::sys_days(date)) + ofDay;
  return parsed;
}

std::string formatTime(HistoryTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> ofDay(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(ofDay.hours().count()), static_cast<int>(ofDay.minutes().count()),
      static_cast<int>(ofDay.seconds().count()), static_cast<int>(ofDay.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace autobahn::inline v0::wamp::router
