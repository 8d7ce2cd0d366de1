// Cookies by which browsers are known again, and authentication by them.
//
//   auto cookies = std::make_shared<CookieStore>();
//   auto tickets = std::make_shared<TicketAuthenticator>();
//   auto byCookie = std::make_shared<CookieAuthenticator>(cookies);
//   server.router().addRealm({.name = "realm1", .authenticators = {tickets, byCookie}});
//   RouterListenOptions options;
//   options.cookies = cookies;
//   options.websocket.allowedOrigins = {"https://example.com:443"};
//
// A client that offers "cookie" and then "ticket" is asked for its ticket the first time only.
#pragma once

#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::wamp {

/// Whether browsers send a cookie with what other sites start (RFC 6265bis).
enum class SameSite : std::uint8_t { strict, lax, none };

/// How cookies look.
struct CookieOptions {
  /// With TLS a name that begins with "__Host-" keeps other hosts of the domain from setting it.
  std::string name = "autobahn_session";
  std::chrono::seconds maxAge = std::chrono::hours(24 * 7);  ///< also of a login; > 0
  SameSite sameSite = SameSite::strict;
  /// "Secure" also where the connection itself is not: TLS ends at a proxy in front.
  bool isAlwaysSecure = false;
  std::size_t maxLogins = 100'000;  ///< beyond that the oldest are forgotten
};

/// The cookies that a router has given out, and who has logged in with them. Logins are kept in memory, until
/// the process ends. For one thread, the router's.
class CookieStore {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// Throws std::invalid_argument for a name that no cookie can have, or an age that is not positive.
  explicit CookieStore(CookieOptions options = {}, Clock clock = std::chrono::steady_clock::now);

  /// A client's cookie, and what the handshake says to it.
  struct Greeting {
    std::string cookie{};
    std::string setCookie{};  ///< the value of Set-Cookie; empty: the client has the cookie already
  };
  /// `header`: what the client sent as Cookie, or empty. Only cookies that this store has made are taken;
  /// others are replaced.
  Greeting greet(std::string_view header, bool isSecure) const;

  /// Somebody who has logged in.
  struct Login {
    std::string authid{};
    std::string authrole{};
    std::string authprovider{};
  };
  /// Who has logged in to `realm` with this cookie and is not forgotten; nullptr: nobody. Valid until the
  /// next call.
  const Login* find(std::string_view cookie, std::string_view realm);
  /// In place of who was there before.
  void remember(std::string_view cookie, std::string_view realm, Login login);
  /// Forgets a user's logins in a realm, on all devices. How many there were.
  std::size_t forgetUser(std::string_view realm, std::string_view authid);
  void forgetAll();
  std::size_t loginCount() const { return logins_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  ///< cookie and realm
  struct Entry {
    Key key;
    Login login;
    std::chrono::steady_clock::time_point end;
  };

  std::string make() const;
  bool isOurs(std::string_view cookie) const;
  std::string tagOf(std::string_view random) const;
  void forgetOld();

  CookieOptions options_;
  Clock clock_;
  Secret secret_ = Secret::random(32);
  std::list<Entry> logins_;  ///< the oldest first
  std::map<Key, std::list<Entry>::iterator> byKey_;
};

/// "cookie": whoever has logged in by another method is let in again, by the cookie of its browser, to the
/// same realm with the same authid and role. Serves where the listener has the same store
/// (`RouterListenOptions::cookies`).
class CookieAuthenticator : public Authenticator {
 public:
  explicit CookieAuthenticator(std::shared_ptr<CookieStore> cookies) : cookies_(std::move(cookies)) {}

  bool handles(std::string_view method) const override { return method == "cookie"; }
  /// When somebody has logged in with the client's cookie.
  bool suits(std::string_view realm, const PeerDetails& peer) override;
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;
  /// Remembers who has joined by a method that proves something.
  void onJoin(const SessionInfo& session) override;

 private:
  std::shared_ptr<CookieStore> cookies_;
};

}  // namespace autobahn::inline v0::wamp
