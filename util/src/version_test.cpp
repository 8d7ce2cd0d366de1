#include "autobahn/util/version.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace autobahn::inline v0::util {
namespace {

TEST(Version, PartsAgree) {
  EXPECT_EQ(version(), std::to_string(AUTOBAHN_VERSION_MAJOR) + "." + std::to_string(AUTOBAHN_VERSION_MINOR) +
                           "." + std::to_string(AUTOBAHN_VERSION_PATCH));
}

TEST(Version, AgreesWithTheBuild) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../CMakeLists.txt");
  const std::string build{std::istreambuf_iterator<char>(file), {}};
  ASSERT_NE(build.find("project(autobahn "), std::string::npos);
  EXPECT_NE(build.find("VERSION " + std::string(version()) + " "), std::string::npos);
}

}  // namespace
}  // namespace autobahn::inline v0::util
