#include "suggest.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace router_tool {
namespace {

std::string plain(std::string_view name) {
  std::string made;
  for (const char each : name) {
    if (each != '_' && each != '-') {
      made += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
    }
  }
  return made;
}

/// How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
std::size_t distance(const std::string& from, const std::string& to) {
  std::vector<std::vector<std::size_t>> rows(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) rows[i][0] = i;
  for (std::size_t j = 0; j <= to.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change});
      const bool areSwapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (areSwapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[from.size()][to.size()];
}

}  // namespace

std::optional<std::string> suggestion(std::string_view given, const std::vector<std::string>& known) {
  constexpr std::size_t kMaxLength = 64;  // nobody means anything by what is longer
  if (given.size() > kMaxLength) return std::nullopt;
  const std::string wanted = plain(given);
  std::optional<std::string> best;
  std::size_t least = 1 + std::max<std::size_t>(1, wanted.size() / 3);
  for (const std::string& each : known) {
    const std::size_t away = distance(wanted, plain(each));
    if (away >= least) continue;
    least = away;
    best = each;
  }
  return best;
}

std::string didYouMean(std::string_view given, const std::vector<std::string>& known) {
  const auto best = suggestion(given, known);
  return best ? " (did you mean `" + *best + "`?)" : std::string();
}

}  // namespace router_tool
