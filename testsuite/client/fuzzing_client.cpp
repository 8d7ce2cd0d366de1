#include "client/fuzzing_client.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <ctime>
#include <exception>
#include <iostream>
#include <set>
#include <stdexcept>
#include <thread>

#include "cases/printable.hpp"
#include "cases/run.hpp"
#include "report/progress.hpp"

namespace wstest {
namespace {

/// Case after case to whoever asks next; ends early when told to.
class Queue {
 public:
  Queue(std::vector<const Case*> cases, const StopSwitch& stop) : cases_(std::move(cases)), stop_(stop) {}
  const Case* next() {
    const std::size_t index = next_++;
    return index < cases_.size() && !isOver_ && !stop_.isPressed() ? cases_[index] : nullptr;
  }
  void end() { isOver_ = true; }

 private:
  std::vector<const Case*> cases_;
  const StopSwitch& stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> isOver_ = false;
};

/// What the server is called in reports: the Server header of its first response, when nobody named it.
/// Throws ConnectError when there is nobody, or nobody who answers.
std::string findAgent(const ServerUnderTest& server, const Patience& patience, const StopSwitch& stop) {
  Exchange exchange(server.target, patience, Profile::quick, stop);
  exchange.connect();
  exchange.sendBytes(exchange.request(exchange.key()));
  const auto head = exchange.receiveHead(patience.reaction);
  if (!head) throw ConnectError(server.target.url + " does not answer a WebSocket opening handshake");
  if (!server.agent.empty()) return server.agent;
  const auto named = head->value("Server");
  constexpr std::size_t kLongest = 200;  // it stands with each case in each report
  return named && !named->empty() ? shortened(*named, kLongest) : server.target.url;
}

/// The name in the reports: a second server of the same name must not take the first one's place there.
std::string nameInReports(const ServerUnderTest& server, std::set<std::string>& taken) {
  if (taken.insert(server.agent).second) return server.agent;
  const std::string at = server.agent + " at " + server.target.url;
  std::string name = at;
  for (int i = 2; !taken.insert(name).second; ++i) name = at + " (" + std::to_string(i) + ")";
  return name;
}

bool isFor(const Case& each, const ServerUnderTest& server, const RunSettings& run) {
  return (each.isInQuick || run.profile == Profile::full) && (!each.needsTls || server.target.isSecure);
}

void testServer(const ServerUnderTest& server, const std::vector<const Case*>& cases,
                const RunSettings& settings, Results& results, Progress& progress, const StopSwitch& stop) {
  Queue queue(cases, stop);
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      while (const Case* next = queue.next()) {
        progress.begin(server.agent, next->id.text());
        CaseResult result = runCaseAgainst(*next, server, settings, stop);
        // Whatever ended then was not the server's doing.
        if (stop.isPressed()) throw Interrupted{};
        progress.end(result);
        results.add(std::move(result));
      }
    } catch (const Interrupted&) {
      queue.end();
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      queue.end();
    }
  };
  std::vector<std::jthread> workers;
  for (int i = 1; i < settings.jobs; ++i) workers.emplace_back(work);
  work();
  workers.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

ServerTarget parseServerUrl(const std::string& url) {
  const auto bad = [&](const char* why) {
    return std::invalid_argument("'" + url + "' is no server: " + why);
  };
  ServerTarget target;
  target.url = url;
  std::string_view rest = url;
  target.isSecure = rest.starts_with("wss://");
  if (!target.isSecure && !rest.starts_with("ws://")) throw bad("it must begin with ws:// or wss://");
  rest.remove_prefix(target.isSecure ? 6 : 5);
  if (rest.find('#') != std::string_view::npos) throw bad("it has a fragment (#)");
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  target.resource = rest.substr(end);
  if (!target.resource.starts_with('/')) target.resource.insert(0, "/");
  target.hostHeader = authority;
  target.port = target.isSecure ? 443 : 80;
  const bool isBracketed = authority.starts_with('[');
  const auto bracket = isBracketed ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) throw bad("the ] is missing");
  const auto colon = authority.find(':', bracket);
  target.host = isBracketed ? authority.substr(1, bracket - 1) : authority.substr(0, colon);
  if (target.host.empty()) throw bad("the host is missing");
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
    if (error != std::errc() || last != digits.data() + digits.size() || target.port == 0)
      throw bad("the port");
  }
  target.tls.serverName = target.host;
  return target;
}

CaseResult runCaseAgainst(const Case& testCase, const ServerUnderTest& server, const RunSettings& settings,
                          const StopSwitch& stop) {
  Exchange exchange(server.target, settings.patience, settings.profile, stop);
  CaseResult result =
      runCase(testCase, exchange, [&] { exchange.connect(testCase.opening == Opening::tcp); });
  result.agent = server.agent;
  return result;
}

namespace {

/// What is the same for all servers of a run.
struct Run {
  const RunSettings& settings;
  const StopSwitch& stop;
  std::vector<const Case*> cases;
  Results results{};
  std::set<std::string> agents{};
};

void testWhole(ServerUnderTest server, Run& run) {
  server.agent = findAgent(server, run.settings.patience, run.stop);
  std::vector<const Case*> own;
  std::ranges::copy_if(run.cases, std::back_inserter(own), [&](const Case* each) {
    return isFor(*each, server, run.settings) && !isExcluded(run.settings, server.agent, each->id.text());
  });
  server.agent = nameInReports(server, run.agents);
  std::cout << "testing " << printable(server.agent) << " at " << server.target.url << ": " << own.size()
            << " cases" << std::endl;
  Progress progress(own.size(), run.settings.isQuiet);
  testServer(server, own, run.settings, run.results, progress, run.stop);
  progress.finish();
}

}  // namespace

int runFuzzingClient(const FuzzingClientSettings& settings, const StopSwitch& stop) {
  Run run{settings.run, stop, selectCases(settings.run.cases, settings.run.exclude, Tests::servers)};
  const auto isAny = [&](const ServerUnderTest& server) {
    return std::ranges::any_of(run.cases,
                               [&](const Case* each) { return isFor(*each, server, settings.run); });
  };
  if (std::ranges::none_of(settings.servers, isAny)) throw std::invalid_argument(kNoneLeft);
  prepareReports(settings.run);
  const auto before = settings.run.compareFile.empty() ? Index{} : readIndex(settings.run.compareFile);
  bool isEachTested = true;
  for (const ServerUnderTest& server : settings.servers) {
    if (stop.isPressed()) break;
    try {
      testWhole(server, run);
    } catch (const Interrupted&) {
    } catch (const std::exception& error) {
      if (stop.isPressed()) break;
      // The others' results, and those of the cases before, are worth having.
      if (settings.servers.size() == 1 && run.agents.empty()) throw;
      std::cerr << "wstest: " << error.what() << '\n';
      isEachTested = false;
    }
  }
  constexpr int kNotDone = 2;
  const int code = finishRun(run.results, settings.run, before, stop.isPressed());
  return isEachTested || stop.isPressed() ? code : kNotDone;
}

}  // namespace wstest
