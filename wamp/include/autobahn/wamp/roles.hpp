// Roles and the features that peers announce for them in HELLO and WELCOME.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// What a peer can be; the first four are a client's, the others a router's.
enum class Role : std::uint8_t { subscriber, publisher, caller, callee, broker, dealer };
inline constexpr std::size_t kRoleCount = 6;

/// Features of the advanced profile, and Autobahn's own.
enum class Feature : std::uint8_t {
  progressiveCallResults,
  progressiveCallInvocations,
  callTimeout,
  callCanceling,
  callerIdentification,
  callTrustlevels,
  registrationMetaApi,
  patternBasedRegistration,
  sharedRegistration,
  shardedRegistration,
  registrationRevocation,
  callReroute,
  procedureReflection,
  subscriberBlackwhiteListing,
  publisherExclusion,
  publisherIdentification,
  publicationTrustlevels,
  subscriptionMetaApi,
  patternBasedSubscription,
  shardedSubscription,
  eventHistory,
  eventRetention,
  subscriptionRevocation,
  topicReflection,
  sessionMetaApi,
  testamentMetaApi,
  payloadPassthruMode,
  payloadTransparency,
  payloadEncryptionCryptobox,
  acknowledgedEventDelivery,
};
inline constexpr std::size_t kFeatureCount = 30;

/// "callee", …
std::string_view roleName(Role role);
std::optional<Role> roleOf(std::string_view name);
/// True for subscriber, publisher, caller and callee.
bool isClientRole(Role role);
/// "call_canceling", … as on the wire.
std::string_view featureName(Feature feature);
/// A second name under which it is announced as well, or empty.
std::string_view otherFeatureName(Feature feature);
/// Also knows names that others use for the same feature.
std::optional<Feature> featureOf(std::string_view name);

/// The roles of one peer, each with its features.
class Roles {
 public:
  /// Adds a role and features of it.
  void add(Role role, std::initializer_list<Feature> features = {});
  /// Adds a feature of a role, and the role.
  void add(Role role, Feature feature);
  bool has(Role role) const;
  bool has(Role role, Feature feature) const;
  std::size_t featureCount(Role role) const;
  /// How many roles.
  std::size_t count() const;
  bool empty() const { return count() == 0; }
  bool operator==(const Roles&) const = default;

 private:
  struct Entry {
    bool isThere = false;
    std::bitset<kFeatureCount> features;
    bool operator==(const Entry&) const = default;
  };
  std::array<Entry, kRoleCount> entries_{};
};

}  // namespace autobahn::inline v0::wamp
