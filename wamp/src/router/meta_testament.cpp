// wamp.session.add_testament and flush_testaments (advanced profile, session testament).
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <memory>
#include <utility>

#include "../messages/parts.hpp"
#include "../serializers/codecs.hpp"
#include "meta.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

bool isForDetached(const MetaCall& call) {
  const std::string scope = stringKeyword(call, "scope").value_or("destroyed");
  if (scope != "destroyed" && scope != "detached") {
    throw ApplicationError(error::kInvalidArgument, {"scope: \"destroyed\" or \"detached\" wanted"});
  }
  return scope == "detached";
}

// The topic and options of a PUBLISH, checked as if it had come from the client.
message::Publish checkedPublish(const std::string& topic, const Dict& options) {
  Encoder& encoder = threadEncoder(*findCodec(Encoding::json));
  util::ByteBuffer bytes;
  encoder.start(bytes, kHighestMaxDepth);
  encodeValue(encoder, List{message::Publish::kCode, 1, options, topic});
  std::vector<Message> messages;
  Problem problem = encoder.failed() ? Problem(encoder.error())
                                     : makeSerializer("json")->unserialize(bytes.view(), false, messages);
  if (problem) throw ApplicationError(error::kInvalidArgument, {*problem});
  return std::get<message::Publish>(std::move(messages.at(0)));
}

Payload compact(List args, Dict kwargs) {
  try {
    return Payload(std::move(args), std::move(kwargs)).detached();
  } catch (const SerializationError& error) {
    throw ApplicationError(error::kInvalidArgument, {error.what()});
  }
}

std::vector<Testament>& keptFor(Session& session, bool isDetached) {
  return isDetached ? session.detachedTestaments : session.destroyedTestaments;
}

void forget(Session& session, Testament& testament) {
  session.waitingOctets -= std::exchange(testament.octets, 0);
}

// Takes its place before the authorizer is asked, so that what waits for it counts as well.
void take(Session& session, bool isDetached, const Testament& testament) {
  const std::size_t most = session.limits.testaments;
  if (keptFor(session, isDetached).size() + session.askedTestaments >= most) {
    throw ApplicationError(error::kLimitExceeded, {limitReached("testaments", most)});
  }
  if (!session.mayWait(testament.octets)) {
    throw ApplicationError(error::kLimitExceeded,
                           {limitReached("octets of what waits", session.limits.waitingOctets)});
  }
  session.waitingOctets += testament.octets;
  ++session.askedTestaments;
}

std::optional<List> addTestament(MetaCall& call) {
  const bool isDetached = isForDetached(call);
  auto [topic, args, kwargs, keywords] =
      convertArguments<std::string, std::optional<List>, std::optional<Dict>, Keywords<>>(call.args,
                                                                                          call.kwargs);
  const auto options = call.kwargs.find("publish_options");
  message::Publish publish =
      checkedPublish(topic, options == call.kwargs.end() ? Dict() : convert<Dict>(options->second));
  if (isReservedUri(topic)) throw ApplicationError(error::kInvalidUri, {topic});
  const std::size_t size = heldOctets(Message(publish));
  Payload payload = compact(std::move(args).value_or(List()), std::move(kwargs).value_or(Dict()));
  const std::size_t octets = size + topic.size() + payload.buffer().view().size();
  const auto testament = std::make_shared<Testament>(
      Testament{std::move(topic), std::move(publish.options), std::move(payload), octets});
  take(call.caller, isDetached, *testament);
  // What a session may not publish it may not leave behind either.
  const AuthorizationRequest question{call.caller.info, Action::publish, testament->topic};
  call.realm.ask(call.caller, question,
                 [&out = call.realm.outbox(), request = call.request, isDetached, testament](
                     Session& session, const Permission& permission) {
                   --session.askedTestaments;
                   if (!permission.allow) {
                     forget(session, *testament);
                     return refuse(out, session, message::Call::kCode, request, error::kNotAuthorized);
                   }
                   keptFor(session, isDetached).push_back(std::move(*testament));
                   out.send(session, message::Result{.request = request});
                 });
  return std::nullopt;
}

std::optional<List> flushTestaments(MetaCall& call) {
  auto& kept = keptFor(call.caller, isForDetached(call));
  for (Testament& each : kept) forget(call.caller, each);
  kept.clear();
  return List{};
}

constexpr MetaProcedure kProcedures[] = {
    {"wamp.session.add_testament", addTestament},
    {"wamp.session.flush_testaments", flushTestaments},
};

}  // namespace

std::span<const MetaProcedure> testamentProcedures() { return kProcedures; }

}  // namespace autobahn::inline v0::wamp::router
