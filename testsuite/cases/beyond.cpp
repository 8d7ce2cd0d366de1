#include "cases/beyond.hpp"

#include <algorithm>

namespace wstest {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// The lines of a head, without the empty one.
std::vector<std::string> linesOf(std::string_view head) {
  std::vector<std::string> lines;
  while (!head.starts_with(kLineEnd) && !head.empty()) {
    const auto end = std::min(head.find(kLineEnd), head.size());
    lines.emplace_back(head.substr(0, end));
    head.remove_prefix(std::min(end + kLineEnd.size(), head.size()));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string head;
  for (const std::string& line : lines) head.append(line).append(kLineEnd);
  return head.append(kLineEnd);
}

bool isNamed(const std::string& line, std::string_view name) {
  return line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':';
}

std::string line(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value);
}

bool isError(int status) { return (status >= 400 && status < 500) || status == 501 || status == 505; }

void judgeNoAnswer(Exchange& x, const Attempt& attempt) {
  if (!x.hasEnded())
    return x.fail("the server neither answered nor ended within " + text(x.patience().reaction));
  if (attempt.wanted == Wanted::acceptance)
    return x.fail("the server ended the connection instead of accepting");
  if (attempt.wanted == Wanted::either) return x.inform("the server ended the connection without an answer");
  if (attempt.isHeavy) return x.pass("the server ended the connection");
  x.nonStrict("the server ended the connection without the HTTP error that RFC 6455, 4.2.1 asks for");
}

void judgeAcceptance(Exchange& x, const Attempt& attempt, const HttpHead& head) {
  if (attempt.wanted == Wanted::refusal || attempt.wanted == Wanted::refusalOrPage) {
    return x.fail("the server accepted: " + quote(head.startLine, 100));
  }
  std::string problem = acceptanceProblem(head, attempt.key);
  if (!problem.empty()) return x.fail("the server accepted, but " + problem);
  x.setOpen();
  problem = echoProblem(x);
  if (!problem.empty()) return x.fail("the server accepted, but " + problem);
  x.finish();
  attempt.wanted == Wanted::either ? x.inform("accepted, and the connection works")
                                   : x.pass("accepted, and the connection works");
}

void judgeRefusal(Exchange& x, const Attempt& attempt, const HttpHead& head) {
  const int status = statusOf(head);
  const std::string answered = "the server answered " + quote(head.startLine, 100);
  if (status == 0) return x.fail(answered + ", which is no status line of HTTP");
  if (attempt.wanted == Wanted::acceptance) return x.fail(answered + " and did not accept");
  if (attempt.wanted == Wanted::either) return x.inform(answered);
  if (attempt.wanted == Wanted::refusalOrPage || isError(status)) return x.pass(answered);
  if (status >= 500) return x.nonStrict(answered + ", which blames the server for the client's fault");
  x.fail(answered + " instead of an error (4xx)");
}

}  // namespace

std::string withStartLine(std::string_view head, std::string_view line) {
  auto lines = linesOf(head);
  lines.front() = line;
  return joined(lines);
}

std::string withHeader(std::string_view head, std::string_view name, std::string_view value) {
  auto lines = linesOf(head);
  const auto first = std::ranges::find_if(lines, [&](const auto& each) { return isNamed(each, name); });
  if (first == lines.end()) return withLine(head, line(name, value));
  *first = line(name, value);
  lines.erase(std::remove_if(first + 1, lines.end(), [&](const auto& each) { return isNamed(each, name); }),
              lines.end());
  return joined(lines);
}

std::string withoutHeader(std::string_view head, std::string_view name) {
  auto lines = linesOf(head);
  std::erase_if(lines, [&](const auto& each) { return isNamed(each, name); });
  return joined(lines);
}

std::string withLine(std::string_view head, std::string_view line) {
  auto lines = linesOf(head);
  lines.emplace_back(line);
  return joined(lines);
}

std::string withFirstLine(std::string_view head, std::string_view line) {
  auto lines = linesOf(head);
  lines.emplace(lines.begin() + 1, line);
  return joined(lines);
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

bool isToken(std::string_view text) {
  constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c < 127 && kDelimiters.find(c) == std::string_view::npos;
  });
}

std::string text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

std::string echoProblem(Exchange& x, std::string_view message) {
  x.sendMessage(message);
  const Received received = x.receive(x.patience().reaction);
  if (!x.violation().empty()) return x.violation();
  switch (received) {
    case Received::event:
      break;
    case Received::close:
      return "the peer closed instead of echoing a message";
    case Received::ended:
      return "the peer ended the connection instead of echoing a message";
    case Received::timedOut:
      return "the peer did not echo a message within " + text(x.patience().reaction);
  }
  if (x.last() == textMessage(std::string(message))) return "";
  return "instead of its echo came " + describe(x.last());
}

bool haveCome(Exchange& x, const Event& pong, const Event& echo, Duration within) {
  bool isPongSeen = false;
  bool isEchoSeen = false;
  while (!(isPongSeen && isEchoSeen) && x.receive(within) == Received::event) {
    isPongSeen = isPongSeen || x.last() == pong;
    isEchoSeen = isEchoSeen || x.last() == echo;
    if (x.last().kind == Event::Kind::message && x.last() != echo) {
      x.fail("the echo is " + describe(x.last()));
      return false;
    }
  }
  if (isPongSeen && isEchoSeen) return true;
  const std::string missing = isEchoSeen ? "the ping was not answered" : "the echo is missing";
  x.fail(x.violation().empty() ? missing : x.violation());
  return false;
}

