#include "router_session.hpp"

namespace autobahn::inline v0::wamp::router {

const Roles& routerRoles() {
  static const Roles roles = [] {
    Roles made;
    made.add(Role::broker, {Feature::subscriberBlackwhiteListing, Feature::publisherExclusion,
                            Feature::publisherIdentification, Feature::publicationTrustlevels,
                            Feature::patternBasedSubscription, Feature::subscriptionRevocation,
                            Feature::eventRetention, Feature::shardedSubscription, Feature::sessionMetaApi,
                            Feature::subscriptionMetaApi, Feature::payloadPassthruMode,
                            Feature::payloadTransparency, Feature::payloadEncryptionCryptobox});
    made.add(Role::dealer,
             {Feature::progressiveCallResults, Feature::progressiveCallInvocations, Feature::callTimeout,
              Feature::callCanceling, Feature::callerIdentification, Feature::callTrustlevels,
              Feature::patternBasedRegistration, Feature::sharedRegistration, Feature::registrationRevocation,
              Feature::callReroute, Feature::shardedRegistration, Feature::sessionMetaApi,
              Feature::registrationMetaApi, Feature::testamentMetaApi, Feature::payloadPassthruMode,
              Feature::payloadTransparency, Feature::payloadEncryptionCryptobox});
    return made;
  }();
  return roles;
}

}  // namespace autobahn::inline v0::wamp::router
