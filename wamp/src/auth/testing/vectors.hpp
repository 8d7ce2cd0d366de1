// The external test data of WAMP (see /docs/hacking.md), which is not a part of the project.
#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <autobahn/util/crypto.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace autobahn::inline v0::wamp {

/// The folder that the environment variable WAMP_VECTORS names, or shared/wamp-vectors beside the checkout in
/// which the test runs; empty when there is none.
inline std::filesystem::path vectorFolder() {
  if (const char* const named = std::getenv("WAMP_VECTORS")) return named;
  std::filesystem::path folder = std::filesystem::current_path();
  for (; folder != folder.parent_path(); folder = folder.parent_path()) {
    if (const auto found = folder / "shared" / "wamp-vectors"; std::filesystem::exists(found)) return found;
  }
  return {};
}

/// A test of what `file` holds; skipped, with the reason, when the data is not there.
class VectorTest : public testing::Test {
 protected:
  explicit VectorTest(const char* file) : file_(file) {}

  void SetUp() override {
    const auto folder = vectorFolder();
    if (folder.empty()) {
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

/// The bytes of a hexadecimal text in a test.
inline std::string fromHex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace autobahn::inline v0::wamp
