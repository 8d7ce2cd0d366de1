// The router's core: a script of what several clients do, in order and out of it. Each of them keeps account
// of what it is sent (router_peer.hpp); when all have left nothing is left of them.
#include <array>
#include <iterator>

#include "choices.hpp"
#include "router_peer.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

constexpr std::string_view kUris[] = {"com.a",
                                      "com.a.b",
                                      "com.b.b",
                                      "com.a.b.c",
                                      "com..b",
                                      "com.",
                                      "com.a.",
                                      "",
                                      "a b",
                                      "wamp.a",
                                      "wamp.session.count",
                                      "wamp.registration.list",
                                      "wamp.session.kill_all",
                                      "wamp.subscription.get_events",
                                      "wamp.registration.on_create",
                                      "wamp."};
constexpr Match kMatches[] = {Match::exact, Match::exact, Match::prefix, Match::wildcard};
constexpr Invoke kInvokes[] = {Invoke::single, Invoke::roundrobin, Invoke::random, Invoke::first,
                               Invoke::last};

class Script {
 public:
  explicit Script(Choices& choices) : choices_(choices), router_(routerOptions()) {
    tell();
    router_.addRealm(realmOptions(choices.byte()));
    ownSubscriptions_ = router_.statistics().realms.at(0).subscriptions;
    for (std::size_t i = 0; i < peers_.size(); ++i) attach(i);
  }

  void run() {
    for (int steps = 0; !choices_.empty() && steps < 400; ++steps) {
      step();
      check();
    }
    end();
  }

 private:
  static RouterOptions routerOptions() {
    RouterOptions options;
    options.authenticationLimits = {};
    return options;
  }
  static RealmOptions realmOptions(unsigned flags) {
    RealmOptions options{.name = "realm1"};
    options.limits.subscriptions = PeerLimits::kSubscriptions;
    options.limits.registrations = PeerLimits::kRegistrations;
    options.limits.pendingCalls = PeerLimits::kCalls;
    options.limits.testaments = 2;
    options.maxWaitingCalls = 2;
    options.maxRetainedTopics = 2;
    options.maxUriSize = 64;
    constexpr RequestIds kRequestIds[] = {RequestIds::any, RequestIds::increasing, RequestIds::sequential};
    options.requestIds = kRequestIds[flags % 3];
    if ((flags & 4) != 0)
      options.history.rules.push_back({.uri = "com.a", .match = Match::prefix, .maxEvents = 3});
    options.allowDiscloseMe = (flags & 8) == 0;
    return options;
  }

  void attach(std::size_t which) {
    constexpr std::string_view kSerializers[] = {"json", "cbor", "msgpack", "ubjson"};
    peers_[which].reset();
    peers_[which] = std::make_unique<RouterPeer>(router_, witness_, kSerializers[which]);
    join(*peers_[which]);
  }
  void tell() { router_.setTime(now_, std::chrono::system_clock::time_point() + now_.time_since_epoch()); }
  void pass(std::chrono::milliseconds duration) {
    const auto until = now_ + duration;
    for (auto next = router_.nextDeadline(); next && *next <= until; next = router_.nextDeadline()) {
      now_ = std::max(now_, *next);
      tell();
      router_.handleTimeout();
    }
    now_ = until;
    tell();
  }

  void check() const {
    require(witness_.finding.empty(), witness_.finding);
    std::set<Id> sessions;
    for (const auto& peer : peers_) {
      peer->checkAccount();
      if (peer->isJoined()) require(sessions.insert(peer->session()).second, "a session's ID is not unique");
    }
    require(router_.sessionCount("realm1") == sessions.size(), "another number of sessions");
    require(router_.transportCount() <= peers_.size(), "more transports than there are");
  }

  // ---- What they do

  void step() {
    const unsigned what = choices_.byte();
    RouterPeer& peer = *peers_[what & 3];
    switch (what >> 2 & 15) {
      case 0:
        return subscribe(peer);
      case 1:
        return unsubscribe(peer);
      case 2:
      case 3:
        return publish(peer);
      case 4:
        return registerProcedure(peer);
      case 5:
        return unregister(peer);
      case 6:
      case 7:
        return call(peer);
      case 8:
        return cancel(peer);
      case 9:
      case 10:
        return yield(peer);
      case 11:
        return fail(peer);
      case 12:
        return pass(std::chrono::milliseconds(choices_.byte() * 10));
      case 13:
        return leave(what & 3);
      case 14:
        return continueCall(peer);
      default:
        return misbehave(peer);
    }
  }

