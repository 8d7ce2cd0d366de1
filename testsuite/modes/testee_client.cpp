// The client under test: asks a fuzzing server how many cases there are, runs each, echoing everything, asks
// how it went, and has the report written.
#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <autobahn/websocket/http.hpp>
#include <charconv>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "cases/printable.hpp"
#include "cases/verdict.hpp"
#include "modes/arguments.hpp"
#include "modes/json_node.hpp"
#include "modes/mode.hpp"
#include "modes/signals.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

/// How one connection went.
struct Visit {
  bool wasOpen = false;
  bool isOverdue = false;
  std::string lastText{};
  std::string reason{};
};

class Testee final : public WebSocketClientProtocol {
 public:
  /// `limit` is cancelled when the connection ends.
  Testee(bool isEchoing, Visit* visit, asio::steady_timer* limit)
      : isEchoing_(isEchoing), visit_(visit), limit_(limit) {}

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
    limit_->cancel();
  }

 private:
  bool isEchoing_;
  Visit* visit_;
  asio::steady_timer* limit_;
};

/// What the harness tells of a case before it is run.
struct CaseInfo {
  std::string id{};   ///< "" when the harness does not tell
  std::string url{};  ///< where it is to be run
};

/// Visits the harness, one connection after the other. One thread; `interrupt` from any.
class Visitor {
 public:
  /// `patience`: for the harness to answer a question.
  Visitor(const std::string& url, const PeerArguments& peer, const std::string& agent,
          std::chrono::milliseconds patience)
      : base_(url),
        agent_(http::percentEncode(agent)),
        peer_(peer),
        patience_(patience),
        limit_(io_),
        factory_(io_, url) {
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

  /// Throws std::runtime_error when the harness is not there, or says something else.
  int caseCount() {
    const Visit visit = ask(base_ + "/getCaseCount");
    if (!visit.wasOpen) throw std::runtime_error("cannot connect to " + base_ + ": " + visit.reason);
    if (visit.isOverdue)
      throw std::runtime_error(base_ + " does not tell how many cases it has: " + visit.reason);
    const std::string& text = visit.lastText;
    const auto end = text.data() + text.size();
    int count = 0;
    if (std::from_chars(text.data(), end, count).ptr != end || count < 1) {
      throw std::runtime_error(base_ + " does not tell how many cases it has, but '" + text + "'");
    }
    return count;
  }

  CaseInfo caseInfo(int number) {
    CaseInfo info{"", caseUrl("/runCase", number)};
    const auto said = answer("/getCaseInfo", number);
    if (!said) return info;
    if (const auto id = said->root().find("id")) info.id = id->text();
    if (const auto url = said->root().find("url")) info.url = url->text();
    return info;
  }

  /// "OK", "FAILED", …; "" when the harness does not tell.
  std::string caseStatus(int number) {
    const auto said = answer("/getCaseStatus", number);
    const auto behavior = said ? said->root().find("behavior") : std::nullopt;
    return behavior ? behavior->text() : "";
  }

  Visit runCase(const std::string& url) { return connect(url, true, kLongestCase); }

  /// Throws std::runtime_error when the harness does not take it.
  void updateReports() {
    const Visit visit = ask(base_ + "/updateReports?agent=" + agent_);
    if (!visit.wasOpen) throw std::runtime_error("no report: " + visit.reason);
  }

  void interrupt() { factory_.close(static_cast<std::uint16_t>(CloseCode::goingAway), "interrupted"); }

 private:
  std::string caseUrl(const std::string& path, int number) const {
    return base_ + path + "?case=" + std::to_string(number) + "&agent=" + agent_;
  }

  /// Whatever the harness allows a case: more than its own limit.
  static constexpr std::chrono::milliseconds kLongestCase = std::chrono::minutes(15);

  Visit ask(const std::string& url) { return connect(url, false, patience_); }

  /// The JSON object that the harness answers with; nothing when it does not know how.
  std::optional<JsonDocument> answer(const std::string& path, int number) {
    const Visit visit = ask(caseUrl(path, number));
    if (!visit.wasOpen || visit.lastText.empty()) return std::nullopt;
    JsonDocument said = JsonDocument::ofText(path, visit.lastText);
    if (!said.root().isObject()) return std::nullopt;
    return said;
  }

  Visit connect(const std::string& url, bool isEchoing, std::chrono::milliseconds limit) {
    Visit visit;
    factory_.setSessionParameters(url, peer_.origin, peer_.protocols);
    factory_.setProtocol<Testee>(isEchoing, &visit, &limit_);
    limit_.expires_after(limit);
    const auto protocol = factory_.connect(peer_.connectOptions());
    limit_.async_wait([&](std::error_code error) {
      if (error) return;
      visit.isOverdue = true;
      protocol->dropConnection(true);
    });
    io_.restart();
    io_.run();
    if (visit.isOverdue) visit.reason = "no end within " + std::to_string(limit.count() / 1000) + " s";
    return visit;
  }

  std::string base_;
  std::string agent_;
  const PeerArguments& peer_;
  const std::chrono::milliseconds patience_;
  asio::io_context io_;
  asio::steady_timer limit_;
  WebSocketClientFactory factory_;
};

/// The walk through all cases, by several visitors at a time.
class Walk {
 public:
  Walk(int first, int last, bool isTalkative) : next_(first), last_(last), isTalkative_(isTalkative) {}

