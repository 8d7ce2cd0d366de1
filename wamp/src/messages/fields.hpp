// What a field of a message is, for the tables in fields_*.hpp: its name on the wire, the member it is kept
// in, and the rule for its value. One reader (reader.hpp) and one writer (writer.hpp) walk these tables.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <string_view>
#include <tuple>

namespace autobahn::inline v0::wamp {

/// What a value must be beyond its type.
enum class Rule : std::uint8_t {
  none,
  id,             ///< 1…2^53
  idOrZero,       ///< 0…2^53
  notNegative,    ///< >= 0
  positive,       ///< >= 1
  uri,            ///< without empty components
  pattern,        ///< a URI as the option `match` has it: checked when the message is complete
  requestType,    ///< the code of a message that is answered by an ERROR
  clientRoles,    ///< roles of clients, at least one
  routerRoles,    ///< roles of routers, at least one
  encAlgo,        ///< an algorithm that Autobahn defines, or a custom attribute's name
  encSerializer,  ///< the same for serializers
  optional,       ///< a dict at the end of a message that is left away when it is empty
};

/// One field. In a message it is an element, and `name` is for errors; in options and details it is a key.
template <class Owner, class Member>
struct Field {
  std::string_view name;
  Member Owner::*member;
  Rule rule = Rule::none;
};
template <class Owner, class Member>
Field(std::string_view, Member Owner::*) -> Field<Owner, Member>;
template <class Owner, class Member>
Field(std::string_view, Member Owner::*, Rule) -> Field<Owner, Member>;

/// Keys that stand in the same dict as those of `Owner`, but are kept in a struct of their own (which has a
/// table).
template <class Owner, class Group>
struct GroupField {
  Rare<Group> Owner::*member;
};
template <class Owner, class Group>
GroupField(Rare<Group> Owner::*) -> GroupField<Owner, Group>;

/// Three keys: `name` (a session), `name_authid` and `name_authrole`.
template <class Owner>
struct IdentityField {
  std::string_view name;
  std::string_view authidName;
  std::string_view authroleName;
  message::Identity Owner::*member;
};

/// The table of a struct: `Wire<message::Call>::fields` are the elements after the code, in order;
/// `Wire<message::Call::Options>::fields` the keys, in the order in which they are written.
template <class T>
struct Wire;

/// True for structs that are a dict on the wire.
template <class T>
concept DictStruct = requires {
  Wire<T>::fields;
}
&&!requires { T::kCode; };

}  // namespace autobahn::inline v0::wamp
