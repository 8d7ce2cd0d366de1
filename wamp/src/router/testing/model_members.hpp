// Who is there in the model, and what each of them hears.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "model_uris.hpp"

namespace autobahn::wamp::router::testing {

/// A client in the model: its number.
using Who = int;

struct ModelMember {
  Id session = 0;
  std::string authid;
  std::string authrole;
  bool canBeInterrupted = false;
  bool canReroute = false;
  Id lastInvocation = 0;
};

/// Of a message's details: who is disclosed by it, and its trustlevel.
struct ModelTags {
  std::optional<Id> session{};
  std::optional<std::uint64_t> trustlevel{};

  std::string text() const {
    return (session ? " by " + std::to_string(*session) : "") +
           (trustlevel ? " trusted " + std::to_string(*trustlevel) : "");
  }
};

struct ModelMembers {
  std::map<Who, ModelMember> all;
  ModelPermissions permissions;
  /// What each has to hear since the last look, in any order: messages as lines of text.
  std::map<Who, std::multiset<std::string>> heard;

  void hear(Who who, std::string line) { heard[who].insert(std::move(line)); }
  bool mayDo(Who who, Action action, const ModelPattern& pattern) const {
    return permissions.allows(all.at(who).authrole, action, pattern);
  }
  ModelTags tagsOf(Who who, const std::string& uri) const {
    const ModelRule* rule = permissions.ruleFor(all.at(who).authrole, uri);
    ModelTags tags;
    if (rule->discloses) tags.session = all.at(who).session;
    tags.trustlevel = rule->trustlevel;
    return tags;
  }
};

}  // namespace autobahn::wamp::router::testing
