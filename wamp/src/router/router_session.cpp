#include "router_session.hpp"

#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/util/version.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <exception>
#include <new>
#include <utility>

namespace autobahn::inline v0::wamp::router {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.router"};

std::string defaultAgent() { return "autobahn/" + std::string(util::version()); }

// In a handler of the exception.
void logFailure(const char* whose) {
  kLog.error("exception in " + std::string(whose),
             {{"error", util::describeException(std::current_exception())}});
}

}  // namespace

RouterPeer::RouterPeer(PeerHost& host, RouterTransport& transport) : host_(&host), transport_(&transport) {}

const SessionInfo* RouterPeer::info() const { return session_ == nullptr ? nullptr : &session_->info; }

// What happens in the middle of something waits until that is finished; by then we may be gone.
template <class Work>
void RouterPeer::run(Work&& work) {
  if (host_ == nullptr) return;
  if (!host_->turns().isBusy()) return host_->turns().run(std::forward<Work>(work));
  host_->turns().run([self = shared_from_this(), work = std::forward<Work>(work)]() mutable {
    if (self->host_ != nullptr) work();
  });
}

void RouterPeer::start() {
  host_->deadlines().set(deadline_, host_->now() + host_->options().joinTimeout, *this);
}

// ---- Input

// The usual case: nothing is at work, and the message need not be kept.
void RouterPeer::receive(Message&& message) {
  if (host_ != nullptr && !host_->turns().isBusy()) {
    return host_->turns().run([&] { handle(std::move(message)); });
  }
  run([this, message = std::move(message)]() mutable { handle(std::move(message)); });
}

void RouterPeer::violation(std::string why) {
  run([this, why = std::move(why)] { violate(why); });
}

void RouterPeer::undeliverable(const Message& message, std::string_view uri, std::string why) {
  run([this, message, uri, why = std::move(why)] {
    if (session_ != nullptr) return realm_->undeliverable(*session_, message, uri, why);
    // Nobody waits on the other side for what cannot come.
    if (std::holds_alternative<message::Challenge>(message)) refuseHello(uri, "the challenge: " + why);
  });
}

void RouterPeer::transportClosed() {
  // At once: whatever is at work must not use the transport again.
  transport_ = nullptr;
  if (host_ == nullptr) return;
  run([this] {
    state_ = State::closed;
    host_->deadlines().clear(deadline_);
    if (session_ != nullptr && session_->port != nullptr) {
      realm_->loseTransport(*std::exchange(session_, nullptr));
    }
    leaveRealm();
    host_->forget(*this);
  });
}

void RouterPeer::handleTimeout() {
  if (state_ == State::leaving) return closeTransport();
  if (state_ == State::joined) return host_->deadlines().clear(deadline_);
  refuseHello(error::kAuthenticationFailed, "not joined in time");
}

void RouterPeer::shutDown(std::string_view reason, const std::string& message) {
  if (state_ == State::closed || state_ == State::leaving || state_ == State::joined) return;
  refuseHello(reason, message);
}

void RouterPeer::detach() {
  host_->deadlines().clear(deadline_);
  host_ = nullptr;
  transport_ = nullptr;
  session_ = nullptr;
  authentication_.reset();
  realm_.reset();
}

// ---- States

void RouterPeer::handle(Message&& message) {
  if (transport_ == nullptr) return;  // it has closed while this was waiting
  switch (state_) {
    case State::closed:
      return;
    case State::leaving:
      // Whatever was on its way when we said GOODBYE is of no interest.
      if (std::holds_alternative<message::Goodbye>(message) ||
          std::holds_alternative<message::Abort>(message)) {
        closeTransport();
      }
      return;
    case State::joined:
      return handleJoined(std::move(message));
    case State::idle:
      if (const auto* hello = std::get_if<message::Hello>(&message)) return handleHello(*hello);
      break;
    case State::challenged:
      if (const auto* proof = std::get_if<message::Authenticate>(&message)) return handleProof(*proof);
      break;
    case State::authenticating:
      break;
  }
  if (std::holds_alternative<message::Abort>(message)) {
    leaveRealm();
    return closeTransport();
  }
  violate(std::string(messageName(message)) + ": not expected before the session has joined");
}

void RouterPeer::handleJoined(Message&& message) {
  if (session_ == nullptr) return closeTransport();  // there was no memory to tell it why it was sent away
  if (std::holds_alternative<message::Goodbye>(message)) {
    leaveRealm();
    send(message::Goodbye{.reason = Text::constant(close::kGoodbyeAndOut)});
    // Another session may follow on the same transport (basic profile, session lifetime).
    state_ = State::idle;
    return start();
  }
  if (std::holds_alternative<message::Abort>(message)) {
    leaveRealm();
    return closeTransport();
  }
  realm_->receive(*session_, std::move(message));
}

