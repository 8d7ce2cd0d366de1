#include <gtest/gtest.h>
#include <autobahn/wamp/roles.hpp>

#include <string>

namespace autobahn::wamp {
namespace {

TEST(Roles, NamesComeBack) {
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    const auto role = static_cast<Role>(i);
    EXPECT_EQ(roleOf(roleName(role)), role);
  }
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const auto feature = static_cast<Feature>(i);
    EXPECT_FALSE(featureName(feature).empty());
    EXPECT_EQ(featureOf(featureName(feature)), feature) << featureName(feature);
  }
  EXPECT_EQ(featureOf("shareded_subscriptions"), Feature::shardedSubscription);
  EXPECT_EQ(otherFeatureName(Feature::shardedSubscription), "shareded_subscriptions");
  EXPECT_EQ(otherFeatureName(Feature::shardedRegistration), "");
  EXPECT_EQ(featureOf("flying"), std::nullopt);
  EXPECT_EQ(roleOf("juggler"), std::nullopt);
  // The ends of the table, so that a name left out in the middle shows.
  EXPECT_EQ(featureName(Feature::progressiveCallResults), "progressive_call_results");
  EXPECT_EQ(featureName(Feature::subscriberBlackwhiteListing), "subscriber_blackwhite_listing");
  EXPECT_EQ(featureName(Feature::acknowledgedEventDelivery), "x_acknowledged_event_delivery");
}

TEST(Roles, HoldRolesAndFeatures) {
  Roles roles;
  EXPECT_TRUE(roles.empty());
  roles.add(Role::caller);
  roles.add(Role::callee, {Feature::callCanceling, Feature::sharedRegistration});
  EXPECT_EQ(roles.count(), 2U);
  EXPECT_TRUE(roles.has(Role::caller));
  EXPECT_FALSE(roles.has(Role::caller, Feature::callCanceling));
  EXPECT_TRUE(roles.has(Role::callee, Feature::callCanceling));
  EXPECT_EQ(roles.featureCount(Role::callee), 2U);
  EXPECT_FALSE(roles.has(Role::dealer));
  EXPECT_TRUE(isClientRole(Role::callee));
  EXPECT_FALSE(isClientRole(Role::broker));
}

}  // namespace
}  // namespace autobahn::wamp
