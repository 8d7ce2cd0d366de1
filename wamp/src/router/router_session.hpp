// One client's way from HELLO to its end.
#pragma once

#include <autobahn/wamp/router.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "deadlines.hpp"
#include "rate_limiter.hpp"
#include "realm.hpp"
#include "turns.hpp"

namespace autobahn::inline v0::wamp::router {

class RouterPeer;

/// What a RouterPeer needs of the router.
class PeerHost {
 public:
  virtual ~PeerHost() = default;
  virtual Turns& turns() = 0;
  virtual TimePoint now() const = 0;
  virtual const RouterOptions& options() const = 0;
  virtual Deadlines<RouterPeer>& deadlines() = 0;
  virtual RateLimiter& rateLimiter() = 0;
  /// The realm of that name, made if a rule allows it, or nullptr.
  virtual std::shared_ptr<Realm> realmFor(std::string_view name) = 0;
  virtual bool isClosing() const = 0;
  /// The peer's transport is gone.
  virtual void forget(RouterPeer& peer) = 0;
};

/// The state machine of one transport: HELLO, authentication, membership, GOODBYE. Between `transportClosed`
/// (or the host's end) and its destruction it does nothing.
class RouterPeer : public RouterSession, public SessionPort, public std::enable_shared_from_this<RouterPeer> {
 public:
  RouterPeer(PeerHost& host, RouterTransport& transport);

  // RouterSession
  void receive(Message&& message) override;
  void violation(std::string why) override;
  void undeliverable(const Message& message, std::string_view uri, std::string why) override;
  void transportClosed() override;
  const SessionInfo* info() const override;

  // SessionPort
  void deliver(RoutedMessage& message) override;
  void abort(std::string_view reason, std::string message) override;
  void sayGoodbye(std::string_view reason, std::string message) override;

  /// Starts waiting for HELLO.
  void start();
  /// A time limit has passed.
  void handleTimeout();
  /// The router lets nobody in any more.
  void shutDown(std::string_view reason, const std::string& message);
  /// The router is being destroyed.
  void detach();

 private:
  enum class State : std::uint8_t {
    idle,            ///< HELLO is expected
    authenticating,  ///< the authenticator has the word
    challenged,      ///< AUTHENTICATE is expected
    joined,
    leaving,  ///< we have said GOODBYE; the client's is expected
    closed,   ///< the transport has been told to close, or is gone
  };

  /// What HELLO says of it.
  struct Resumption {
    bool isWanted = false;
    Id session = 0;  ///< to go on with; 0: a new one
    std::string token{};
  };

  template <class Work>
  void run(Work&& work);
  void handle(Message&& message);
  void handleHello(const message::Hello& hello);
  void handleProof(const message::Authenticate& proof);
  void handleJoined(Message&& message);
  std::shared_ptr<Authenticator> chooseAuthenticator(const message::Hello& hello);
  void beginAuthentication(const message::Hello& hello, Authenticator& found);
  template <class Question>
  void ask(Question&& question);
  Authentication::Answer answerer();
  void answered(AuthAnswer answer);
  void accept(AuthAccept accepted);
  Session* findResumable(const SessionInfo& who);
  void leaveRealm();
  void send(Message message);
  void refuseHello(std::string_view reason, std::string message);
  void violate(std::string why);
  void closeTransport();

  PeerHost* host_;  ///< nullptr: the router is gone
  RouterTransport* transport_;
  State state_ = State::idle;
  Deadlines<RouterPeer>::Handle deadline_;
  std::shared_ptr<Realm> realm_;
  SessionInfo candidate_;        ///< while authenticating
  Resumption resumption_;        ///< likewise
  RateLimiter::Who who_;         ///< likewise
  bool isGuessCounted_ = false;  ///< the proof that is looked at counts as a failure so far
  std::unique_ptr<Authentication> authentication_;
  std::uint64_t question_ = 0;  ///< to the authentication; 0: none is open
  std::uint64_t lastQuestion_ = 0;
  Session* session_ = nullptr;
};

}  // namespace autobahn::inline v0::wamp::router