void RouterPeer::leaveRealm() {
  authentication_.reset();
  question_ = 0;
  isGuessCounted_ = false;
  if (session_ != nullptr) {
    const Id id = session_->id();
    try {
      realm_->leave(*session_);
    } catch (...) {  // out of memory: again when the transport ends
      if (realm_->find(id) == nullptr) session_ = nullptr;
      throw;
    }
  }
  session_ = nullptr;
  realm_.reset();
}

// ---- From HELLO to WELCOME

void RouterPeer::handleHello(const message::Hello& hello) {
  if (host_->isClosing()) return refuseHello(close::kSystemShutdown, "the router is closing");
  const std::string name = hello.realm ? hello.realm->string() : host_->options().defaultRealm;
  if (name.empty()) return refuseHello(error::kNoSuchRealm, "a realm must be given");
  std::shared_ptr<Authenticator> found;
  try {
    realm_ = host_->realmFor(name);
    if (realm_) found = chooseAuthenticator(hello);
  } catch (...) {  // of `makeRealm` or `Authenticator::handles`
    logFailure("a rule for realms or an authenticator");
    return refuseHello(error::kAuthenticationFailed, "the router cannot let anybody in");
  }
  if (!realm_) return refuseHello(error::kNoSuchRealm, name);
  if (found) return beginAuthentication(hello, *found);
  refuseHello(error::kNoMatchingAuthMethod, "none of the methods offered is accepted here");
}

// The first method of the client's that is accepted here.
std::shared_ptr<Authenticator> RouterPeer::chooseAuthenticator(const message::Hello& hello) {
  std::vector<Text> methods = hello.details.authmethods.value_or(std::vector<Text>());
  if (methods.empty()) methods.emplace_back("anonymous");
  const PeerDetails peer = transport_->peerDetails();
  for (const Text& method : methods) {
    std::shared_ptr<Authenticator> found = realm_->authenticatorFor(method);
    if (!found || !found->suits(realm_->options().name, peer)) continue;
    candidate_ = {.session = util::newId(),
                  .realm = realm_->options().name,
                  .authmethod = method.string(),
                  .roles = hello.details.roles,
                  .peer = peer};
    while (realm_->find(candidate_.session) != nullptr) candidate_.session = util::newId();
    return found;
  }
  return nullptr;
}

void RouterPeer::beginAuthentication(const message::Hello& hello, Authenticator& found) {
  const message::Hello::Details& details = hello.details;
  const auto copy = [](const std::optional<Text>& text) {
    return text ? std::optional(text->string()) : std::nullopt;
  };
  AuthenticationRequest request{.session = candidate_.session,
                                .realm = candidate_.realm,
                                .method = candidate_.authmethod,
                                .authid = copy(details.authid),
                                .authrole = copy(details.authrole),
                                .authextra = details.authextra ? *details.authextra : Dict(),
                                .peer = candidate_.peer};
  resumption_ = {.isWanted = details.resumable.value_or(false) || details.resumeSession,
                 .session = details.resumeSession.value_or(0),
                 .token = copy(details.resumeToken).value_or("")};
  who_ = host_->rateLimiter().identify(candidate_.peer, candidate_.realm, request.authid);
  if (std::optional<std::string> why = host_->rateLimiter().tryAttempt(who_, host_->now())) {
    return refuseHello(error::kTooManyAttempts, *std::move(why));
  }
  ask([&](Authentication::Answer answer) {
    authentication_ = found.begin(std::move(request));
    authentication_->start(std::move(answer));
  });
}

void RouterPeer::handleProof(const message::Authenticate& proof) {
  // Many clients may guess at the same time: each counts as a failure until it turns out to be none.
  if (std::optional<std::string> why = host_->rateLimiter().tryGuess(who_, host_->now())) {
    return refuseHello(error::kTooManyAttempts, *std::move(why));
  }
  isGuessCounted_ = true;
  ask([&](Authentication::Answer answer) { authentication_->authenticate(proof, std::move(answer)); });
}

// What an authenticator throws is its fault, and the client does not get in.
template <class Question>
void RouterPeer::ask(Question&& question) {
  state_ = State::authenticating;
  question_ = ++lastQuestion_;
  Authentication::Answer answer = answerer();
  try {
    question(answer);
  } catch (...) {
    logFailure("an authenticator");
    answer(AuthDeny{.isFailure = false});
  }
}

Authentication::Answer RouterPeer::answerer() {
  return [weak = weak_from_this(), number = question_](AuthAnswer answer) {
    const std::shared_ptr<RouterPeer> self = weak.lock();
    if (!self) return;
    self->run([peer = self.get(), number, answer = std::move(answer)]() mutable {
      if (peer->question_ == number) peer->answered(std::move(answer));
    });
  };
}

