// Tables of messages that begin and end sessions.
#pragma once

#include "fields_parts.hpp"

namespace autobahn::inline v0::wamp {

template <>
struct Wire<message::Hello::Details> {
  using S = message::Hello::Details;
  static constexpr std::tuple fields{
      Field{"roles", &S::roles, Rule::clientRoles},
      Field{"agent", &S::agent},
      Field{"authmethods", &S::authmethods},
      Field{"authid", &S::authid},
      Field{"authrole", &S::authrole},
      Field{"authextra", &S::authextra},
      Field{"resumable", &S::resumable},
      Field{"resume-session", &S::resumeSession, Rule::id},
      Field{"resume-token", &S::resumeToken},
  };
};

template <>
struct Wire<message::Hello> {
  using S = message::Hello;
  static constexpr std::tuple fields{
      Field{"Realm", &S::realm, Rule::uri},
      Field{"Details", &S::details},
  };
};

template <>
struct Wire<message::Welcome::Details> {
  using S = message::Welcome::Details;
  static constexpr std::tuple fields{
      Field{"roles", &S::roles, Rule::routerRoles},
      Field{"agent", &S::agent},
      Field{"realm", &S::realm, Rule::uri},
      Field{"authid", &S::authid},
      Field{"authrole", &S::authrole},
      Field{"authmethod", &S::authmethod},
      Field{"authprovider", &S::authprovider},
      Field{"authextra", &S::authextra},
      Field{"resumed", &S::resumed},
      Field{"resumable", &S::resumable},
      Field{"resume_token", &S::resumeToken},
  };
};

template <>
struct Wire<message::Welcome> {
  using S = message::Welcome;
  static constexpr std::tuple fields{
      Field{"Session", &S::session, Rule::id},
      Field{"Details", &S::details},
  };
};

template <>
struct Wire<message::Abort::Details> {
  using S = message::Abort::Details;
  static constexpr std::tuple fields{
      Field{"message", &S::message},
  };
};

template <>
struct Wire<message::Abort> {
  using S = message::Abort;
  static constexpr std::tuple fields{
      Field{"Details", &S::details},
      Field{"Reason", &S::reason, Rule::uri},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::Challenge> {
  using S = message::Challenge;
  static constexpr std::tuple fields{
      Field{"AuthMethod", &S::method},
      Field{"Extra", &S::extra},
  };
};

template <>
struct Wire<message::Authenticate> {
  using S = message::Authenticate;
  static constexpr std::tuple fields{
      Field{"Signature", &S::signature},
      Field{"Extra", &S::extra},
  };
};

template <>
struct Wire<message::Goodbye::Details> {
  using S = message::Goodbye::Details;
  static constexpr std::tuple fields{
      Field{"message", &S::message},
      Field{"resumable", &S::resumable},
  };
};

template <>
struct Wire<message::Goodbye> {
  using S = message::Goodbye;
  static constexpr std::tuple fields{
      Field{"Details", &S::details},
      Field{"Reason", &S::reason, Rule::uri},
  };
};

template <>
struct Wire<message::Error::Details> {
  using S = message::Error::Details;
  static constexpr std::tuple fields{
      calleeField(&S::callee),
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Error> {
  using S = message::Error;
  static constexpr std::tuple fields{
      Field{"Request.Type", &S::requestType, Rule::requestType},
      Field{"Request", &S::request, Rule::id},
      Field{"Details", &S::details},
      Field{"Error", &S::error, Rule::uri},
      Field{"Arguments", &S::payload},
  };
};

}  // namespace autobahn::inline v0::wamp
