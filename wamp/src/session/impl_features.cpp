// What our sessions announce, and what they have in common with a router.
#include <autobahn/wamp/roles.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {

Roles clientRoles() {
  using enum Feature;
  Roles roles;
  roles.add(Role::publisher,
            {publisherIdentification, publisherExclusion, subscriberBlackwhiteListing, shardedSubscription,
             payloadPassthruMode, payloadTransparency, payloadEncryptionCryptobox});
  roles.add(Role::subscriber,
            {publisherIdentification, publicationTrustlevels, patternBasedSubscription,
             subscriptionRevocation, eventRetention, shardedSubscription, payloadPassthruMode,
             payloadTransparency, payloadEncryptionCryptobox, acknowledgedEventDelivery});
  roles.add(Role::caller, {callerIdentification, progressiveCallResults, progressiveCallInvocations,
                           callTimeout, callCanceling, shardedRegistration, payloadPassthruMode,
                           payloadTransparency, payloadEncryptionCryptobox});
  roles.add(Role::callee,
            {callerIdentification, callTrustlevels, patternBasedRegistration, sharedRegistration,
             registrationRevocation, progressiveCallResults, progressiveCallInvocations, callTimeout,
             callCanceling, callReroute, shardedRegistration, payloadPassthruMode, payloadTransparency,
             payloadEncryptionCryptobox});
  return roles;
}

Roles SessionImpl::features() const {
  const Roles ours = clientRoles();
  const Roles& theirs = core.routerRoles();
  Roles common;
  const auto addCommon = [&](Role mine, Role other) {
    if (!theirs.has(other)) return;
    common.add(mine);
    for (std::size_t i = 0; i < kFeatureCount; ++i) {
      const auto feature = static_cast<Feature>(i);
      if (ours.has(mine, feature) && theirs.has(other, feature)) common.add(mine, feature);
    }
  };
  addCommon(Role::publisher, Role::broker);
  addCommon(Role::subscriber, Role::broker);
  addCommon(Role::caller, Role::dealer);
  addCommon(Role::callee, Role::dealer);
  return common;
}

}  // namespace autobahn::inline v0::wamp
