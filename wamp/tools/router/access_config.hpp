// Who may join and do what, where a procedure or a cookie says so; and how often it may be tried.
#pragma once

#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/caller.hpp>
#include <autobahn/wamp/router/cookie_store.hpp>
#include <autobahn/wamp/router/rate_limits.hpp>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "setting.hpp"

namespace router_tool {

/// What goes on when the configuration is read again.
struct Lasting {
  std::shared_ptr<autobahn::wamp::RouterCaller> caller{};
  std::shared_ptr<autobahn::wamp::CookieStore> cookies{};
};

/// What stands in a realm's section about all of its ways to get in.
struct RealmAccess {
  std::set<std::string> roles{};  ///< names
  Lasting lasting{};
};

/// How the credentials of users are made, for methods that have parameters.
struct CredentialParameters {
  autobahn::wamp::WampCraParameters wampCra{.isSalted = false};
  autobahn::wamp::ScramParameters scram{};
};

/// "role" and others: the name of one of the realm's roles.
std::string readRole(const Setting& setting, const std::set<std::string>& roles);
/// `dynamic` of a way to get in.
std::shared_ptr<autobahn::wamp::Authenticator> readDynamicAuthenticator(const Setting& setting,
                                                                        std::string_view method,
                                                                        const RealmAccess& access,
                                                                        const CredentialParameters& made);
/// `authorizer` of a role.
std::shared_ptr<autobahn::wamp::Authorizer> readDynamicAuthorizer(const Setting& setting,
                                                                  const Lasting& lasting);
/// `authenticationLimits` of the router.
autobahn::wamp::AuthenticationLimits readAuthenticationLimits(const Setting& setting);
/// `cookies`.
autobahn::wamp::CookieOptions readCookies(const Setting& setting);

}  // namespace router_tool
