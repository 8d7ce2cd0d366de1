#include "realm.hpp"

namespace autobahn::inline v0::wamp::router {

Roles routerRoles(const RealmOptions& options) {
  using enum Feature;
  const ExperimentalFeatures& on = options.experimental;
  Roles made;
  made.add(Role::broker,
           {subscriberBlackwhiteListing, publisherExclusion, publisherIdentification, publicationTrustlevels,
            patternBasedSubscription, subscriptionRevocation, eventRetention, sessionMetaApi,
            subscriptionMetaApi, payloadTransparency, payloadEncryptionCryptobox});
  made.add(Role::dealer, {progressiveCallResults, progressiveCallInvocations, callTimeout, callCanceling,
                          callerIdentification, callTrustlevels, patternBasedRegistration, sharedRegistration,
                          registrationRevocation, sessionMetaApi, registrationMetaApi, testamentMetaApi,
                          payloadTransparency, payloadEncryptionCryptobox});
  if (!options.history.rules.empty()) made.add(Role::broker, eventHistory);
  if (on.shardedSubscription) made.add(Role::broker, shardedSubscription);
  if (on.callReroute) made.add(Role::dealer, callReroute);
  if (on.shardedRegistration) made.add(Role::dealer, shardedRegistration);
  if (on.payloadPassthru) {
    made.add(Role::broker, payloadPassthruMode);
    made.add(Role::dealer, payloadPassthruMode);
  }
  return made;
}

}  // namespace autobahn::inline v0::wamp::router
