// Shows the cases: which there are, what each does and expects.
#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>

#include "cases/case.hpp"
#include "modes/arguments.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

bool matchesAny(const std::vector<std::string>& patterns, const Case& testCase) {
  const std::string id = testCase.id.text();
  return std::ranges::any_of(patterns, [&](const std::string& each) { return matchesPattern(each, id); });
}

void checkPatterns(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    const bool isKnown = std::ranges::any_of(
        allCases(), [&](const Case& each) { return matchesPattern(pattern, each.id.text()); });
    if (!isKnown) throw std::invalid_argument("no case matches '" + pattern + "'");
  }
}

std::string_view testedBy(const Case& testCase) {
  switch (testCase.tests) {
    case Tests::servers:
      return "servers";
    case Tests::clients:
      return "clients";
    case Tests::both:
      break;
  }
  return "servers and clients";
}

/// Prints `text` in lines of 100 columns, each behind `indent`.
void printWrapped(std::string_view label, std::string_view text) {
  constexpr std::size_t kWidth = 100;
  std::cout << "    " << label;
  std::size_t column = label.size();
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    if (column + 1 + end > kWidth) {
      std::cout << "\n    " << std::string(label.size(), ' ');
      column = label.size();
    }
    std::cout << ' ' << text.substr(0, end);
    column += 1 + end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::cout << '\n';
}

bool isUnder(const CaseId& group, const CaseId& id) {
  return group.numbers.size() < id.numbers.size() &&
         std::equal(group.numbers.begin(), group.numbers.end(), id.numbers.begin());
}

class List final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    app.add_option("mode", mode_,
                   "fuzzingclient: those that test servers; fuzzingserver: those that test clients");
    addList(app, "--cases", cases_, "patterns of the cases to show (default: all)");
    addList(app, "--exclude", exclude_, "patterns of cases not to show");
    app.add_flag("--quick", isQuick_, "those of the quick profile");
    const std::map<std::string, bool> formats{{"text", false}, {"ids", true}};
    app.add_option("--format", isIdsOnly_, "--list=ids is the same as --list --format ids")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->option_text("text|ids");
    app.add_option("-m,--mode", mode_)->group("");
  }

  int run() override {
    if (!mode_.empty() && mode_ != "fuzzingclient" && mode_ != "fuzzingserver") {
      throw std::invalid_argument("'" + mode_ + "' has no cases; fuzzingclient and fuzzingserver have");
    }
    checkPatterns(cases_);
    checkPatterns(exclude_);
    std::size_t count = 0;
    for (const Case& each : allCases()) {
      if (!isShown(each)) continue;
      ++count;
      show(each);
    }
    if (!isIdsOnly_) std::cout << "\n" << count << (count == 1 ? " case\n" : " cases\n");
    return 0;
  }

 private:
  bool isShown(const Case& testCase) const {
    const bool isForMode = mode_.empty() || testCase.tests == Tests::both ||
                           testCase.tests == (mode_ == "fuzzingclient" ? Tests::servers : Tests::clients);
    return isForMode && (!isQuick_ || testCase.isInQuick) && matchesAny(cases_, testCase) &&
           !matchesAny(exclude_, testCase);
  }

  void show(const Case& testCase) {
    if (isIdsOnly_) {
      std::cout << testCase.id.text() << '\n';
      return;
    }
    showGroups(testCase.id);
    std::cout << "\n  " << testCase.id.text() << "  " << name(testCase.strictness) << ", tests "
              << testedBy(testCase) << (testCase.needsTls ? ", wss only" : "")
              << (testCase.isInQuick ? "" : ", not in the quick profile") << '\n';
    printWrapped("does    ", testCase.description);
    printWrapped("expects ", testCase.expectation);
    printWrapped("section ", testCase.section);
  }

  /// The headings above a case that have not been shown yet.
  void showGroups(const CaseId& id) {
    const auto& groups = allGroups();
    for (; nextGroup_ < groups.size() && groups[nextGroup_].id <= id; ++nextGroup_) {
      const Group& group = groups[nextGroup_];
      if (isUnder(group.id, id)) std::cout << "\n" << group.id.text() << "  " << group.title << '\n';
    }
  }

  std::string mode_;
  std::vector<std::string> cases_{"*"};
  std::vector<std::string> exclude_;
  bool isQuick_ = false;
  bool isIdsOnly_ = false;
  std::size_t nextGroup_ = 0;
};

}  // namespace

std::unique_ptr<Mode> makeList() { return std::make_unique<List>(); }

}  // namespace wstest
