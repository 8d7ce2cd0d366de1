// The client under test of a conformance harness (a "fuzzing server"): asks how many cases there are, runs
// each, echoing everything, and has the report written.
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/http.hpp>
#include <charconv>
#include <iostream>
#include <optional>
#include <string>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

/// How the last connection went.
struct Visit {
  bool wasOpen = false;
  bool isInterrupted = false;
  std::string lastText;
  std::string reason;
};

class Testee final : public WebSocketClientProtocol {
 public:
  Testee(bool isEchoing, Visit* visit) : isEchoing_(isEchoing), visit_(visit) {}

  void onOpen() override { visit_->wasOpen = true; }
  void onMessage(std::string_view payload, bool isBinary) override {
    if (isEchoing_) {
      sendMessage(payload, isBinary);
    } else {
      visit_->lastText = payload;
    }
  }
  void onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) override {
    visit_->reason = reason;
    visit_->isInterrupted = localCloseCode() == static_cast<std::uint16_t>(CloseCode::goingAway);
  }

 private:
  bool isEchoing_;
  Visit* visit_;
};

class Walk {
 public:
  Walk(const examples::ClientArguments& arguments, std::string agent)
      : base_(arguments.url),
        agent_(http::percentEncode(agent)),
        connect_(arguments.connectOptions()),
        factory_(base_) {
    while (base_.ends_with('/')) base_.pop_back();
    ClientOptions options;
    options.failByDrop = false;
    options.maxMessagePayloadSize = 0;
    options.maxFramesPerMessage = 0;
    options.openHandshakeTimeout = 60s;
    options.closeHandshakeTimeout = 30s;
    options.serverConnectionDropTimeout = 30s;
    options.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
    factory_.setProtocolOptions(options);
  }

  int run(int first, int last) {
    const int count = last != 0 ? last : caseCount();
    std::cout << "cases " << first << " to " << count << '\n';
    for (int number = first; number <= count; ++number) {
      const Visit visit = connect("/runCase?case=" + std::to_string(number) + "&agent=" + agent_, true);
      if (visit.isInterrupted) throw std::runtime_error("interrupted in case " + std::to_string(number));
      if (!visit.wasOpen) std::cerr << "case " << number << ": " << visit.reason << '\n';
    }
    const Visit report = connect("/updateReports?agent=" + agent_, false);
    if (!report.wasOpen) throw std::runtime_error("no report: " + report.reason);
    std::cout << "done, reports updated\n";
    return 0;
  }

 private:
  int caseCount() {
    const Visit visit = connect("/getCaseCount", false);
    int count = 0;
    const std::string& text = visit.lastText;
    const auto end = text.data() + text.size();
    if (!visit.wasOpen) throw std::runtime_error(visit.reason);
    if (std::from_chars(text.data(), end, count).ptr != end || count < 1) {
      throw std::runtime_error("the harness did not tell the number of cases, but '" + text + "'");
    }
    return count;
  }

  Visit connect(const std::string& resource, bool isEchoing) {
    Visit visit;
    factory_.setSessionParameters(base_ + resource);
    factory_.setProtocol<Testee>(isEchoing, &visit);
    factory_.connect(connect_);
    factory_.run();
    return visit;
  }

  std::string base_;
  std::string agent_;
  ConnectOptions connect_;
  WebSocketClientFactory factory_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Walks through the cases of a WebSocket conformance harness, echoing everything.",
               "testee_client"};
  examples::ClientArguments arguments;
  arguments.url = "ws://127.0.0.1:9001";
  arguments.addTo(app);
  std::string agent = "AutobahnCpp";
  app.add_option("--agent", agent, "name in the report (default: AutobahnCpp)");
  int first = 1;
  int last = 0;
  app.add_option("--first", first, "first case (default: 1)")->check(CLI::PositiveNumber);
  app.add_option("--last", last, "last case (default: all)")->check(CLI::PositiveNumber);
  return examples::run(app, argc, argv, [&] { return Walk(arguments, agent).run(first, last); });
}
