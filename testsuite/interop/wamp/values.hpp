// Values by name, which both sides know and compare with what comes over the wire.
#pragma once

#include <autobahn/wamp/value.hpp>

namespace interop {

/// "two_to_53", "all_bytes", …; the same table stands in `wamp_peer.py` and `wamp_peer.js`.
const autobahn::wamp::Dict& namedValues();

}  // namespace interop
