// Users in a table, and how they prove who they are.
//
//   auto tickets = std::make_shared<TicketAuthenticator>();
//   tickets->setUser("joe", Secret::copyOf("secret!!!"), "user");
//   router.addRealm({.name = "realm1", .authenticators = {tickets}});
//
// Whoever is not in the table goes the same way at the same cost as whoever gives a wrong proof, and is told
// the same, as long as all users of one table have credentials of the same parameters. Tables may be changed
// while the router runs, in the thread of its loop; exchanges under way go on with what they began with.
#pragma once

#include <autobahn/wamp/auth/decoy.hpp>
#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// "ticket": the client sends a secret as it is. Over TLS only, or not at all.
class TicketAuthenticator : public Authenticator {
 public:
  /// Adds a user, or replaces it.
  void setUser(std::string_view authid, Secret ticket, std::string authrole);
  /// False when there was none.
  bool removeUser(std::string_view authid);

  bool handles(std::string_view method) const override { return method == "ticket"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;

 private:
  struct User {
    Secret ticket;
    std::string authrole;
  };

  std::map<std::string, User, std::less<>> users_;
  DecoyCredentials decoys_;
};

/// "wampcra": the client signs a challenge with a secret, or a key derived from a salted password.
class WampCraAuthenticator : public Authenticator {
 public:
  /// `parameters`: those of the users' credentials.
  explicit WampCraAuthenticator(WampCraParameters parameters = {}) : parameters_(parameters) {}

  /// Adds a user, or replaces it. `makeWampCraCredential` makes the credential of a password.
  void setUser(std::string_view authid, WampCraCredential credential, std::string authrole);
  /// False when there was none.
  bool removeUser(std::string_view authid);

  bool handles(std::string_view method) const override { return method == "wampcra"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;

 private:
  struct User {
    std::shared_ptr<const WampCraCredential> credential;
    std::string authrole;
  };

  WampCraParameters parameters_;
  std::map<std::string, User, std::less<>> users_;
  DecoyCredentials decoys_;
};

/// "wamp-scram", and "scram" as Autobahn and Crossbar.io have it: the router can prove that it knows the user
/// and stores nothing that would let somebody in.
class ScramAuthenticator : public Authenticator {
 public:
  /// `parameters`: those of the users' credentials.
  explicit ScramAuthenticator(ScramParameters parameters = {}) : parameters_(parameters) {}

  /// Adds a user, or replaces it. `makeScramCredential` makes the credential of a password.
  void setUser(std::string_view authid, ScramCredential credential, std::string authrole);
  /// False when there was none.
  bool removeUser(std::string_view authid);

  bool handles(std::string_view method) const override { return isScramMethod(method); }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;

 private:
  struct User {
    ScramCredential credential;
    std::string authrole;
  };

  ScramParameters parameters_;
  std::map<std::string, User, std::less<>> users_;
  DecoyCredentials decoys_;
};

/// "cryptosign": the client signs a challenge with its Ed25519 key. A client that does not say its authid is
/// known by its key.
class CryptosignAuthenticator : public Authenticator {
 public:
  /// Adds a user, or replaces it, with its public keys (64 hexadecimal digits each). Throws `AuthError` for
  /// what is no key, and InvalidState when a key is another user's.
  void setUser(std::string_view authid, const std::vector<std::string>& publicKeys, std::string authrole);
  /// False when there was none.
  bool removeUser(std::string_view authid);

  bool handles(std::string_view method) const override { return method == "cryptosign"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;

 private:
  struct User {
    std::vector<std::string> publicKeys;
    std::string authrole;
  };

  std::map<std::string, User, std::less<>> users_;
  std::map<std::string, std::string, std::less<>> authidByKey_;
};

}  // namespace autobahn::inline v0::wamp
