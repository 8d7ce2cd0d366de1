#include "selftest/trial.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "client/fuzzing_client.hpp"
#include "server/certificates.hpp"
#include "server/fuzzing_server.hpp"
#include "server/workers.hpp"

namespace wstest {
namespace {

/// Most of the time is waiting for what does not come.
constexpr int kAtOnce = 32;

RunSettings settingsFor(const std::vector<std::string>& patterns) {
  RunSettings settings;
  settings.cases = patterns;
  settings.profile = Profile::quick;
  settings.patience = {.reaction = 2s, .quiet = 300ms, .whole = 30s};
  settings.isQuiet = true;
  return settings;
}

bool isGood(const Verdict& verdict) {
  const bool isDone = verdict.behavior == Behavior::ok || verdict.behavior == Behavior::informational;
  return isDone && (verdict.behaviorClose == CloseBehavior::ok ||
                    verdict.behaviorClose == CloseBehavior::informational);
}

void say(const CaseResult& result) {
  // Seen with ctest --output-on-failure: why a case caught a peer.
  std::ostringstream line;
  line << "  " << result.id << ' ' << name(result.verdict.behavior) << '/'
       << name(result.verdict.behaviorClose) << ": " << result.verdict.result << "; "
       << result.verdict.resultClose << '\n';
  std::cout << line.str();
}

/// Accepts connections with `Fault` until told to stop.
class EchoServer {
 public:
  EchoServer(Fault fault, bool isSecure) : fault_(fault), isSecure_(isSecure), listener_("127.0.0.1", 0) {
    acceptor_ = std::jthread([this] {
      while (auto stream = listener_.accept(stop_)) {
        workers_.start([this, stream = std::move(stream)]() mutable { serve(std::move(stream)); });
      }
    });
  }
  ~EchoServer() {
    stop_.press();
    acceptor_.join();
    workers_.join();
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  std::string url() const {
    return (isSecure_ ? "wss://127.0.0.1:" : "ws://127.0.0.1:") + std::to_string(listener_.port());
  }

 private:
  void serve(std::unique_ptr<Stream> stream) {
    try {
      if (isSecure_) {
        const auto context = certificates_.context(Presents::rightCertificate);
        // A peer that takes the end of TCP for the end of TLS.
        if (fault_ == Fault::deliversTruncated) {
          ::SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
        }
        stream = startTlsServer(std::move(stream), context, Clock::now() + 5s, stop_);
      }
      EchoPeer(std::move(stream), fault_, stop_).run();
    } catch (const ConnectError&) {
      // TLS that was never meant to work.
    }
  }

  Fault fault_;
  bool isSecure_;
  StopSwitch stop_;
  Certificates certificates_{"127.0.0.1"};
  TcpListener listener_;
  Workers workers_;
  std::jthread acceptor_;
};

/// Walks through the cases of a fuzzing server.
class Walk {
 public:
  Walk(const std::string& url, Fault fault) : target_(parseServerUrl(url)), fault_(fault) {
    target_.tls.isInsecure = true;
  }

  void all() {
    const int count = std::stoi(visit(target_, "/getCaseCount"));
    std::atomic<int> next = 1;
    const auto work = [&] {
      for (int number = next++; number <= count; number = next++) one(std::to_string(number));
    };
    std::vector<std::jthread> workers;
    for (int i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
    workers.clear();
    visit(target_, "/updateReports?agent=peer&shutdownOnComplete=true");
  }

 private:
  void one(const std::string& number) {
    const std::string info = visit(target_, "/getCaseInfo?agent=peer&case=" + number);
    const std::string mark = "\"url\": \"";
    const auto at = info.find(mark);
    if (at == std::string::npos) {
      visit(target_, "/runCase?agent=peer&case=" + number);
      return;
    }
    // A certificate of its own: right clients refuse it.
    ServerTarget special = parseServerUrl(info.substr(at + mark.size(), info.rfind('"') - at - mark.size()));
    special.tls.isInsecure = fault_ == Fault::checksNoCertificate;
    visit(special, special.resource);
  }

  /// The last text that came.
  std::string visit(const ServerTarget& target, const std::string& resource) {
    try {
      auto stream = connectTcp(target.host, target.port, Clock::now() + 5s, stop_);
      if (target.isSecure)
        stream = startTlsClient(std::move(stream), target.host, target.tls, Clock::now() + 5s, stop_);
      EchoPeer peer(std::move(stream), target.hostHeader, resource, fault_, stop_);
      peer.run();
      return peer.lastText();
    } catch (const ConnectError&) {
      return "";
    }
  }

  ServerTarget target_;
  Fault fault_;
  StopSwitch stop_;
};

}  // namespace

Caught tryServer(Fault fault, const std::vector<std::string>& patterns, bool isSecure) {
  const EchoServer echo(fault, isSecure);
  ServerUnderTest server{"peer", parseServerUrl(echo.url())};
  server.target.tls.isInsecure = true;
  const RunSettings settings = settingsFor(patterns);
  const auto cases = selectCases(patterns, {}, Tests::servers);
  const StopSwitch stop;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Caught caught;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) {
      if (!cases[i]->isInQuick || (cases[i]->needsTls && !isSecure)) continue;
      const CaseResult result = runCaseAgainst(*cases[i], server, settings, stop);
      if (isGood(result.verdict)) continue;
      say(result);
      const std::lock_guard lock(mutex);
      caught.insert(result.id);
    }
  };
  std::vector<std::jthread> workers;
  for (int i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
  workers.clear();
  return caught;
}

Caught tryClient(Fault fault, const std::vector<std::string>& patterns, bool isSecure) {
  FuzzingServerSettings settings;
  settings.port = 0;
  settings.isSecure = isSecure;
  settings.run = settingsFor(patterns);
  StopSwitch stop;
  FuzzingServer server(settings, stop);
  std::jthread serving([&] { server.serve(); });
  Walk(server.url(), fault).all();
  stop.press();
  serving.join();
  Caught caught;
  server.results().read([&](const Results::Agents& agents) {
    for (const auto& [agent, results] : agents) {
      for (const auto& [id, result] : results) {
        if (isGood(result.verdict)) continue;
        say(result);
        caught.insert(id.text());
      }
    }
  });
  return caught;
}

std::string text(const Caught& caught) {
  std::string out;
  for (const std::string& id : caught) out += (out.empty() ? "" : " ") + id;
  return out;
}

Caught ids(const std::string& words) {
  std::istringstream stream(words);
  Caught found;
  for (std::string word; stream >> word;) {
    const std::size_t before = found.size();
    for (const Case& each : allCases()) {
      if (each.isInQuick && matchesPattern(word, each.id.text())) found.insert(each.id.text());
    }
    if (found.size() == before) throw std::invalid_argument("the test names no case: " + word);
  }
  return found;
}

}  // namespace wstest
