// The ways into a realm, as configured.
#pragma once

#include <array>
#include <autobahn/wamp/auth/secret.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "access_config.hpp"
#include "setting.hpp"

namespace router_tool {

/// By preference: the first of these that a client offers is taken.
inline constexpr std::array<std::string_view, 7> kMethods = {"cookie",  "tls",    "cryptosign", "scram",
                                                             "wampcra", "ticket", "anonymous"};

/// In the order of kMethods; nullptr for what is not configured.
using MethodTable = std::array<std::shared_ptr<autobahn::wamp::Authenticator>, kMethods.size()>;

/// The section "authentication" of a realm.
MethodTable readMethods(const Setting& setting, const RealmAccess& access);

/// A ticket, password or key: a string, {"file": name} or {"env": variable}.
autobahn::wamp::Secret readSecret(const Setting& setting);

}  // namespace router_tool