  void join(RouterPeer& peer) {
    message::Hello hello{.realm = Text("realm1")};
    for (const Role role : {Role::subscriber, Role::publisher, Role::caller, Role::callee}) {
      hello.details.roles.add(role);
      // One of them can do nothing but hear that something of its was revoked.
      const bool isPlain = &peer == peers_[3].get();
      for (std::size_t i = 0; i < kFeatureCount; ++i) {
        const auto feature = static_cast<Feature>(i);
        const bool isRevocation =
            feature == Feature::registrationRevocation || feature == Feature::subscriptionRevocation;
        if (!isPlain || isRevocation) hello.details.roles.add(role, feature);
      }
    }
    peer.say(std::move(hello));
  }
  std::string_view uri() { return kUris[choices_.below(std::size(kUris))]; }
  // One of those, or somebody else's, or nobody's.
  template <class Ids>
  Id idOf(const Ids& own) {
    const std::size_t which = choices_.byte();
    if (which < 16) return which + 1;
    if (own.empty()) return 77;
    return *std::next(own.begin(), static_cast<std::ptrdiff_t>(which % own.size()));
  }
  static std::string asked(Match match, std::string_view uri) {
    return std::to_string(static_cast<int>(match)) + ' ' + std::string(uri);
  }

  // What a serializer refuses is a violation, which is answered by ABORT.
  void subscribe(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    const Match match = kMatches[how & 3];
    const std::string_view topic = uri();
    message::Subscribe subscribe{.request = peer.ask(message::Subscribe::kCode), .topic = Text(topic)};
    subscribe.options.match = match;
    if ((how & 4) != 0) subscribe.options.getRetained = true;
    if ((how & 0x18) == 0x18) subscribe.options.nkey = Text("k1");
    peer.asked = asked(match, topic);
    peer.say(std::move(subscribe));
  }
  void unsubscribe(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const Id id = idOf(peer.subscriptions());
    peer.say(message::Unsubscribe{.request = peer.ask(message::Unsubscribe::kCode, id), .subscription = id});
  }
  void publish(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    const bool isAcknowledged = (how & 1) != 0;
    message::Publish publish{.request =
                                 isAcknowledged ? peer.ask(message::Publish::kCode) : peer.nextRequest()};
    publish.topic = Text(uri());
    publish.options.acknowledge = isAcknowledged;
    publish.options.retain = (how & 2) != 0;
    publish.options.excludeMe = (how & 4) == 0;
    if ((how & 8) != 0 && publish.options.excludeMe.value()) publish.options.discloseMe = true;
    if ((how & 0x10) != 0)
      publish.options.receivers = message::Receivers{.exclude = std::vector<Id>{peers_[how >> 6]->session()}};
    if ((how & 0x20) != 0) publish.options.rkey = Text("k" + std::to_string(how >> 6));
    ++lastEvent_;
    if (publish.options.excludeMe.value()) witness_.excluded[lastEvent_] = &peer;
    publish.payload = Payload(List{lastEvent_});
    peer.say(std::move(publish));
  }
  void registerProcedure(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    const Match match = kMatches[how & 3];
    const std::string_view procedure = uri();
    message::Register registers{.request = peer.ask(message::Register::kCode), .procedure = Text(procedure)};
    registers.options.match = match;
    registers.options.invoke = kInvokes[(how >> 2 & 7) % std::size(kInvokes)];
    if ((how & 0x20) != 0) registers.options.concurrency = 1;
    if ((how & 0xC0) == 0xC0) registers.options.forceReregister = true;
    peer.asked = asked(match, procedure);
    peer.say(std::move(registers));
  }
  void unregister(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const Id id = idOf(peer.registrations());
    peer.say(message::Unregister{.request = peer.ask(message::Unregister::kCode, id), .registration = id});
  }
  void call(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    message::Call call{.request = peer.nextRequest(), .procedure = Text(uri())};
    call.options.receiveProgress = (how & 1) != 0;
    if ((how & 2) != 0) call.options.timeout = std::chrono::milliseconds(how);
    if ((how & 4) != 0) call.options.progress = true;
    if ((how & 8) != 0) call.options.discloseMe = true;
    if ((how & 0x30) == 0x30) call.options.rkey = Text("k1");
    if ((how & 0xC0) == 0xC0) call.options.runmode = Text("all");
    call.payload = Payload(List{static_cast<std::int64_t>(how)});
    peer.startsCall(call.request, (how & 1) != 0);
    peer.say(std::move(call));
  }
  // One more part of arguments; also of a call that has been answered, or never was.
  void continueCall(RouterPeer& peer) {
    if (!peer.isJoined() || peer.lastRequest() == 0) return;
    const unsigned how = choices_.byte();
    message::Call call{.request = peer.lastRequest() - std::min<Id>(how >> 2 & 3, peer.lastRequest() - 1),
                       .procedure = Text(uri())};
    if ((how & 1) != 0) call.options.progress = true;
    call.options.receiveProgress = true;
    peer.continuesCall(call.request);
    peer.say(std::move(call));
  }
  void cancel(RouterPeer& peer) {
    if (!peer.isJoined() || peer.calls().empty()) return;
    const unsigned how = choices_.byte();
    const auto call =
        std::next(peer.calls().begin(), static_cast<std::ptrdiff_t>(how / 4 % peer.calls().size()));
    message::Cancel cancel{.request = (how & 3) == 3 ? 1 : call->first};
    cancel.options.mode = static_cast<CancelMode>((how & 3) % 3);
    peer.say(std::move(cancel));
  }
  void yield(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    message::Yield yield{.request = idOf(peer.invocations())};
    if ((how & 3) == 3) yield.options.progress = true;
    yield.payload = Payload(List{static_cast<std::int64_t>(how)});
    if ((how & 3) != 3) peer.answers(yield.request);
    peer.say(std::move(yield));
  }
  void fail(RouterPeer& peer) {
    if (!peer.isJoined()) return;
    const unsigned how = choices_.byte();
    message::Error error{.requestType = message::Invocation::kCode, .request = idOf(peer.invocations())};
    error.error = Text((how & 1) != 0 ? "com.error" : "wamp.error.unavailable");
    peer.answers(error.request);
    peer.say(std::move(error));
  }
  void leave(std::size_t which) {
    const unsigned how = choices_.byte();
    RouterPeer& peer = *peers_[which];
    if ((how & 3) == 0) return attach(which);
    if ((how & 3) == 1) peer.say(message::Goodbye{.reason = Text("wamp.close.normal")});
    if ((how & 3) == 2) peer.say(message::Abort{.reason = Text("com.enough")});
    if (peer.isClosed() && (how & 4) != 0) return attach(which);
    if (!peer.isJoined() && !peer.isClosed()) join(peer);
  }
  void misbehave(RouterPeer& peer) {
    switch (choices_.below(8)) {
      case 0:
        return peer.say(message::Welcome{.session = 1});
      case 1:
        return peer.say(message::Authenticate{.signature = Text("x")});
      case 2:
        return join(peer);
      case 3:
        return peer.say(message::Event{.subscription = 1, .publication = 1});
      case 4:
        if (peer.isJoined()) peer.asksAgain(message::Subscribe::kCode, 1);
        peer.asked = asked(Match::exact, "com.a");
        return peer.say(message::Subscribe{.request = 1, .topic = Text("com.a")});
      case 5:
        return peer.say(message::Cancel{.request = 99});
      case 6:
        return peer.say(message::EventReceived{.publication = 1});
      default:
        return peer.say(message::Error{.requestType = 48, .request = 1, .error = Text("com.x")});
    }
  }