void checkStillServing(Exchange& x) {
  if (!x.testsServer() || x.verdict().behavior == Behavior::failed) return;
  try {
    const auto second = x.another();
    if (!second->open()) return x.fail("afterwards a new connection fails: " + second->verdict().result);
    const std::string problem = echoProblem(*second);
    if (!problem.empty()) return x.fail("afterwards, on a new connection, " + problem);
    second->finish();
  } catch (const ConnectError& error) {
    x.fail(std::string("afterwards the server takes no connection: ") + error.what());
  }
}

bool hasEndedWithin(Exchange& x, Duration within) {
  const TimePoint until = Clock::now() + within;
  while (!x.hasEnded() && x.receiveFrame(until - Clock::now())) {
  }
  return x.hasEnded();
}

int statusOf(const HttpHead& head) {
  if (!head.startLine.starts_with("HTTP/1.0 ")) return head.status();
  HttpHead modern = head;
  modern.startLine.replace(0, 8, "HTTP/1.1");
  return modern.status();
}

std::string acceptanceProblem(const HttpHead& head, const std::string& key) {
  if (!head.hasToken("Upgrade", "websocket")) return "its response lacks Upgrade: websocket";
  if (!head.hasToken("Connection", "upgrade")) return "its response lacks Connection: Upgrade";
  const auto accept = head.all("Sec-WebSocket-Accept");
  if (accept.size() != 1)
    return "its response has " + std::to_string(accept.size()) + " Sec-WebSocket-Accept";
  if (accept.front() != acceptFor(key)) {
    return "Sec-WebSocket-Accept is " + quote(accept.front()) + " instead of " + quote(acceptFor(key));
  }
  if (!head.all("Sec-WebSocket-Extensions").empty())
    return "its response has an extension that was not offered";
  return "";
}

void attempt(Exchange& x, const Attempt& attempt) {
  x.sendBytes(attempt.bytes, attempt.chopSize);
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) {
    judgeNoAnswer(x, attempt);
  } else if (head->status() == 101) {
    judgeAcceptance(x, attempt, *head);
  } else {
    judgeRefusal(x, attempt, *head);
  }
}

std::string probe() { return encodeFrame(Frame{.payload = "Are you open?"}, false, 0); }

void expectOpened(Exchange& x, const std::string& response, std::size_t chopSize) {
  x.sendBytes(response, chopSize);
  x.setOpen();
  const std::string problem = echoProblem(x);
  if (!problem.empty()) return x.fail("the client did not accept the response: " + problem);
  x.finish();
  x.pass("the client accepted the response, and the connection works");
}

void expectNotOpened(Exchange& x, const std::string& response, bool isMessageInBody) {
  x.sendBytes(response);
  x.setOpen();
  if (!isMessageInBody) x.sendBytes(probe());
  const TimePoint until = Clock::now() + x.patience().reaction;
  bool hasClosed = false;
  while (const auto frame = x.receiveFrame(until - Clock::now())) {
    if (frame->opcode != opcode::close)
      return x.fail("the client took the response for a handshake: it sent a frame");
    hasClosed = true;
  }
  if (!x.hasEnded())
    return x.fail("the client did not end the connection within " + text(x.patience().reaction));
  if (hasClosed)
    return x.nonStrict("the client sent a Close on a connection that never was open, and ended it");
  x.pass("the client ended the connection and sent no frame");
}

void expectFailed(Exchange& x, std::initializer_list<std::uint16_t> codes) {
  const Received received = x.receive(x.patience().reaction);
  const auto code = x.closing().remoteCloseCode;
  if (received == Received::timedOut) {
    return x.fail("the peer did not fail the connection within " + text(x.patience().reaction));
  }
  if (received == Received::event)
    return x.fail("the peer did not fail the connection, but sent " + describe(x.last()));
  if (!x.violation().empty()) return x.fail(x.violation());
  if (received == Received::ended) return x.pass("the peer ended the connection");
  const std::string how = code ? "with " + std::to_string(*code) : "without a code";
  if (!code || std::ranges::count(codes, *code) != 0) return x.pass("the peer failed the connection " + how);
  x.nonStrict("the peer failed the connection, but " + how);
}

void expectEcho(Exchange& x, std::string_view payload, bool isBinary) {
  const Received received = x.receive(x.patience().reaction);
  const Event wanted{Event::Kind::message, std::string(payload), isBinary};
  if (!x.violation().empty()) return x.fail(x.violation());
  if (received == Received::timedOut) return x.fail("no echo within " + text(x.patience().reaction));
  if (received != Received::event) {
    const auto code = x.closing().remoteCloseCode;
    return x.fail("the peer ended the connection" +
                  (code ? " with " + std::to_string(*code) : std::string()) + " instead of echoing " +
                  describe(wanted));
  }
  if (x.last() != wanted) return x.fail("instead of " + describe(wanted) + " came " + describe(x.last()));
  if (!x.finish()) return x.fail("another message came behind the echo");
  x.pass("echoed as it should be");
}

}  // namespace wstest
