// The external test data of WAMP (see /docs/hacking.md), which is not a part of the project.
#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "hex.hpp"

namespace autobahn::inline v0::wamp {

/// The folder that the environment variable WAMP_VECTORS names, or shared/wamp-vectors beside the checkout.
inline std::filesystem::path vectorFolder() {
  if (const char* const named = std::getenv("WAMP_VECTORS")) return named;
  return std::filesystem::path(AUTOBAHN_SOURCE_DIR) / "../shared/wamp-vectors";
}

/// A test of what `file` holds; skipped, with the reason, when the data is not there.
class VectorTest : public testing::Test {
 protected:
  explicit VectorTest(const char* file) : file_(file) {}

  void SetUp() override {
    const auto folder = vectorFolder();
    if (!std::filesystem::exists(folder / file_)) {
      GTEST_SKIP() << "no WAMP vectors: set WAMP_VECTORS, or put them in ../shared/wamp-vectors";
    }
    std::ifstream stream(folder / file_);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    vectors.Parse(text.c_str());
    ASSERT_FALSE(vectors.HasParseError()) << folder / file_;
  }

  rapidjson::Document vectors;

 private:
  const char* file_;
};

}  // namespace autobahn::inline v0::wamp
