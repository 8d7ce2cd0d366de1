// WAMP's part of the demo.
#pragma once

namespace demo {

/// An embedded router; a component with all four roles over WebSocket and CBOR; a second one that calls it
/// over RawSocket and MessagePack: a result, progressive results, an error. Throws when anything is not as it
/// should be.
void showWamp();

}  // namespace demo
