#include <gtest/gtest.h>

#include <autobahn/websocket/types.hpp>

namespace autobahn::websocket {
namespace {

TEST(Types, ParamIsTheFirstOfItsName) {
  ConnectionRequest request;
  request.params = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(request.param("a"), "1");
  EXPECT_EQ(request.param("b"), "2");
  EXPECT_EQ(request.param("c"), "");
}

TEST(Types, CompressionRatioIsWirePerApplication) {
  TrafficStats stats;
  EXPECT_EQ(stats.incomingCompressionRatio(), 0.0);
  EXPECT_EQ(stats.outgoingCompressionRatio(), 0.0);
  stats.incomingOctetsWireLevel = 25;
  stats.incomingOctetsAppLevel = 100;
  stats.outgoingOctetsWireLevel = 300;
  stats.outgoingOctetsAppLevel = 200;
  EXPECT_DOUBLE_EQ(stats.incomingCompressionRatio(), 0.25);
  EXPECT_DOUBLE_EQ(stats.outgoingCompressionRatio(), 1.5);
}

}  // namespace
}  // namespace autobahn::websocket