  // ---- When all have left

  void end() {
    for (auto& peer : peers_) {
      // Who is alone, and has nothing to answer itself, gets all its answers.
      const bool isCallee = !peer->registrations().empty() || !peer->invocations().empty();
      if (&peer == &peers_.back() && !isCallee) require(peer->calls().empty(), "a call without an answer");
      peer->hangUp();
      require(witness_.finding.empty(), witness_.finding);
    }
    const RouterStatistics statistics = router_.statistics();
    require(statistics.transports == 0 && router_.transportCount() == 0, "a transport is left");
    for (const RealmStatistics& realm : statistics.realms) {
      require(realm.sessions == 0 && realm.subscriptions == ownSubscriptions_ && realm.registrations == 0,
              "something of a session is left");
      require(realm.pendingCalls == 0 && realm.waitingCalls == 0, "a call is left");
      require(realm.retainedTopics <= 2, "more retained than the limit");
    }
  }

  Choices& choices_;
  RouterWitness witness_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  Router router_;
  std::array<std::unique_ptr<RouterPeer>, 4> peers_;
  std::size_t ownSubscriptions_ = 0;  ///< those with a history
  std::int64_t lastEvent_ = 0;
};

}  // namespace

void tryRouter(std::string_view input) {
  Choices choices(input);
  Script(choices).run();
}

}  // namespace autobahn::fuzz
