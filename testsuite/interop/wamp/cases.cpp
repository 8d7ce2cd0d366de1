// What our session does with the procedures of a peer.
#include <algorithm>
#include <asio/post.hpp>
#include <autobahn/wamp/convert.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "desk.hpp"
#include "values.hpp"

namespace interop {

using namespace autobahn::wamp;

namespace {

void require(bool isRight, const std::string& problem) {
  if (!isRight) throw ApplicationError("com.interop.error.case_failed", {problem});
}

std::string text(const CallResult& result) {
  return Value(result.results).toString() + " " + Value(result.kwresults).toString();
}

/// One peer's procedures, called by our session.
class Caller {
 public:
  Caller(ApplicationSession& session, std::string prefix, List values)
      : session_(session), prefix_(std::move(prefix)), values_(std::move(values)) {}

  asio::awaitable<std::string> echo();
  asio::awaitable<std::string> values();
  asio::awaitable<std::string> results();
  asio::awaitable<std::string> errors();
  asio::awaitable<std::string> progress();
  asio::awaitable<std::string> identity();
  asio::awaitable<std::string> patterns();
  asio::awaitable<std::string> cancel() { return cancelBy(CancelMode::kill); }
  asio::awaitable<std::string> skip() { return cancelBy(CancelMode::skip); }
  asio::awaitable<std::string> timeout();

 private:
  asio::awaitable<std::string> cancelBy(CancelMode mode);
  /// The error that a call ends with.
  asio::awaitable<ApplicationError> failure(std::string name, CallArgs args, CallOptions options = {}) {
    try {
      const CallResult result =
          co_await session_.call<CallResult>(prefix_ + name, std::move(args), std::move(options));
      throw std::runtime_error(name + " succeeded: " + text(result));
    } catch (const ApplicationError& error) {
      co_return error;
    }
  }
  asio::awaitable<CallResult> call(std::string name, CallArgs args, CallOptions options = {}) {
    const std::string uri = prefix_ + name;
    CallResult result = co_await session_.call<CallResult>(uri, std::move(args), std::move(options));
    co_return result;
  }