void RouterPeer::answered(AuthAnswer answer) {
  question_ = 0;
  const auto* denied = std::get_if<AuthDeny>(&answer);
  const bool isFailure = denied != nullptr && denied->isFailure;
  if (std::exchange(isGuessCounted_, false)) {
    if (!isFailure) host_->rateLimiter().guessWasGood(who_);
  } else if (isFailure) {
    host_->rateLimiter().countFailure(who_, host_->now());
  }
  if (auto* challenge = std::get_if<AuthChallenge>(&answer)) {
    state_ = State::challenged;
    return send(message::Challenge{.method = candidate_.authmethod, .extra = std::move(challenge->extra)});
  }
  if (auto* accepted = std::get_if<AuthAccept>(&answer)) return accept(std::move(*accepted));
  refuseHello(denied->reason, denied->message);
}

void RouterPeer::accept(AuthAccept accepted) {
  authentication_.reset();
  if (host_->isClosing()) return refuseHello(close::kSystemShutdown, "the router is closing");
  if (realm_->find(candidate_.session) != nullptr) {  // drawn by two that were asked at the same time
    return refuseHello(error::kAuthenticationFailed, "the session ID has been taken meanwhile");
  }
  host_->deadlines().clear(deadline_);
  SessionInfo info = std::move(candidate_);
  info.authid = std::move(accepted.authid);
  info.authrole = std::move(accepted.authrole);
  info.authprovider = std::move(accepted.authprovider);
  const std::string& agent = host_->options().agent;
  message::Welcome welcome{.session = info.session,
                           .details = {.roles = realm_->roles(),
                                       .agent = Text(agent.empty() ? defaultAgent() : agent),
                                       .realm = Text(info.realm),
                                       .authid = Text(info.authid),
                                       .authrole = Text(info.authrole),
                                       .authmethod = Text(info.authmethod),
                                       .authprovider = Text(info.authprovider)}};
  if (!accepted.authextra.empty()) welcome.details.authextra = accepted.authextra;
  info.authextra = std::move(accepted.authextra);
  try {
    for (const auto& each : realm_->options().authenticators) each->onJoin(info);
  } catch (...) {  // the session is a good one all the same
    logFailure("an authenticator's onJoin");
  }
  state_ = State::joined;
  if (Session* const resumed = findResumable(info)) {
    session_ = resumed;
    return realm_->resume(*resumed, std::move(info), *this, std::move(welcome));
  }
  if (resumption_.session != 0) welcome.details.resumed = false;
  try {
    session_ = &realm_->join(std::move(info), *this, std::move(welcome), resumption_.isWanted);
  } catch (...) {  // out of memory
    state_ = State::authenticating;
    throw;
  }
}

// Session IDs are known to others; whoever has a wrong token for one has guessed.
Session* RouterPeer::findResumable(const SessionInfo& who) {
  if (resumption_.session == 0) return nullptr;
  Session* const found = realm_->findResumable(who, resumption_.session, resumption_.token);
  const bool isThere = realm_->find(resumption_.session) != nullptr;
  if (found == nullptr && isThere) host_->rateLimiter().countFailure(who_, host_->now());
  return found;
}

// ---- Output

void RouterPeer::deliver(RoutedMessage& message) {
  if (transport_ == nullptr || state_ == State::closed) return;
  try {
    transport_->send(message);
  } catch (const std::bad_alloc&) {  // whoever misses one message cannot go on with the next
    closeTransport();
  }
}

void RouterPeer::send(Message message) {
  RoutedMessage routed(std::move(message), 1);
  deliver(routed);
}

void RouterPeer::abort(std::string_view reason, std::string message) {
  session_ = nullptr;
  message::Abort sent{.reason = Text(reason)};
  if (!message.empty()) sent.details.message = Text(message);
  send(std::move(sent));
  closeTransport();
}

void RouterPeer::sayGoodbye(std::string_view reason, std::string message) {
  session_ = nullptr;
  message::Goodbye sent{.reason = Text(reason)};
  if (!message.empty()) sent.details.message = Text(message);
  send(std::move(sent));
  if (state_ == State::closed) return;
  state_ = State::leaving;
  host_->deadlines().set(deadline_, host_->now() + host_->options().goodbyeTimeout, *this);
}

void RouterPeer::refuseHello(std::string_view reason, std::string message) {
  leaveRealm();
  abort(reason, std::move(message));
}

void RouterPeer::violate(std::string why) {
  if (state_ == State::closed) return;
  leaveRealm();
  if (state_ == State::leaving) return closeTransport();
  abort(error::kProtocolViolation, std::move(why));
}

void RouterPeer::closeTransport() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  host_->deadlines().clear(deadline_);
  if (transport_ != nullptr) transport_->close();
}

}  // namespace autobahn::inline v0::wamp::router
