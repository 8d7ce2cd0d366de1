#include "server/visits.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iostream>
#include <stdexcept>
#include <utility>

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

std::string lowercase(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// The host by which the client knows us, without a port; `otherwise` when it does not say.
std::string hostOf(const HttpHead& head, const std::string& otherwise) {
  const std::string value = head.value("Host").value_or("");
  const bool isBracketed = value.starts_with('[');
  const std::string host =
      isBracketed ? value.substr(1, value.find(']') - 1) : value.substr(0, value.find(':'));
  const bool isStrange = std::ranges::any_of(host, [](char c) {
    return !std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != ':';
  });
  return host.empty() || isStrange ? otherwise : host;
}

/// Sends all of it and ends in order. A socket that is closed over bytes that nobody has read (the body of a
/// POST) sends RST, and what was sent is lost on its way.
void sendLast(Stream& stream, std::string_view bytes, TimePoint until, const StopSwitch& stop) {
  std::array<char, 8192> ignored;
  bool hasEnded = false;
  while (Clock::now() < until) {
    const IoResult written = bytes.empty() ? IoResult{} : stream.write(bytes);
    if (written.io != Io::done && written.io != Io::later) return;
    if (written.io == Io::done) bytes.remove_prefix(written.size);
    if (bytes.empty() && !std::exchange(hasEnded, true)) stream.endWriting();
    const Io read = stream.read(ignored).io;
    if (read != Io::done && read != Io::later) return;
    if (read == Io::later && stream.wait(!bytes.empty(), until, stop) != Waited::ready) return;
  }
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
    constexpr std::size_t kLongest = 1000;  // it stands with each case in each report
    if (agent.size() > kLongest) throw BadRequest("parameter 'agent' is longer than 1000 bytes");
    return agent;
  }
};

