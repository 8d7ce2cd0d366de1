// What the groups beyond the classic ones (14 to 19) share: heads that are bent, and verdicts on what a peer
// made of what it got.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cases/exchange.hpp"

namespace wstest {

// --- heads, bent: of requests and responses, each ending with an empty line ---

std::string withStartLine(std::string_view head, std::string_view line);
/// Replaces all lines of that name with one, where the first was (at the end when there was none).
std::string withHeader(std::string_view head, std::string_view name, std::string_view value);
std::string withoutHeader(std::string_view head, std::string_view name);
/// One more line at the end, as it is.
std::string withLine(std::string_view head, std::string_view line);
/// One more line right behind the start line.
std::string withFirstLine(std::string_view head, std::string_view line);
/// All occurrences of `what` replaced.
std::string replaced(std::string_view text, std::string_view what, std::string_view by);

// --- talking ---

/// Sends a text message and waits for its echo. What went wrong, in words; empty when nothing did.
std::string echoProblem(Exchange& x, std::string_view text = "Hello");
/// Whether both come, in either order: a Pong is due "as soon as is practical" (RFC 6455, 5.5.3), not first.
/// Further Pongs may come. The case has failed when not.
bool haveCome(Exchange& x, const Event& pong, const Event& echo, Duration within);
/// Fails a case that has not failed yet when the server no longer serves a new connection. Clients pass.
void checkStillServing(Exchange& x);
/// Receives, without judging frames, until TCP ends. False when that takes longer.
bool hasEndedWithin(Exchange& x, Duration within);
/// RFC 9110, 5.6.2: what names of header fields and subprotocols have to be.
bool isToken(std::string_view text);
/// "5 s"
std::string text(Duration duration);

// --- servers: what a request leads to ---

enum class Wanted : std::uint8_t {
  acceptance,     ///< 101, and an echo
  refusal,        ///< an HTTP error
  refusalOrPage,  ///< any HTTP answer but 101: without the upgrade it is an ordinary request
  either,         ///< only to be reported: but an answer there must be
};

/// A request that needs no explanation: how it differs from a right one is told by its case.
struct Attempt {
  std::string key{};  ///< what Sec-WebSocket-Accept belongs to
  std::string bytes{};
  Wanted wanted = Wanted::refusal;
  /// Large enough that the server may end TCP with bytes unread: its answer can be lost then (RFC 9112, 9.6).
  bool isHeavy = false;
  std::size_t chopSize = 0;
};

/// Sends the request, judges the answer, and when it is 101 whether the connection works.
void attempt(Exchange& x, const Attempt& attempt);
/// What is wrong with a response that accepts (RFC 6455, 4.2.2), when nothing was offered; empty when nothing
/// is.
std::string acceptanceProblem(const HttpHead& head, const std::string& key);
/// The status, also of HTTP/1.0; 0 when there is none.
int statusOf(const HttpHead& head);

// --- clients: what a response leads to ---

/// Answers with these bytes. The client must take them for a handshake: it gets a message and must echo it.
void expectOpened(Exchange& x, const std::string& response, std::size_t chopSize = 0);
/// Answers with these bytes, and with a message behind. The client must neither echo nor stay: it ends TCP.
/// `isMessageInBody`: the response has a body, and `probe()` is in there.
void expectNotOpened(Exchange& x, const std::string& response, bool isMessageInBody = false);
/// The message that a client echoes when it believes itself connected.
std::string probe();

// --- both: a peer that has to fail the connection ---

/// The peer must fail the connection: it sends nothing but perhaps a Close, and ends. Passes with one of
/// `codes` or without any; another code is NON-STRICT.
void expectFailed(Exchange& x, std::initializer_list<std::uint16_t> codes);
/// The peer must echo `payload` as it is; then the connection is closed in order.
void expectEcho(Exchange& x, std::string_view payload, bool isBinary = false);

/// `size` printable characters that hardly compress, the same again after `period`.
std::string letters(std::size_t period, std::size_t size);

// --- the parts of groups that fill more than a file ---

void addServerTransport(Catalog& catalog);  // 14.6 to 14.8
void addClientRequests(Catalog& catalog);   // 15.1
/// Remembers the key of a client's request. False when an earlier connection had it.
bool isNewKey(const std::string& key);
void addDeflateStreams(Catalog& catalog);  // 16.4 to 16.7

}  // namespace wstest
