// The opening handshake of both roles as pure functions (RFC 6455 section 4).
#pragma once

#include <autobahn/websocket/identity.hpp>
#include <autobahn/websocket/options.hpp>
#include <autobahn/websocket/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::websocket {

/// A refusal as an HTTP answer: status, reason as text/plain body, "Connection: close".
http::Response refusal(int status, std::string_view reason, Headers headers = {});

/// True when a request asks for an upgrade to WebSocket (Upgrade: websocket, or a Sec-WebSocket-Key or
/// -Version header), well-formed or not; anything else is plain HTTP.
bool wantsWebSocket(const http::Request& request);

/// Checks an upgrade request against RFC 6455 section 4.2.1 and the options (versions, origins, limits).
/// Fills `out` (peer and tls are the caller's; it gets the headers) and returns nullopt, or returns the
/// answer to refuse with (400, 403, 405, 426 with Sec-WebSocket-Version…). `forwardedFor` becomes the address
/// that the outermost of the `trustXForwardedFor` proxies saw: that many from the right in X-Forwarded-For,
/// the leftmost when there are fewer, empty when it is no address. Never read when the option is 0.
std::optional<http::Response> checkRequest(http::Request request, const ServerOptions& options,
                                           const ServerIdentity& identity, ConnectionRequest& out);

/// The first announced subprotocol that the server speaks, or "".
std::string chooseSubprotocol(const ConnectionRequest& request, const std::vector<std::string>& spoken);

/// Picks the permessage-deflate offer to accept, by the policy of the options; malformed offers are passed
/// over. Throws std::invalid_argument when the application's policy answers nonsense.
std::optional<PerMessageDeflateOfferAccept> negotiateServer(const ConnectionRequest& request,
                                                            const ServerOptions& options);

/// The 101 answer. Throws InvalidState when `accept` names a subprotocol that was not announced or a header
/// the handshake itself owns; std::invalid_argument for header injection.
std::string buildAccept(const ConnectionRequest& request, const ServerIdentity& identity,
                        const ConnectionAccept& accept,
                        const std::optional<PerMessageDeflateOfferAccept>& compression);

/// The Sec-WebSocket-Version that the client option `version` stands for: 8 for 8 and 10…12, 13 for 13…18
/// (the drafts as Autobahn numbers them); nullopt for others.
std::optional<int> wireVersion(int version);

/// A new Sec-WebSocket-Key: 16 bytes of the system's randomness in base64.
std::string newKey();
/// Sec-WebSocket-Accept of a key (RFC 6455 section 4.2.2).
std::string acceptKey(std::string_view key);

/// The client's request. Throws std::invalid_argument for header injection or a bad subprotocol.
std::string buildRequest(const ClientRequest& request, const ClientOptions& options, std::string_view key);

/// Checks a server's answer against RFC 6455 section 4.1; fills `out` and `compression`. Returns an empty
/// text, or what is wrong with it, naming the header.
std::string checkResponse(const http::Response& response, const ClientRequest& request,
                          const ClientOptions& options, std::string_view key, ConnectionResponse& out,
                          std::optional<PerMessageDeflateParameters>& compression);

/// Parses the joined value of Sec-WebSocket-Extensions (RFC 6455 section 9.1), linearly, quoted values
/// included; nullopt when malformed.
std::optional<std::vector<ExtensionOffer>> parseExtensions(std::string_view value);

/// True when `origin` ("https://example.com", made scheme://host:port with the port explicit) matches one of
/// the patterns, in time linear in origin × patterns. A pattern that ends in a host gets the default port of
/// its scheme; "*" alone matches everything. Malformed origins and "null" match only that.
bool originAllowed(std::string_view origin, const std::vector<std::string>& patterns);

}  // namespace autobahn::inline v0::websocket
