#include "autobahn/util/text.hpp"

#include <cstdio>

namespace autobahn::inline v0::util {
namespace {

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string encodeTruncate(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t cut = limit;
  // A code point has at most three continuation bytes; more of them is no UTF-8 and no reason to go on.
  while (cut > 0 && limit - cut < 3 && isContinuation(text[cut])) --cut;
  return std::string(text.substr(0, cut));
}

std::string utcstr(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  char out[64];
  const int size =
      std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {out, static_cast<std::size_t>(size)};
}

std::string utcnow() { return utcstr(std::chrono::system_clock::now()); }

double rtime() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace autobahn::inline v0::util
