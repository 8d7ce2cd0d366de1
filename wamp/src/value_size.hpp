// How much memory values take.
#pragma once

#include <autobahn/wamp/value.hpp>
#include <cstddef>

namespace autobahn::inline v0::wamp {

/// Octets on the heap that belong to the container, about: what its values take, and their texts and bytes.
std::size_t octetsIn(const List& list);
std::size_t octetsIn(const Dict& dict);

}  // namespace autobahn::inline v0::wamp
