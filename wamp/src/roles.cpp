#include <algorithm>
#include <autobahn/wamp/roles.hpp>
#include <iterator>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kRoleNames[] = {"subscriber", "publisher", "caller", "callee", "broker", "dealer"};
static_assert(std::size(kRoleNames) == kRoleCount);

// In the order of Feature.
constexpr std::string_view kFeatureNames[] = {
    "progressive_call_results",
    "progressive_call_invocations",
    "call_timeout",
    "call_canceling",
    "caller_identification",
    "call_trustlevels",
    "registration_meta_api",
    "pattern_based_registration",
    "shared_registration",
    "sharded_registration",
    "registration_revocation",
    "call_reroute",
    "procedure_reflection",
    "subscriber_blackwhite_listing",
    "publisher_exclusion",
    "publisher_identification",
    "publication_trustlevels",
    "subscription_meta_api",
    "pattern_based_subscription",
    "sharded_subscription",
    "event_history",
    "event_retention",
    "subscription_revocation",
    "topic_reflection",
    "session_meta_api",
    "testament_meta_api",
    "payload_passthru_mode",
    "payload_transparency",
    "payload_encryption_cryptobox",
    "x_acknowledged_event_delivery",
};
static_assert(std::size(kFeatureNames) == kFeatureCount);

// Names of the same features in the specification's text and in other implementations.
struct OtherName {
  std::string_view name;
  Feature feature;
  bool isAnnounced = false;  ///< beside the first name
};
constexpr OtherName kOtherNames[] = {
    // So in the specification, spelling and all; peers that read it look for that one.
    {"shareded_subscriptions", Feature::shardedSubscription, true},
    {"sharded_subscriptions", Feature::shardedSubscription},
    {"acknowledged_event_delivery", Feature::acknowledgedEventDelivery},
};

}  // namespace

std::string_view roleName(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> roleOf(std::string_view name) {
  const auto found = std::ranges::find(kRoleNames, name);
  if (found == std::end(kRoleNames)) return std::nullopt;
  return static_cast<Role>(found - std::begin(kRoleNames));
}

bool isClientRole(Role role) { return role < Role::broker; }

std::string_view featureName(Feature feature) { return kFeatureNames[static_cast<std::size_t>(feature)]; }

std::string_view otherFeatureName(Feature feature) {
  const auto isIt = [feature](const OtherName& each) { return each.isAnnounced && each.feature == feature; };
  const auto found = std::ranges::find_if(kOtherNames, isIt);
  return found == std::end(kOtherNames) ? std::string_view() : found->name;
}

std::optional<Feature> featureOf(std::string_view name) {
  const auto found = std::ranges::find(kFeatureNames, name);
  if (found != std::end(kFeatureNames)) return static_cast<Feature>(found - std::begin(kFeatureNames));
  const auto other = std::ranges::find(kOtherNames, name, &OtherName::name);
  if (other != std::end(kOtherNames)) return other->feature;
  return std::nullopt;
}

void Roles::add(Role role, std::initializer_list<Feature> features) {
  entries_[static_cast<std::size_t>(role)].isThere = true;
  for (const Feature feature : features) add(role, feature);
}

void Roles::add(Role role, Feature feature) {
  Entry& entry = entries_[static_cast<std::size_t>(role)];
  entry.isThere = true;
  entry.features.set(static_cast<std::size_t>(feature));
}

bool Roles::has(Role role) const { return entries_[static_cast<std::size_t>(role)].isThere; }

bool Roles::has(Role role, Feature feature) const {
  return entries_[static_cast<std::size_t>(role)].features.test(static_cast<std::size_t>(feature));
}

std::size_t Roles::featureCount(Role role) const {
  return entries_[static_cast<std::size_t>(role)].features.count();
}

std::size_t Roles::count() const {
  return static_cast<std::size_t>(std::ranges::count(entries_, true, &Entry::isThere));
}

}  // namespace autobahn::inline v0::wamp
