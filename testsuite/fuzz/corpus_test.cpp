// Replays the kept inputs: what fuzzing found once (run.sh), and inputs that reach every branch.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "target.hpp"

namespace autobahn::fuzz {
namespace {

namespace fs = std::filesystem;

class Corpus : public ::testing::TestWithParam<Target> {};

TEST_P(Corpus, HoldsNoFinding) {
  const auto [name, run] = GetParam();
  int count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(AUTOBAHN_CORPUS) / name)) {
    std::ostringstream content;
    content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    try {
      run(content.str());
    } catch (const std::logic_error& finding) {
      ADD_FAILURE() << entry.path() << ": " << finding.what();
    }
    ++count;
  }
  EXPECT_GE(count, 10);
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, ::testing::ValuesIn(kTargets),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace autobahn::fuzz
