#include "cases/case.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

namespace wstest {

std::string CaseId::text() const {
  std::string out;
  for (const int number : numbers) out += (out.empty() ? "" : ".") + std::to_string(number);
  return out;
}

CaseId parseCaseId(std::string_view text) {
  CaseId id;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0) break;
    id.numbers.push_back(number);
    if (next == end) return id;
    if (*next != '.') break;
    at = next + 1;
  }
  throw std::invalid_argument("'" + std::string(text) + "' is no case ID (such as 6.4.1)");
}

std::string_view name(Strictness strictness) {
  switch (strictness) {
    case Strictness::required:
      return "required";
    case Strictness::recommended:
      return "recommended";
    case Strictness::informational:
      return "informational";
  }
  return "";
}

void Catalog::group(std::string_view id, std::string title) {
  groups.push_back({parseCaseId(id), std::move(title)});
}

Case& Catalog::add(std::string_view id, std::string description, std::string expectation, std::string section,
                   std::function<void(Exchange&)> run) {
  Case& made = cases.emplace_back();
  made.id = parseCaseId(id);
  made.description = std::move(description);
  made.expectation = std::move(expectation);
  made.section = std::move(section);
  made.run = std::move(run);
  return made;
}

namespace {

const Catalog& catalog() {
  static const Catalog all = [] {
    Catalog made;
    for (const auto add :
         {addFraming, addPings, addReservedBits, addOpcodes, addFragmentation, addUtf8, addClosing, addLimits,
          addAutoFragmentation, addCompression, addServerHandshake, addClientHandshake, addDeflateNegotiation,
          addResources, addMasking, addTcpClosing, addTls}) {
      add(made);
    }
    std::ranges::stable_sort(made.cases, {}, &Case::id);
    std::ranges::stable_sort(made.groups, {}, &Group::id);
    return made;
  }();
  return all;
}

std::set<CaseId> resolve(const std::vector<std::string>& patterns, Tests tested) {
  std::set<CaseId> found;
  for (const std::string& pattern : patterns) {
    bool isKnown = false;
    for (const Case& each : allCases()) {
      if (!matchesPattern(pattern, each.id.text())) continue;
      isKnown = true;
      if (each.tests == Tests::both || each.tests == tested) found.insert(each.id);
    }
    if (!isKnown) throw std::invalid_argument("no case matches '" + pattern + "' (wstest --list shows all)");
  }
  return found;
}

}  // namespace

const std::vector<Case>& allCases() { return catalog().cases; }
const std::vector<Group>& allGroups() { return catalog().groups; }

const Case* findCase(const CaseId& id) {
  const auto found = std::ranges::lower_bound(allCases(), id, {}, &Case::id);
  return found != allCases().end() && found->id == id ? &*found : nullptr;
}

bool matchesPattern(std::string_view pattern, std::string_view text) {
  // What the latest star takes can grow; the stars before it need not be thought of again.
  constexpr auto kNone = std::string_view::npos;
  std::size_t star = kNone, taken = 0, p = 0, t = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != kNone) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

std::vector<const Case*> selectCases(const std::vector<std::string>& patterns,
                                     const std::vector<std::string>& exclude, Tests tested) {
  const auto left = resolve(exclude, tested);
  std::vector<const Case*> selected;
  for (const CaseId& id : resolve(patterns, tested)) {
    if (!left.contains(id)) selected.push_back(findCase(id));
  }
  if (selected.empty()) throw std::invalid_argument("no cases are left to run");
  return selected;
}

}  // namespace wstest
