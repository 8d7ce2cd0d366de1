// The client's side of WAMP's authentication methods, for sessions: ComponentConfig::authenticators.
//
//   ComponentConfig config{.realm = "realm1"};
//   config.authenticators = {std::make_shared<AuthCryptosign>(CryptosignKey::fromFile("id_ed25519")),
//                            std::make_shared<AuthTicket>("joe", "secret!!!")};
#pragma once

#include <asio/any_io_executor.hpp>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/client_authenticator.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// "anonymous": nothing is proved.
class AuthAnonymous final : public ClientAuthenticator {
 public:
  /// `authid`: the name asked for; routers may give another one.
  explicit AuthAnonymous(std::optional<std::string> authid = {}) : authid_(std::move(authid)) {}

  std::vector<std::string> methods() const override { return {"anonymous"}; }
  void prepare(JoinOptions& options, const Transport& transport) override;
  MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) override;

 private:
  std::optional<std::string> authid_;
};

/// "ticket": the ticket is sent as it is; use it over TLS only.
class AuthTicket final : public ClientAuthenticator {
 public:
  AuthTicket(std::string authid, std::string_view ticket)
      : authid_(std::move(authid)), ticket_(Secret::copyOf(ticket)) {}

  std::vector<std::string> methods() const override { return {"ticket"}; }
  void prepare(JoinOptions& options, const Transport& transport) override;
  MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) override;

 private:
  std::string authid_;
  Secret ticket_;
};

/// "wampcra": a secret, or a salted password, signs the router's challenge. Salted ones are derived on a
/// thread of their own.
class AuthWampCra final : public ClientAuthenticator {
 public:
  AuthWampCra(std::string authid, std::string_view secret, WampCraLimits limits = {})
      : authid_(std::move(authid)), secret_(Secret::copyOf(secret)), limits_(limits) {}

  std::vector<std::string> methods() const override { return {"wampcra"}; }
  void prepare(JoinOptions& options, const Transport& transport) override;
  MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) override;

 private:
  std::string authid_;
  Secret secret_;
  WampCraLimits limits_;
  asio::any_io_executor executor_;
};

/// SCRAM, in the specification's dialect ("wamp-scram") and Autobahn's ("scram"): both are offered, the
/// router chooses. The router has to prove that it knows the user. Keys are derived on a thread of their own.
class AuthScram final : public ClientAuthenticator {
 public:
  AuthScram(std::string authid, std::string_view password, ScramLimits limits = {})
      : authid_(std::move(authid)), password_(Secret::copyOf(password)), limits_(limits) {}

  std::vector<std::string> methods() const override { return {"wamp-scram", "scram"}; }
  void prepare(JoinOptions& options, const Transport& transport) override;
  MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) override;
  std::optional<std::string> checkWelcome(const SessionDetails& details) override;

 private:
  std::string authid_;
  Secret password_;
  ScramLimits limits_;
  asio::any_io_executor executor_;
  std::shared_ptr<ScramClient> client_;  ///< of the attempt under way
};

/// "cryptosign": an Ed25519 key signs the router's challenge.
class AuthCryptosign final : public ClientAuthenticator {
 public:
  /// `authid`: absent, the router knows it by the key. `channelBinding`: ties the signature to the TLS
  /// connection: "tls-exporter" (TLS 1.3) or "tls-unique" (TLS 1.2); the attempt fails over transports that
  /// have none.
  explicit AuthCryptosign(CryptosignKey key, std::optional<std::string> authid = {},
                          std::optional<std::string> channelBinding = {})
      : key_(std::move(key)), authid_(std::move(authid)), bindingType_(std::move(channelBinding)) {}

  std::vector<std::string> methods() const override { return {"cryptosign"}; }
  void prepare(JoinOptions& options, const Transport& transport) override;
  MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) override;

 private:
  CryptosignKey key_;
  std::optional<std::string> authid_;
  std::optional<std::string> bindingType_;
  std::optional<ChannelBinding> binding_;  ///< of the attempt under way
};

}  // namespace autobahn::inline v0::wamp
