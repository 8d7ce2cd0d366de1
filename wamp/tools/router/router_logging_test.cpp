// Log lines for machines.
#include "logging.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <vector>

namespace router_tool {
namespace {

using autobahn::util::Level;
using autobahn::util::LogField;

TEST(Logging, WritesJson) {
  const std::chrono::system_clock::time_point time{};
  const std::vector<LogField> fields = {{"peer", "a\"b\n"},
                                        {"bytes", "\xff\x01"},
                                        {"count", 5},
                                        {"ratio", std::numeric_limits<double>::quiet_NaN()},
                                        {"isOpen", true}};
  EXPECT_EQ(formatJson({time, Level::info, "autobahn", "hello", fields}),
            R"({"time":"1970-01-01T00:00:00.000Z","level":"INFO","logger":"autobahn","message":"hello",)"
            R"("fields":{"peer":"a\"b\n","bytes":"\\xff\u0001","count":5,"ratio":null,"isOpen":true}})");
  EXPECT_EQ(formatJson({time, Level::error, "a", "b", {}}),
            R"({"time":"1970-01-01T00:00:00.000Z","level":"ERROR","logger":"a","message":"b"})");
}

}  // namespace
}  // namespace router_tool
