// permessage-deflate in three settings: off; shared (no context is taken over from message to message, so
// that one compressor serves all connections); takeover (better ratios, memory per connection).
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/compression.hpp>
#include <optional>
#include <string>
#include <vector>

namespace examples {

enum class Deflate { off, shared, takeover };

/// Adds --deflate off|shared|takeover.
void addDeflate(CLI::App& app, Deflate& deflate);

/// A server's policy.
autobahn::websocket::PerMessageCompressionAccept deflateAccept(Deflate deflate);
/// What a client offers.
std::vector<autobahn::websocket::PerMessageDeflateOffer> deflateOffers(Deflate deflate);
/// What a client makes of the answer: with `shared`, it does not take over its own context either.
autobahn::websocket::PerMessageCompressionResponseAccept deflateResponse(Deflate deflate);

/// What was negotiated, in words.
std::string describe(const std::optional<autobahn::websocket::PerMessageDeflateParameters>& parameters);

}  // namespace examples