/// A case that is being run, for as long as it lives.
class Visits::Running {
 public:
  Running(Visits& visits, const std::string& agent, const std::string& id) : visits_(visits) {
    const std::lock_guard lock(visits_.mutex_);
    place_ = visits_.running_.emplace(agent, id);
  }
  ~Running() {
    const std::lock_guard lock(visits_.mutex_);
    visits_.running_.erase(place_);
    visits_.isRecorded_.notify_all();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Visits& visits_;
  decltype(running_)::iterator place_;
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

std::string Visits::urlOf(const std::string& host, std::uint16_t port) const {
  const bool isV6 = host.find(':') != std::string::npos;
  return (settings_.isSecure ? "wss://" : "ws://") + (isV6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
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
    respond(request,
            httpResponse("500 Internal Server Error", "text/plain", std::string(error.what()) + "\n"));
  }
}

void Visits::route(Request& request) {
  const std::string& path = request.target.path;
  const bool isWebSocket = request.head.hasToken("Upgrade", "websocket");
  // A client that fails group 15 may say nothing of an upgrade: its cases are told by the path alone.
  if (path == "/runCase") return runCaseFor(request);
  if (!isWebSocket) return answerPlainly(request);
  if (path == "/getCaseCount") return answer(request, std::to_string(cases_.size()));
  if (path == "/getCaseInfo") return answer(request, caseInfo(request));
  if (path == "/getCaseStatus") return answer(request, caseStatus(request));
  if (path == "/updateReports" || path == "/stopServer") return updateReports(request);
  throw BadRequest("there is no '" + path + "'");
}

/// A browser, or whoever else speaks HTTP only.
void Visits::answerPlainly(Request& request) {
  const std::string method = request.head.method();
  std::string response;
  if (method != "GET" && method != "HEAD") {
    response =
        httpResponse("405 Method Not Allowed", "text/plain", "only GET and HEAD\n", "Allow: GET, HEAD");
  } else if (request.target.path != "/") {
    response = httpResponse("404 Not Found", "text/plain", "no such page\n");
  } else {
    results_.read([&](const Results::Agents& agents) {
      response = httpResponse("200 OK", "text/html", statusPage(cases_.size(), url(), run_.outdir, agents));
    });
  }
  if (method == "HEAD") response.erase(response.find("\r\n\r\n") + 4);
  respond(request, response);
}

void Visits::respond(Request& request, const std::string& response) {
  sendLast(*request.stream, response, Clock::now() + run_.patience.reaction, stop_);
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
  const Running running(*this, agent, id);
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
}

std::string Visits::caseInfo(const Request& request) {
  const Case& testCase = caseOf(request);
  std::string json =
      "{\"id\": " + jsonText(testCase.id.text()) + ", \"description\": " + jsonText(testCase.description);
  if (testCase.presents != Presents::rightCertificate) {
    const std::string agent = request.agent();
    const std::uint16_t port = openSpecialPort(testCase, agent);
    json += ", \"url\": " +
            jsonText(urlOf(hostOf(request.head, settings_.host), port) +
                     "/runCase?casetuple=" + testCase.id.text() + "&agent=" + percentEncode(agent));
  }
  return json + "}";
}

std::string Visits::caseStatus(const Request& request) {
  const std::string id = caseOf(request).id.text();
  const std::string agent = request.agent();
  if (isExcluded(run_, agent, id)) throw BadRequest("case " + id + " is not run for this agent");
  const Verdict verdict = verdictOf(agent, id);
  return "{\"behavior\": " + jsonText(name(verdict.behavior)) +
         ", \"behaviorClose\": " + jsonText(name(verdict.behaviorClose)) + "}";
}

constexpr auto kGlance = 100ms;  // Ctrl-C wakes nobody who waits for cases

/// A client sees the end of its last case a little before we do: it is to be in the report.
void Visits::awaitCasesOf(const std::string& agent) {
  const TimePoint until = Clock::now() + run_.patience.reaction;
  const auto isOfAgent = [&](const auto& each) { return each.first == agent; };
  std::unique_lock lock(mutex_);
  while (std::ranges::any_of(running_, isOfAgent) && Clock::now() < until && !stop_.isPressed()) {
    isRecorded_.wait_for(lock, kGlance);
  }
}

/// Waits for the end of a case that is being run, and a while for one that may be about to: a client may ask
/// before we have noticed that it has come, or gone.
Verdict Visits::verdictOf(const std::string& agent, const std::string& id) {
  const TimePoint until = Clock::now() + run_.patience.reaction;
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool isRunning = running_.contains({agent, id});
    const auto verdict = isRunning ? std::nullopt : results_.find(agent, id);
    if (verdict) return *verdict;
    if (stop_.isPressed()) throw Interrupted{};
    if (!isRunning && Clock::now() >= until) {
      throw BadRequest("case " + id + " has not been run for this agent");
    }
    isRecorded_.wait_for(lock, kGlance);
  }
}

void Visits::writeNow() {
  if (run_.outdir.empty()) return;
  const std::lock_guard lock(reportMutex_);
  results_.read([&](const Results::Agents& agents) { writeReports(agents, run_.outdir); });
}

void Visits::updateReports(Request& request) {
  const std::string agent = request.agent();
  const std::string shutdown = lowercase(request.parameter("shutdownOnComplete"));
  const bool isLast = request.target.path == "/stopServer" || shutdown == "true" || shutdown == "yes";
  awaitCasesOf(agent);
  std::string problem;
  try {
    writeNow();
  } catch (const std::exception& error) {
    problem = error.what();
    std::cerr << "wstest: " << problem << '\n';
  }
  if (problem.empty()) {
    answer(request, "");
  } else {
    respond(request, httpResponse("500 Internal Server Error", "text/plain", problem + "\n"));
  }
  // Also without a report: whoever has asked for the end waits for it.
  if (isLast) stop_.press();
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
  const Running running(*this, agent, testCase.id.text());
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
    // Ctrl-C ends handshakes as well.
    if (stop_.isPressed()) return;
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
