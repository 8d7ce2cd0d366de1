#include "commands.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "process.hpp"

namespace wamp_tool {

using namespace autobahn::wamp;

namespace {

std::string lineOf(const CallResult& result, bool isFull) {
  if (!isFull && result.kwresults.empty()) {
    if (result.results.empty()) return "null";
    if (result.results.size() == 1) return toJson(result.results[0]);
  }
  return "{\"args\":" + toJson(result.results) + ",\"kwargs\":" + toJson(result.kwresults) + "}";
}

std::string lineOf(const CallArgs& args, const EventDetails& details) {
  Dict event{{"topic", details.topic},
             {"args", args.args},
             {"kwargs", args.kwargs},
             {"publication", details.publication}};
  if (details.publisher) event["publisher"] = *details.publisher;
  if (details.publisherAuthid) event["publisher_authid"] = *details.publisherAuthid;
  if (details.publisherAuthrole) event["publisher_authrole"] = *details.publisherAuthrole;
  if (details.retained) event["retained"] = true;
  return toJson(event);
}

/// Ends when the session does, by being cancelled.
asio::awaitable<int> waitForEver(ApplicationSession& session) {
  asio::steady_timer forEver(session.executor(), asio::steady_timer::time_point::max());
  co_await forEver.async_wait(asio::use_awaitable);
  co_return kDone;
}

asio::awaitable<int> callRepeatedly(ApplicationSession& session, const CallSettings& settings, CallArgs args,
                                    CallOptions options) {
  for (std::uint64_t i = 0; i < settings.repeat; ++i) {
    CallArgs mine = args;
    CallOptions how = options;
    const CallResult result =
        co_await session.call<CallResult>(settings.arguments.uri, std::move(mine), std::move(how));
    show(lineOf(result, settings.isFull));
  }
  co_return kDone;
}

asio::awaitable<int> publishOnce(ApplicationSession& session, const PublishSettings& settings,
                                 CallArgs args) {
  PublishOptions options = settings.options();
  const std::string& topic = settings.arguments.uri;
  if (!settings.isAcknowledged) {
    session.publish(topic, std::move(args), std::move(options));
    co_return kDone;
  }
  const Publication done =
      co_await session.publish(topic, std::move(args), std::move(options), asio::use_awaitable);
  show(std::to_string(done.id));
  co_return kDone;
}

/// Shows events, until there have been enough. The session holds it: events may still come when the task
/// ends.
class EventLog {
 public:
  EventLog(const asio::any_io_executor& executor, std::uint64_t limit)
      : enough_(executor, asio::steady_timer::time_point::max()), limit_(limit) {}

  void add(const CallArgs& args, const EventDetails& details) {
    if (isFull()) return;
    show(lineOf(args, details));
    ++count_;
    if (isFull()) enough_.cancel();
  }
  /// Ends when there have been enough, or by being cancelled.
  asio::awaitable<void> waitUntilFull() {
    while (!isFull()) {
      std::error_code ignored;  // when the session ends, the next wait throws
      co_await enough_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

 private:
  bool isFull() const { return limit_ > 0 && count_ >= limit_; }

  asio::steady_timer enough_;
  std::uint64_t limit_;
  std::uint64_t count_ = 0;
};

asio::awaitable<int> showEvents(ApplicationSession& session, const SubscribeSettings& settings) {
  const auto log = std::make_shared<EventLog>(session.executor(), settings.maxEvents);
  SubscribeOptions options = settings.options();
  const auto handler = [log](CallArgs args, EventDetails details) { log->add(args, details); };
  const Subscription subscription = co_await session.subscribe(settings.topic, handler, std::move(options));
  complain("subscribed");
  co_await log->waitUntilFull();
  co_return kDone;
}

/// Runs a program for each call: its arguments are the command's and the call's, as JSON.
class CommandEndpoint final : public Endpoint {
 public:
  CommandEndpoint(asio::io_context& io, std::vector<std::string> command)
      : processes_(io), command_(std::move(command)) {}

  autobahn::websocket::MaybeAwaitable<CallResult> run(CallArgs args, CallDetails details) override {
    return runCommand(std::move(args), std::move(details));
  }

 private:
  asio::awaitable<CallResult> runCommand(CallArgs args, CallDetails details) {
    std::vector<std::string> command = command_;
    for (const Value& each : args.args) command.push_back(toJson(each));
    Processes::Environment environment = {{"WAMP_PROCEDURE", details.procedure},
                                          {"WAMP_ARGS_JSON", toJson(args.args)},
                                          {"WAMP_KWARGS_JSON", toJson(args.kwargs)}};
    Processes::Finished finished = co_await processes_.run(std::move(command), std::move(environment));
    while (finished.output.ends_with('\n')) finished.output.pop_back();
    if (finished.status != 0) {
      throw ApplicationError(error::kRuntimeError,
                             {command_[0] + " ended with status " + std::to_string(finished.status)},
                             {{"status", finished.status}, {"output", finished.output}});
    }
    CallResult result;
    if (!finished.output.empty()) result.results.push_back(valueOf(finished.output));
    co_return result;
  }

  Processes processes_;
  std::vector<std::string> command_;
};

CallResult echo(CallArgs args) {
  CallResult result;
  result.results = std::move(args.args);
  result.kwresults = std::move(args.kwargs);
  return result;
}

asio::awaitable<int> serve(ApplicationSession& session, const RegisterSettings& settings,
                           std::shared_ptr<Endpoint> endpoint) {
  RegisterOptions options = settings.options();
  const Registration registration =
      co_await session.registerEndpoint(settings.procedure, std::move(endpoint), std::move(options));
  complain("registered");
  const int code = co_await waitForEver(session);
  co_return code;
}

}  // namespace

int call(asio::io_context& io, ConnectionSettings& connection, const CallSettings& settings) {
  CallArgs args = settings.arguments.parsed();
  CallOptions options;
  options.timeout = connection.callTimeout();
  if (settings.disclosesMe) options.discloseMe = true;
  if (settings.showsProgress) {
    options.onProgress = [&settings](CallResult part) { show(lineOf(part, settings.isFull)); };
  }
  const auto task = [&](ApplicationSession& session) {
    return callRepeatedly(session, settings, args, options);
  };
  return runTask(io, connection, task, false);
}

int publish(asio::io_context& io, ConnectionSettings& connection, const PublishSettings& settings) {
  CallArgs args = settings.arguments.parsed();
  const auto task = [&](ApplicationSession& session) { return publishOnce(session, settings, args); };
  return runTask(io, connection, task, false);
}

int subscribe(asio::io_context& io, ConnectionSettings& connection, const SubscribeSettings& settings) {
  const auto task = [&](ApplicationSession& session) { return showEvents(session, settings); };
  return runTask(io, connection, task, true);
}

int registerProcedure(asio::io_context& io, ConnectionSettings& connection,
                      const RegisterSettings& settings) {
  if (settings.isEcho != settings.command.empty()) {
    throw std::invalid_argument("register: URI COMMAND [ARGUMENTS…], or --echo and URI alone");
  }
  std::shared_ptr<Endpoint> endpoint = makeEndpoint(echo);
  if (!settings.isEcho) endpoint = std::make_shared<CommandEndpoint>(io, settings.command);
  const auto task = [&](ApplicationSession& session) { return serve(session, settings, endpoint); };
  return runTask(io, connection, task, true);
}

}  // namespace wamp_tool
