#include "server/visits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>
#include <stdexcept>

#include "cases/run.hpp"
#include "server/pages.hpp"

namespace wstest {
namespace {

/// A request that cannot be served: HTTP 500 with these words, as Autobahn's harness answers.
class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string jsonText(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += std::string("\\u00") + kHex[static_cast<unsigned char>(c) >> 4] + kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string percentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool isPlain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                         (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.';
    if (isPlain) {
      out += c;
    } else {
      out += std::string("%") + kHex[byte >> 4] + kHex[byte & 15];
    }
  }
  return out;
}

/// The head of the request and what came behind it. Throws ConnectError when none comes.
std::pair<HttpHead, std::string> readRequest(Stream& stream, TimePoint until, const StopSwitch& stop) {
  constexpr std::size_t kLongest = 65536;
  std::string input;
  std::array<char, 8192> buffer;
  for (;;) {
    if (auto parsed = parseHead(input)) return {std::move(parsed->first), input.substr(parsed->second)};
    const IoResult result = stream.read(buffer);
    if (result.io == Io::done) {
      input.append(buffer.data(), result.size);
    } else if (result.io != Io::later) {
      throw ConnectError("the client ended the connection before its request was complete");
    } else if (stream.wait(false, until, stop) != Waited::ready) {
      throw ConnectError("the client's request did not come in time");
    }
    if (input.size() > kLongest) throw ConnectError("the client's request is longer than 64 KiB");
  }
}

}  // namespace

/// A request as it came, and everything that its parameters say.
struct Visits::Request {
  std::unique_ptr<Stream> stream;
  HttpHead head;
  std::string readAhead;
  Target target;
  Presents presents = Presents::rightCertificate;

