#include "desk.hpp"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "values.hpp"

namespace interop {

using namespace autobahn::wamp;

namespace {

constexpr const char* kError = "com.interop.error.custom";

const Value& valueNamed(const std::string& name) {
  const auto found = namedValues().find(name);
  if (found == namedValues().end()) throw ApplicationError(error::kInvalidArgument, {"no value " + name});
  return found->second;
}

bool check(std::string name, Value value) {
  if (value == valueNamed(name)) return true;
  throw ApplicationError("com.interop.error.differs",
                         {name + ": wanted " + valueNamed(name).toString() + " (" +
                          std::string(typeName(valueNamed(name).type())) + "), got " + value.toString() +
                          " (" + std::string(typeName(value.type())) + ")"});
}

void fail(std::string what) {
  if (what == "plain") throw std::runtime_error("something broke");
  throw ApplicationError(kError, {"text", 7}, {{"key", List{1, 2}}});
}

int count(int n, CallDetails details) {
  for (int i = 0; i < n; ++i) details.progress(i);
  return n;
}

template <class T>
Value orNull(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

/// An option that the caller has given.
template <class T>
void take(const Dict& options, std::string_view name, T& into) {
  const auto found = options.find(name);
  if (found != options.end()) into = convert<T>(found->second);
}

/// Sessions that the caller has given; JavaScript's large numbers may come as floating point.
void takeIds(const Dict& options, std::string_view name, std::optional<std::vector<Id>>& into) {
  std::optional<std::vector<double>> given;
  take(options, name, given);
  if (given) into.emplace(given->begin(), given->end());
}

}  // namespace

Desk::Desk(std::function<void()> ready, Ended failed)
    : ApplicationSession({.realm = "realm1"}), ready_(std::move(ready)), failed_(std::move(failed)) {}

asio::awaitable<void> Desk::onJoin(SessionDetails) {
  interruptedChanged_.emplace(executor(), asio::steady_timer::time_point::max());
  co_await offerValues();
  co_await offerCalls();
  co_await offerPatterns();
  co_await offerTopics();
  co_await offerServices();
  isReady_ = true;
  ready_();
}

void Desk::onLeave(const CloseDetails& details) {
  ApplicationSession::onLeave(details);
  // The router's end is the orderly one.
  if (details.reason != close::kSystemShutdown) failed_(details.reason + " " + details.message);
}

void Desk::onUserError(std::exception_ptr error, std::string_view where) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& caught) {
    const std::string problem = std::string(where) + ": " + caught.what();
    if (!isReady_) return failed_(problem);
    std::cerr << "interop_wamp: " << problem << std::endl;  // endpoints may throw: the caller hears of it
  }
}

asio::awaitable<void> Desk::offerValues() {
  co_await registerProcedure("com.interop.echo", [](CallArgs args) {
    CallResult result;
    result.results = std::move(args.args);
    result.kwresults = std::move(args.kwargs);
    return result;
  });
  co_await registerProcedure("com.interop.nothing", [] {});
  co_await registerProcedure("com.interop.several", [] {
    CallResult result;
    result.results = {1, "two", true};
    result.kwresults = {{"three", 3}};
    return result;
  });
  co_await registerProcedure("com.interop.value", [](std::string name) { return valueNamed(name); });
  co_await registerProcedure("com.interop.check", check);
}

asio::awaitable<void> Desk::offerCalls() {
  co_await registerProcedure("com.interop.fail", fail);
  co_await registerProcedure("com.interop.count", count);
  co_await registerProcedure("com.interop.caller",
                             [](CallDetails details) { return orNull(details.caller); });
  co_await registerProcedure("com.interop.sleep", this, &Desk::sleep);
}

asio::awaitable<void> Desk::offerPatterns() {
  RegisterOptions options;
  options.match = Match::prefix;
  co_await registerProcedure(
      "com.interop.prefix", [](CallDetails details) { return details.procedure; }, options);
  options.match = Match::wildcard;
  co_await registerProcedure(
      "com.interop.wild..card", [](CallDetails details) { return details.procedure; }, options);
}

asio::awaitable<void> Desk::offerTopics() {
  const auto handler = [this](CallArgs args, EventDetails details) { remember(args, details); };
  SubscribeOptions options;
  co_await subscribe("com.interop.topic", handler, options);
  options.match = Match::prefix;
  co_await subscribe("com.interop.topics.", handler, options);
  options.match = Match::wildcard;
  co_await subscribe("com.interop..changed", handler, options);
}

asio::awaitable<void> Desk::offerServices() {
  co_await registerProcedure("com.interop.events", [this] { return std::exchange(events_, {}); });
  co_await registerProcedure("com.interop.publish", this, &Desk::publishFor);
  co_await registerProcedure("com.interop.call_back", this, &Desk::callBack);
  co_await registerProcedure("com.interop.interrupted", this, &Desk::interrupted);
  RegisterOptions options;
  options.discloseCaller = true;
  co_await registerProcedure(
      "com.interop.who",
      [](CallDetails details) {
        return Dict{{"session", orNull(details.caller)},
                    {"authid", orNull(details.callerAuthid)},
                    {"authrole", orNull(details.callerAuthrole)}};
      },
      options);
  co_await registerProcedure(
      "com.interop.dismiss",
      [this](CallDetails details) {  // the caller may hear of its end before it hears of this call's
        CallArgs args{{details.caller.value()},
                      {{"reason", "com.interop.close.dismissed"}, {"message", "you may go"}}};
        call("wamp.session.kill", std::move(args), {}, [](std::exception_ptr, Value) {});
      },
      options);
}

asio::awaitable<void> Desk::sleep(CallDetails details) {
  details.progress("asleep");
  asio::steady_timer timer(executor(), asio::steady_timer::time_point::max());
  try {
    co_await timer.async_wait(asio::use_awaitable);
  } catch (const std::system_error&) {  // interrupted
    ++interrupted_;
    interruptedChanged_->cancel();
    throw;
  }
}

asio::awaitable<int> Desk::interrupted(int wanted) {
  while (interrupted_ < wanted) {
    std::error_code ignored;  // it has changed; when this call is itself interrupted, the next wait throws
    co_await interruptedChanged_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::exchange(interrupted_, 0);
}

asio::awaitable<std::string> Desk::callBack(std::string name, std::string prefix,
                                            std::optional<List> values) {
  List names = std::move(values).value_or(List());
  co_return co_await runCase(*this, std::move(name), std::move(prefix), std::move(names));
}

asio::awaitable<Id> Desk::publishFor(std::string topic, List args, Dict kwargs, Dict options) {
  PublishOptions how;
  take(options, "disclose_me", how.discloseMe);
  takeIds(options, "eligible", how.eligible);
  takeIds(options, "exclude", how.exclude);
  take(options, "retain", how.retain);
  CallArgs what{std::move(args), std::move(kwargs)};
  const Publication done = co_await publish(topic, std::move(what), std::move(how), asio::use_awaitable);
  co_return done.id;
}

void Desk::remember(const CallArgs& args, const EventDetails& details) {
  events_.push_back(Dict{{"topic", details.topic},
                         {"args", args.args},
                         {"kwargs", args.kwargs},
                         {"publisher", orNull(details.publisher)}});
}

}  // namespace interop
