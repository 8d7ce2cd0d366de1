// Nodes of a subscription, and whose a share is.
#include "subscriber_nodes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "random_index.hpp"

namespace autobahn::wamp::router {
namespace {

// Whose each of many keys is.
std::map<std::string, std::string> owners(const SubscriberNodes& nodes) {
  std::map<std::string, std::string> made;
  for (int i = 0; i < 3000; ++i) {
    const std::string rkey = "sensor" + std::to_string(i);
    made[rkey] = nodes.ownerOf(shardOfKey(rkey))->first;
  }
  return made;
}

TEST(SubscriberNodes, AShareDoesNotDependOnTheProcess) {
  SubscriberNodes nodes;
  nodes.set(0, "node1");
  nodes.set(1, "node2");
  nodes.set(2, "node3");
  // Were this to change, all nodes would have other keys after the router's next update.
  EXPECT_EQ(nodes.ownerOf(shardOfKey("sn239019"))->first, "node1");
  EXPECT_EQ(nodes.ownerOf(shardOfKey("sn239020"))->first, "node3");
  EXPECT_EQ(nodes.ownerOf(shardOfKey("sn239021"))->first, "node1");
  EXPECT_EQ(nodes.ownerOf(shardOfKey("sn239022"))->first, "node3");
}

TEST(SubscriberNodes, KeysAreDividedEvenlyAndMoveOnlyWithTheirNode) {
  SubscriberNodes nodes;
  nodes.set(0, "node1");
  nodes.set(1, "node2");
  nodes.set(2, "node3");
  const auto before = owners(nodes);
  std::map<std::string, int> share;
  for (const auto& entry : before) ++share[entry.second];
  for (const auto& entry : share) EXPECT_NEAR(entry.second, 1000, 150) << entry.first;

  nodes.set(3, "node4");
  int moved = 0;
  for (const auto& entry : owners(nodes)) {
    if (entry.second == before.at(entry.first)) continue;
    EXPECT_EQ(entry.second, "node4");
    ++moved;
  }
  EXPECT_NEAR(moved, 750, 150);
  nodes.remove(3, 4);
  EXPECT_EQ(owners(nodes), before);
}

TEST(SubscriberNodes, FollowAListThatChanges) {
  // Beside a list of who is where, as a subscription's: the last one takes a free place.
  SubscriberNodes nodes;
  std::vector<std::string> list;
  for (int step = 0; step < 5000; ++step) {
    const std::size_t what = randomIndex(3);
    if (list.empty() || (what == 0 && list.size() < 12)) list.emplace_back();
    const std::size_t at = what == 0 ? list.size() - 1 : randomIndex(list.size());
    if (what == 2) {
      nodes.remove(at, list.size());
      list[at] = list.back();
      list.pop_back();
    } else {
      list[at] = randomIndex(3) == 0 ? "" : "node" + std::to_string(randomIndex(4));
      nodes.set(at, list[at].empty() ? std::nullopt : std::optional<std::string_view>(list[at]));
    }
    const std::set<std::string> names(list.begin(), list.end());
    ASSERT_EQ(nodes.nodeCount(), names.size() - names.count(""));
    if (nodes.empty()) continue;
    const auto* const owner = nodes.ownerOf(randomIndex(1000));
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_EQ(nodes.sharesWith(i, owner), list[i].empty() || list[i] == owner->first) << step;
    }
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