  /// The only value of a parameter; "" without it.
  std::string parameter(const std::string& name) const {
    const auto values = target.all(name);
    if (values.size() > 1) throw BadRequest("parameter '" + name + "' comes more than once");
    return values.empty() ? "" : values.front();
  }
  std::string agent() const {
    std::string agent = parameter("agent");
    if (agent.empty()) throw BadRequest("parameter 'agent' is missing");
    return agent;
  }
};

Visits::Visits(const FuzzingServerSettings& settings, std::vector<const Case*> cases,
               const Certificates& certificates, std::uint16_t port, StopSwitch& stop)
    : settings_(settings),
      run_(settings.run),
      cases_(std::move(cases)),
      certificates_(certificates),
      port_(port),
      stop_(stop),
      progress_(0, run_.isQuiet) {}

std::string Visits::urlOf(std::uint16_t port) const {
  const bool isV6 = settings_.host.find(':') != std::string::npos;
  return (settings_.isSecure ? "wss://" : "ws://") + (isV6 ? "[" + settings_.host + "]" : settings_.host) +
         ":" + std::to_string(port);
}

void Visits::handle(std::unique_ptr<Stream> stream) {
  try {
    const TimePoint until = Clock::now() + run_.patience.reaction;
    if (settings_.isSecure) {
      const auto context = certificates_.context(Presents::rightCertificate);
      stream = startTlsServer(std::move(stream), context, until, stop_);
    }
    serve(std::move(stream), Presents::rightCertificate);
  } catch (const Interrupted&) {
  } catch (const ConnectError&) {
    // Nobody's case: a port scanner, a browser that dislikes our certificate.
  } catch (const std::exception& error) {
    std::cerr << "wstest: " << error.what() << '\n';
  }
}

void Visits::serve(std::unique_ptr<Stream> stream, Presents presents) {
  auto [head, readAhead] = readRequest(*stream, Clock::now() + run_.patience.reaction, stop_);
  Request request{std::move(stream), std::move(head), std::move(readAhead), {}, presents};
  request.target = parseTarget(request.head.target());
  try {
    route(request);
  } catch (const BadRequest& error) {
    Exchange plain(std::move(request.stream), request.head, "", run_.patience, run_.profile, stop_);
    plain.sendBytes(
        httpResponse("500 Internal Server Error", "text/plain", std::string(error.what()) + "\n"));
  }
}

void Visits::route(Request& request) {
  const std::string& path = request.target.path;
  const bool isWebSocket = request.head.hasToken("Upgrade", "websocket");
  // A client that fails group 15 may say nothing of an upgrade: its cases are told by the path alone.
  if (path == "/runCase") return runCaseFor(request);
  if (!isWebSocket) {
    std::string page;
    results_.read(
        [&](const Results::Agents& agents) { page = statusPage(cases_.size(), url(), run_.outdir, agents); });
    const std::string response = path == "/" ? httpResponse("200 OK", "text/html", page)
                                             : httpResponse("404 Not Found", "text/plain", "no such page\n");
    Exchange plain(std::move(request.stream), request.head, "", run_.patience, run_.profile, stop_);
    plain.sendBytes(response);
    return;
  }
  if (path == "/getCaseCount") return answer(request, std::to_string(cases_.size()));
  if (path == "/getCaseInfo") return answer(request, caseInfo(request));
  if (path == "/getCaseStatus") return answer(request, caseStatus(request));
  if (path == "/updateReports" || path == "/stopServer") {
    request.agent();
    const std::string shutdown = request.parameter("shutdownOnComplete");
    updateReports(request);
    answer(request, "");
    if (path == "/stopServer" || shutdown == "true" || shutdown == "yes") stop_.press();
    return;
  }
  throw BadRequest("there is no '" + path + "'");
}

void Visits::answer(Request& request, const std::string& json) {
  Exchange exchange(std::move(request.stream), request.head, request.readAhead, run_.patience, run_.profile,
                    stop_);
  if (!exchange.open()) return;
  if (!json.empty()) exchange.sendMessage(json);
  exchange.finish();
}

const Case& Visits::caseOf(const Request& request) const {
  const std::string tuple = request.parameter("casetuple");
  const std::string number = request.parameter("case");
  if (!number.empty()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
    const bool isNumber = error == std::errc() && end == number.data() + number.size();
    if (!isNumber || index < 1 || index > cases_.size()) {
      throw BadRequest("case '" + number + "' is not one of 1 to " + std::to_string(cases_.size()));
    }
    return *cases_[index - 1];
  }
  const auto found = std::ranges::find_if(cases_, [&](const Case* each) { return each->id.text() == tuple; });
  if (tuple.empty()) throw BadRequest("parameter 'case' (or 'casetuple') is missing");
  if (found == cases_.end()) throw BadRequest("case '" + tuple + "' is not among those that are run");
  return **found;
}

void Visits::runCaseFor(Request& request) {
  const Case& testCase = caseOf(request);
  const std::string agent = request.agent();
  const std::string id = testCase.id.text();
  Exchange exchange(std::move(request.stream), request.head, request.readAhead, run_.patience, run_.profile,
                    stop_);
  exchange.speak(settings_.protocols);
  if (isExcluded(run_, agent, id)) {
    if (exchange.open()) exchange.finish();
    return;
  }
  progress_.begin(agent, id);
  const bool isElsewhere = testCase.presents != request.presents;
  CaseResult result;
  if (isElsewhere) {
    exchange.unimplemented(
        "this case has a certificate of its own: connect to the 'url' that /getCaseInfo tells");
    result = exchange.takeResult();
    result.id = id;
    result.started = utcNow();
  } else {
    result = runCase(testCase, exchange, [] {});
  }
  result.agent = agent;
  record(std::move(result));
}

void Visits::record(CaseResult result) {
  progress_.end(result);
  results_.add(std::move(result));
  const std::lock_guard lock(mutex_);
  isRecorded_.notify_all();
}

std::string Visits::caseInfo(const Request& request) {
  const Case& testCase = caseOf(request);
  std::string json =
      "{\"id\": " + jsonText(testCase.id.text()) + ", \"description\": " + jsonText(testCase.description);
  if (testCase.presents != Presents::rightCertificate) {
    const std::string agent = request.agent();
    const std::uint16_t port = openSpecialPort(testCase, agent);
    json += ", \"url\": " + jsonText(urlOf(port) + "/runCase?casetuple=" + testCase.id.text() +
                                     "&agent=" + percentEncode(agent));
  }
  return json + "}";
}

std::string Visits::caseStatus(const Request& request) {
  const std::string id = caseOf(request).id.text();
  const std::string agent = request.agent();
  if (isExcluded(run_, agent, id)) throw BadRequest("case " + id + " is not run for this agent");
  std::optional<Verdict> verdict;
  std::unique_lock lock(mutex_);
  isRecorded_.wait_for(lock, run_.patience.reaction, [&] {
    verdict = results_.find(agent, id);
    return verdict.has_value() || stop_.isPressed();
  });
  if (!verdict) throw BadRequest("case " + id + " has not been run for this agent");
  return "{\"behavior\": " + jsonText(name(verdict->behavior)) +
         ", \"behaviorClose\": " + jsonText(name(verdict->behaviorClose)) + "}";
}

void Visits::updateReports(const Request& /*request*/) {
  if (run_.outdir.empty()) return;
  const std::lock_guard lock(reportMutex_);
  results_.read([&](const Results::Agents& agents) { writeReports(agents, run_.outdir); });
}

// --- certificates that must be refused: a port for one client and one case
// --------------------------------------

std::uint16_t Visits::openSpecialPort(const Case& testCase, const std::string& agent) {
  auto listener = std::make_unique<TcpListener>(settings_.host, std::uint16_t{0});
  const std::uint16_t port = listener->port();
  workers_.start([this, &testCase, agent, listener = std::move(listener)] {
    try {
      serveSpecial(testCase, agent, *listener);
    } catch (const Interrupted&) {
    } catch (const std::exception& error) {
      std::cerr << "wstest: " << error.what() << '\n';
    }
  });
  return port;
}

void Visits::serveSpecial(const Case& testCase, const std::string& agent, TcpListener& listener) {
  auto stream = listener.accept(stop_, Clock::now() + run_.patience.reaction * 4);
  if (!stream) return;
  const std::string started = utcNow();
  std::string refusal;
  try {
    const auto context = certificates_.context(testCase.presents);
    auto tls = startTlsServer(std::move(stream), context, Clock::now() + run_.patience.reaction, stop_);
    // With TLS 1.3 the handshake is over here before the client has judged the certificate: its request
    // tells.
    serve(std::move(tls), testCase.presents);
    return;
  } catch (const ConnectError& error) {
    refusal = error.what();
  }
  CaseResult result;
  result.id = testCase.id.text();
  result.agent = agent;
  result.started = started;
  result.isServer = true;
  result.verdict = {Behavior::ok, CloseBehavior::ok, "the client refused the certificate (" + refusal + ")",
                    "The client ended the connection before WebSocket"};
  record(std::move(result));
}

}  // namespace wstest
