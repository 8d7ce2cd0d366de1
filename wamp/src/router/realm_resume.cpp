// How sessions lose their transport and get another (session resumption).
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <utility>

#include "realm.hpp"
#include "suspension.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

constexpr std::size_t kTokenSize = 16;

std::string newToken() {
  std::string bytes(kTokenSize, '\0');
  util::randomBytes(bytes);
  return util::base64Encode(bytes);
}

// Names that `makeAnonymousAuthenticator` gives prove nothing: another one was drawn for the client that
// comes back, and all that it can have is the token.
bool isMadeUp(const SessionInfo& who) {
  return who.authmethod == "anonymous" && who.authprovider == "static";
}

bool isSamePrincipal(const SessionInfo& one, const SessionInfo& other) {
  if (one.authrole != other.authrole || isMadeUp(one) != isMadeUp(other)) return false;
  return isMadeUp(one) || one.authid == other.authid;
}

}  // namespace

void Realm::offerResumption(Session& session, message::Welcome& welcome) {
  if (!options_.experimental.sessionResumption) return;
  session.resumeToken = newToken();
  welcome.details.resumable = true;
  welcome.details.resumeToken = Text(session.resumeToken);
}

Session* Realm::findResumable(const SessionInfo& who, Id id, std::string_view token) {
  Session* const session = options_.experimental.sessionResumption ? find(id) : nullptr;
  if (session == nullptr || session->resumeToken.empty()) return nullptr;
  if (session->suspension && session->suspension->isOverfull()) return nullptr;
  // The token first, so that the time it takes says nothing of the rest.
  const bool isRight = util::constantTimeEquals(session->resumeToken, token);
  return isRight && isSamePrincipal(session->info, who) ? session : nullptr;
}

void Realm::resume(Session& session, SessionInfo who, SessionPort& port, message::Welcome welcome) {
  SessionPort& before = *session.port;
  std::vector<Message> waiting = suspensions_.end(session);
  const bool wasSuspended = session.suspension != nullptr;
  // What the client announces and where it comes from are those of today; who it is stays.
  who.session = session.id();
  who.authid = session.info.authid;
  session.info = std::move(who);
  session.port = &port;
  session.mayHaveLostRequests = true;
  before.abort(close::kResumedElsewhere, "the session goes on over another transport");
  session.suspension.reset();
  welcome.session = session.id();
  welcome.details.authid = Text(session.info.authid);
  welcome.details.resumed = true;
  offerResumption(session, welcome);
  out_.send(session, std::move(welcome));
  if (!wasSuspended) dealer_.failInvocations(session, "the callee has lost its transport");
  flush();
  // They were counted when they came. Should this transport be lost meanwhile, so are they.
  for (Message& each : waiting) {
    RoutedMessage message(std::move(each), 1);
    port.deliver(message);
  }
}

void Realm::loseTransport(Session& session) {
  if (session.resumeToken.empty() || isRemoved_ || !suspensions_.begin(session)) return leave(session);
  dealer_.failInvocations(session, "the callee has lost its transport");
  // Advanced profile, testaments: of the scope "detached".
  for (const Testament& each : session.detachedTestaments) session.waitingOctets -= each.octets;
  publishTestaments(session, session.detachedTestaments);
  flush();
}

void Realm::endSoon(const Session& session) {
  ++limitsReached_;
  turns_.run([weak = weak_from_this(), id = session.id()] {
    const std::shared_ptr<Realm> self = weak.lock();
    Session* const there = self ? self->find(id) : nullptr;
    if (there != nullptr && there->suspension && there->suspension->isOverfull()) self->leave(*there);
  });
}

}  // namespace autobahn::inline v0::wamp::router
