#include "autobahn/util/version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace autobahn::inline v0::util {
namespace {

TEST(Version, PartsAgree) {
  EXPECT_EQ(version(), std::to_string(AUTOBAHN_VERSION_MAJOR) + "." + std::to_string(AUTOBAHN_VERSION_MINOR) +
                           "." + std::to_string(AUTOBAHN_VERSION_PATCH));
}

TEST(Version, AgreesWithTheBuild) { EXPECT_EQ(version(), AUTOBAHN_PROJECT_VERSION); }

}  // namespace
}  // namespace autobahn::inline v0::util
