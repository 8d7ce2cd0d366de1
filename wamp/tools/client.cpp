#include "client.hpp"

#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

namespace wamp_tool {

using namespace autobahn::wamp;

namespace {

/// URI and arguments in one line.
std::string textOf(const ApplicationError& error) {
  try {
    std::string text = error.error();
    if (!error.args().empty() || !error.kwargs().empty()) text += " " + toJson(error.args());
    if (!error.kwargs().empty()) text += " " + toJson(error.kwargs());
    return text;
  } catch (const SerializationError&) {
    return error.errorMessage();
  }
}

class TaskSession final : public ApplicationSession {
 public:
  TaskSession(ComponentConfig config, Task task)
      : ApplicationSession(std::move(config)), task_(std::move(task)) {}

  asio::awaitable<void> onJoin(SessionDetails) override {
    hasJoined_ = true;
    try {
      const int code = co_await task_(*this);
      exitCode_ = code;
    } catch (const ApplicationError& error) {
      if (!isEnding_ && isAttached()) complain(textOf(error));
    } catch (const std::exception& error) {
      if (!isEnding_ && isAttached()) complain(error.what());
    }
    end();
  }
  void onLeave(const CloseDetails& details) override {
    if (!isEnding_) {
      exitCode_ = kFailed;
      complain(details.reason + (details.message.empty() ? "" : ": " + details.message));
      hasComplained_ = true;
    }
    ApplicationSession::onLeave(details);
  }
  void onUserError(std::exception_ptr error, std::string_view where) override {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& caught) {
      complain(std::string(where) + ": " + caught.what());
    }
  }

  /// Leaves, in order.
  void end() {
    isEnding_ = true;
    if (isAttached()) return leave();
    disconnect();
  }
  bool hasJoined() const { return hasJoined_; }
  bool hasComplained() const { return hasComplained_; }
  int exitCode() const { return exitCode_; }

 private:
  Task task_;
  int exitCode_ = kFailed;
  bool hasJoined_ = false;
  bool isEnding_ = false;  ///< by us
  bool hasComplained_ = false;
};

/// Between the transport and the session: tells when the connection was open, and when and why it ended.
class Watch final : public TransportHandler {
 public:
  using Closed = std::function<void(bool wasOpen, const std::string& reason)>;
  Watch(std::shared_ptr<TransportHandler> session, Closed closed)
      : session_(std::move(session)), closed_(std::move(closed)) {}

  void onOpen(std::shared_ptr<Transport> transport) override {
    wasOpen_ = true;
    session_->onOpen(std::move(transport));
  }
  void onMessage(Message message) override { session_->onMessage(std::move(message)); }
  void onBadMessage(const std::string& problem) override { session_->onBadMessage(problem); }
  void onClose(bool wasClean, const std::string& reason) override {
    session_->onClose(wasClean, reason);
    closed_(wasOpen_, reason);
  }

 private:
  std::shared_ptr<TransportHandler> session_;
  Closed closed_;
  bool wasOpen_ = false;
};

}  // namespace

int runTask(asio::io_context& io, ConnectionSettings& settings, Task task, bool isEndless) {
  ComponentConfig config;
  config.realm = settings.realm;
  config.authenticators = {settings.authenticator()};
  const auto session = std::make_shared<TaskSession>(std::move(config), std::move(task));
  bool wasInterrupted = false;
  int exitCode = kFailed;
  const auto closed = [&](bool wasOpen, const std::string& reason) {
    exitCode = wasOpen ? session->exitCode() : kUnreachable;
    if (wasInterrupted && isEndless) exitCode = kDone;
    if (!wasOpen && !wasInterrupted) complain("unreachable: " + settings.url + ": " + reason);
    if (wasOpen && !session->hasJoined() && !session->hasComplained() && !wasInterrupted) {
      complain("not joined: " + reason);
    }
    io.stop();
  };
  const std::unique_ptr<ClientConnection> connection =
      connectTransport(io, settings.transport(), std::make_shared<Watch>(session, closed));

  asio::steady_timer patience(io, settings.joinTimeout());
  patience.async_wait([&](std::error_code error) {
    if (error || session->hasJoined()) return;
    complain("unreachable: " + settings.url + ": not joined in time");
    exitCode = kUnreachable;
    io.stop();
  });
  asio::signal_set signals(io, SIGINT, SIGTERM);
  std::function<void(std::error_code, int)> interrupted = [&](std::error_code error, int) {
    if (error) return;
    if (std::exchange(wasInterrupted, true) || !session->isConnected()) return io.stop();  // a second time
    session->end();
    signals.async_wait(interrupted);
  };
  signals.async_wait(interrupted);
  io.run();
  return exitCode;
}

void show(const std::string& line) { std::cout << line << std::endl; }

void complain(const std::string& problem) { std::cerr << "wamp: " << problem << std::endl; }

}  // namespace wamp_tool