  void go(Visitor& visitor) {
    while (!isStopped_) {
      const int number = next_++;
      if (number > last_) return;
      const CaseInfo info = visitor.caseInfo(number);
      if (isStopped_) return;
      const Visit visit = visitor.runCase(info.url);
      if (isStopped_) return;
      record(number, info, visit, visitor.caseStatus(number));
    }
  }

  void stop() { isStopped_ = true; }

  /// Prints the totals. Whether all went well.
  bool summarize() const {
    int all = 0;
    std::string totals;
    for (const auto& [status, count] : counts_) {
      all += count;
      totals += ", " + std::to_string(count) + " " + status;
    }
    std::cout << all << (all == 1 ? " case" : " cases") << totals << std::endl;
    return failures_ == 0;
  }

 private:
  void record(int number, const CaseInfo& info, const Visit& visit, std::string status) {
    const std::lock_guard lock(mutex_);
    const bool isFailure = behaviorOf(status) == Behavior::failed;
    const bool isUntold = status.empty();
    if (isUntold) status = "not told";
    ++counts_[status];
    if (isFailure) ++failures_;
    // A connection that does not come about may be what a case wants: only the harness knows.
    if (!isFailure && !isTalkative_ && (!isUntold || visit.wasOpen)) return;
    std::cout << "case " << number << (info.id.empty() ? "" : " (" + printable(info.id) + ")") << ": "
              << printable(status) << (visit.wasOpen ? "" : ", no connection: " + printable(visit.reason))
              << std::endl;
  }

  std::atomic<int> next_;
  const int last_;
  const bool isTalkative_;
  std::atomic<bool> isStopped_ = false;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  int failures_ = 0;
};

class TesteeClient final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    app.add_option("-w,--wsuri,url", url_, "the fuzzing server (default: ws://127.0.0.1:9001)")
        ->option_text("URL")
        ->expected(1);
    peer_.addTlsTo(app);
    app.add_option("-i,--ident,--agent", agent_, "name in the report (default: AutobahnCpp)")
        ->option_text("NAME");
    app.add_option("--first", first_, "first case (default: 1)")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    app.add_option("--last", last_, "last case (default: the last)")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    app.add_option("--jobs", jobs_, "cases at a time (default: 1)")
        ->check(CLI::Range(1, 256))
        ->option_text("N");
    addSeconds(app, "--patience", patience_, "for the harness to answer a question (default: 30)");
    app.add_flag("--all", isTalkative_, "a line for each case, not only for failures");
  }

  int run() override {
    std::vector<std::unique_ptr<Visitor>> visitors;
    visitors.reserve(static_cast<std::size_t>(jobs_));
    for (int i = 0; i < jobs_; ++i)
      visitors.push_back(std::make_unique<Visitor>(url_, peer_, agent_, toDuration(*patience_)));
    const int count = visitors.front()->caseCount();
    const int last = last_ == 0 ? count : last_;
    if (last > count || first_ > last) {
      throw std::invalid_argument("cases " + std::to_string(first_) + " to " + std::to_string(last) +
                                  " are not to be had: there are " + std::to_string(count));
    }
    stopOnSignals();  // from here on Ctrl-C is an end in order: whoever reads the next line may count on it
    std::cout << "cases " << first_ << " to " << last << " of " << url_ << " as " << agent_ << std::endl;
    Walk walk(first_, last, isTalkative_);
    const bool isInterrupted = runOnThreads(
        jobs_, [&](int i) { walk.go(*visitors[static_cast<std::size_t>(i)]); },
        [&] {
          walk.stop();
          for (const auto& each : visitors) each->interrupt();
        });
    if (!isInterrupted) visitors.front()->updateReports();
    const bool isWell = walk.summarize();
    if (isInterrupted) return kInterrupted;
    std::cout << "reports updated" << std::endl;
    return isWell ? 0 : 1;
  }

 private:
  std::string url_ = "ws://127.0.0.1:9001";
  PeerArguments peer_;
  std::string agent_ = "AutobahnCpp";
  int first_ = 1;
  int last_ = 0;
  int jobs_ = 1;
  std::optional<double> patience_ = 30;
  bool isTalkative_ = false;
};

}  // namespace

std::unique_ptr<Mode> makeTesteeClient() { return std::make_unique<TesteeClient>(); }

}  // namespace wstest
