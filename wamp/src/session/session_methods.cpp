// What sessions do by means of their own operations: testaments, several methods at once.
#include <autobahn/wamp/session.hpp>

namespace autobahn::inline v0::wamp {
namespace {

template <class T>
void add(Dict& dict, const char* key, const std::optional<T>& value) {
  if (value) dict.emplace(key, toValue(*value));
}

// As in PUBLISH.Options.
Dict dictOf(const PublishOptions& options) {
  Dict dict = options.custom;
  if (options.acknowledge) dict.emplace("acknowledge", true);
  add(dict, "exclude_me", options.excludeMe);
  add(dict, "exclude", options.exclude);
  add(dict, "exclude_authid", options.excludeAuthid);
  add(dict, "exclude_authrole", options.excludeAuthrole);
  add(dict, "eligible", options.eligible);
  add(dict, "eligible_authid", options.eligibleAuthid);
  add(dict, "eligible_authrole", options.eligibleAuthrole);
  if (options.retain) dict.emplace("retain", true);
  add(dict, "disclose_me", options.discloseMe);
  return dict;
}

template <class Details>
std::shared_ptr<Handler<Details>> withParameters(const UriPattern& pattern,
                                                 std::shared_ptr<Handler<Details>> handler) {
  if (!pattern.hasParameters()) return handler;
  return std::make_shared<PatternHandler<Details>>(pattern, std::move(handler));
}

// Exact is what a router assumes.
std::optional<Match> matchOf(const UriPattern& pattern) {
  return pattern.hasParameters() ? std::optional(pattern.match()) : std::nullopt;
}

}  // namespace

asio::awaitable<void> ApplicationSession::addTestament(std::string topic, CallArgs args,
                                                       PublishOptions options, std::string scope) {
  CallArgs request;
  request.args = {resolve(topic), std::move(args.args), std::move(args.kwargs)};
  request.kwargs = {{"publish_options", dictOf(options)}, {"scope", std::move(scope)}};
  auto calling = call<void>("wamp.session.add_testament", std::move(request));
  co_await std::move(calling);
}

asio::awaitable<void> ApplicationSession::flushTestaments(std::string scope) {
  CallArgs request;
  request.kwargs = {{"scope", std::move(scope)}};
  // Some routers say how many there were.
  auto calling = call<CallResult>("wamp.session.flush_testaments", std::move(request));
  co_await std::move(calling);
}

asio::awaitable<std::vector<Registration>> ApplicationSession::registerAll(
    std::string prefix, std::vector<MethodEntry<CallDetails>> entries) {
  std::vector<Registration> all;
  for (auto& each : entries) {
    const UriPattern pattern(prefix + each.pattern);
    RegisterOptions options;
    options.match = matchOf(pattern);
    auto registering =
        registerEndpoint(pattern.uri(), withParameters(pattern, std::move(each.handler)), std::move(options));
    all.push_back(co_await std::move(registering));
  }
  co_return all;
}

asio::awaitable<std::vector<Subscription>> ApplicationSession::subscribeAll(
    std::string prefix, std::vector<MethodEntry<EventDetails>> entries) {
  std::vector<Subscription> all;
  for (auto& each : entries) {
    const UriPattern pattern(prefix + each.pattern);
    SubscribeOptions options;
    options.match = matchOf(pattern);
    auto subscribing =
        subscribeHandler(pattern.uri(), withParameters(pattern, std::move(each.handler)), std::move(options));
    all.push_back(co_await std::move(subscribing));
  }
  co_return all;
}

}  // namespace autobahn::inline v0::wamp
