// What a browser sees that asks a WebSocket server for a page.
#pragma once

#include <autobahn/websocket/http.hpp>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {

/// A small HTML page: this is a WebSocket server, and how to connect to it. Shows the "Server" header and no
/// other version. Answers GET and HEAD with 200 and others with 405.
http::Response statusPage(const http::Request& request, const ServerIdentity& identity);

/// The answer to a plain request where there is no status page: 426 (RFC 9110 section 15.5.22).
http::Response upgradeRequired(const ServerOptions& options);

/// `text` with the characters that mean something in HTML escaped.
std::string escapeHtml(std::string_view text);

}  // namespace autobahn::inline v0::websocket