  ApplicationSession& session_;
  std::string prefix_;
  List values_;
};

asio::awaitable<std::string> Caller::echo() {
  const CallArgs sent[] = {
      {{}, {}},
      {{1}, {}},
      {{1, "zwei", nullptr, List{}}, {}},
      {{}, {{"a", 1}, {"b", List{true, "c"}}}},
      {{"both", Dict{{"x", "y"}}}, {{"kw", "ärgs"}}},
  };
  for (const CallArgs& each : sent) {
    CallArgs args = each;
    const CallResult back = co_await call(".echo", std::move(args));
    // A peer may answer nothing as null: to its language they are the same.
    const bool isNull = each.args.empty() && each.kwargs.empty() && back.results == List{nullptr};
    require(isNull || back.results == each.args, "args: " + text(back));
    require(back.kwresults == each.kwargs, "kwargs: " + text(back));
  }
  co_return std::to_string(std::size(sent)) + " echoes";
}

asio::awaitable<std::string> Caller::values() {
  for (const Value& each : values_) {
    const std::string name = each.asString();
    const Value& value = namedValues().at(name);
    CallArgs told{{name, value}, {}};
    const CallResult verdict = co_await call(".check", std::move(told));
    require(verdict.results == List{true}, name + " as the peer got it: " + text(verdict));
    CallArgs asked{{name}, {}};
    const CallResult given = co_await call(".value", std::move(asked));
    require(given.results == List{value}, name + ", given by the peer: " + text(given));
    CallArgs there{{value}, {}};
    const CallResult back = co_await call(".echo", std::move(there));
    require(back.results == List{value}, name + ", echoed: " + text(back));
  }
  co_return std::to_string(values_.size()) + " values";
}

asio::awaitable<std::string> Caller::results() {
  CallArgs none;
  const CallResult several = co_await call(".several", none);
  require(several.results == List{1, "two", true} && several.kwresults == Dict{{"three", 3}},
          "several: " + text(several));
  const CallResult nothing = co_await call(".nothing", none);
  require((nothing.results.empty() || nothing.results == List{nullptr}) && nothing.kwresults.empty(),
          "nothing: " + text(nothing));
  co_return "";
}

asio::awaitable<std::string> Caller::errors() {
  CallArgs own{{"error"}, {}};
  const ApplicationError custom = co_await failure(".fail", std::move(own));
  require(custom.error() == "com.interop.error.custom", "URI " + custom.error());
  require(custom.args() == List{"text", 7}, "args " + Value(custom.args()).toString());
  const auto key = custom.kwargs().find("key");  // a peer may add attributes of its own
  require(key != custom.kwargs().end() && key->second == List{1, 2},
          "kwargs " + Value(custom.kwargs()).toString());
  CallArgs broken{{"plain"}, {}};
  const ApplicationError plain = co_await failure(".fail", std::move(broken));
  // wampy has a URI of its own for it.
  require(plain.error() == error::kRuntimeError || plain.error() == "wamp.error.invocation_exception",
          "of an exception: " + plain.errorMessage());
  CallArgs none;
  const ApplicationError missing = co_await failure(".not_there", std::move(none));
  require(missing.error() == error::kNoSuchProcedure, missing.errorMessage());
  co_return plain.errorMessage();
}

asio::awaitable<std::string> Caller::progress() {
  List seen;
  CallOptions options;
  options.onProgress = [&seen](CallResult part) { seen.push_back(part.results.at(0)); };
  CallArgs five{{5}, {}};
  const CallResult last = co_await call(".count", std::move(five), std::move(options));
  require(seen == List{0, 1, 2, 3, 4}, "progress " + Value(seen).toString());
  require(last.results == List{5}, "result " + text(last));
  co_return "";
}

asio::awaitable<std::string> Caller::identity() {
  for (const bool isDisclosed : {false, true}) {
    CallOptions options;
    options.discloseMe = isDisclosed;
    CallArgs none;
    const CallResult seen = co_await call(".caller", std::move(none), std::move(options));
    // JavaScript's large numbers may come back as floating point.
    const Value got = seen.results.at(0);
    const bool isRight =
        isDisclosed ? convert<double>(got) == static_cast<double>(session_.sessionId()) : got.isNull();
    require(isRight, "caller " + text(seen));
  }
  co_return "";
}

asio::awaitable<std::string> Caller::patterns() {
  for (const std::string name : {".prefix.some.thing", ".prefix.other", ".wild.any.card"}) {
    CallArgs none;
    const CallResult called = co_await call(name, std::move(none));
    require(called.results == List{prefix_ + name}, text(called));
  }
  co_return "";
}

asio::awaitable<std::string> Caller::cancelBy(CancelMode mode) {
  CallOptions options;
  options.control.emplace();
  // The call has reached the peer when its first progressive result comes.
  options.onProgress = [control = *options.control, mode](CallResult) { control.cancel(mode); };
  CallArgs none;
  const ApplicationError canceled = co_await failure(".sleep", std::move(none), std::move(options));
  require(canceled.error() == error::kCanceled, canceled.errorMessage());
  co_return "";
}

asio::awaitable<std::string> Caller::timeout() {
  CallOptions options;
  options.timeout = std::chrono::milliseconds(20);
  CallArgs none;
  const ApplicationError late = co_await failure(".sleep", std::move(none), std::move(options));
  require(late.error() == error::kTimeout, late.errorMessage());
  co_return "";
}

struct Case {
  std::string_view name;
  asio::awaitable<std::string> (Caller::*run)();
};
constexpr Case kCases[] = {
    {"echo", &Caller::echo},         {"values", &Caller::values},     {"results", &Caller::results},
    {"errors", &Caller::errors},     {"progress", &Caller::progress}, {"identity", &Caller::identity},
    {"patterns", &Caller::patterns}, {"cancel", &Caller::cancel},     {"skip", &Caller::skip},
    {"timeout", &Caller::timeout},
};

}  // namespace

asio::awaitable<std::string> runCase(ApplicationSession& session, std::string name, std::string prefix,
                                     List values) {
  const auto found =
      std::find_if(std::begin(kCases), std::end(kCases), [&](const Case& each) { return each.name == name; });
  if (found == std::end(kCases)) throw ApplicationError(error::kInvalidArgument, {"no case " + name});
  Caller caller(session, std::move(prefix), std::move(values));
  std::string note = co_await (caller.*found->run)();
  co_return note;
}

}  // namespace interop
