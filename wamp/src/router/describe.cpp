#include "describe.hpp"

#include <autobahn/util/text.hpp>

namespace autobahn::inline v0::wamp::router {

std::string_view matchName(Match match) {
  static constexpr std::string_view kNames[] = {"exact", "prefix", "wildcard"};
  return kNames[static_cast<std::size_t>(match)];
}

std::string_view invokeName(Invoke invoke) {
  static constexpr std::string_view kNames[] = {"single", "roundrobin", "random", "first", "last"};
  return kNames[static_cast<std::size_t>(invoke)];
}

Dict describe(const PeerDetails& peer) {
  Dict transport = peer.more;
  transport.insert(
      {{"type", peer.type}, {"peer", peer.peer}, {"serializer", peer.serializer}, {"secure", peer.isSecure}});
  return transport;
}

Dict describe(const SessionInfo& session) {
  return {{"session", session.session},           {"authid", session.authid},
          {"authrole", session.authrole},         {"authmethod", session.authmethod},
          {"authprovider", session.authprovider}, {"transport", describe(session.peer)}};
}

Dict describe(const Subscription& subscription) {
  return {{"id", subscription.id},
          {"created", util::utcstr(subscription.created)},
          {"uri", subscription.topic},
          {"match", matchName(subscription.match)}};
}

Dict describe(const Registration& registration) {
  return {{"id", registration.id},
          {"created", util::utcstr(registration.created)},
          {"uri", registration.procedure},
          {"match", matchName(registration.match)},
          {"invoke", invokeName(registration.invoke)}};
}

}  // namespace autobahn::inline v0::wamp::router
