// What serializers do when memory runs out, at every allocation in turn. The contract: std::bad_alloc comes
// out, nothing is left, `out` of `serialize` is as it was, and the serializer is as good as before: the same
// object then reads and writes the same messages.
#include <algorithm>

#include "../testing/messages.hpp"
#include "util/src/testing/failing_new.hpp"

namespace autobahn::wamp::testing {
namespace {

using util::testing::failEachAllocation;
using util::testing::Shortage;
using util::testing::ShortMemory;

constexpr std::string_view kArgs =
    R"([1,-2,18446744073709551615,2.5,"a text that has no room in a string by itself",[[],[[{"k":[null,true]}]]],{"a":{"b":["c"]}}])";
constexpr std::string_view kKwargs =
    R"({"key":{"nested":[1,2,{"deep":"another text that is longer than that"}]}})";

/// CALL with a bit of everything.
Message callMessage(bool hasRoomForAll) {
  message::Call call{.request = 7814135,
                     .options = {.timeout = std::chrono::milliseconds(1000)},
                     .procedure = Text("com.myapp.procedure.with.a.name.that.is.long"),
                     .payload = Payload(fromJson(kArgs).asList(), fromJson(kKwargs).asDict())};
  if (hasRoomForAll) call.options.custom = Dict{{"x_of_ours", List{1, "two", Dict{{"three", 3}}}}};
  return call;
}

/// HELLO has no payload: all of it is values.
Message helloMessage(bool hasRoomForAll) {
  message::Hello hello{.realm = Text("a.realm.with.a.name.that.is.not.short")};
  for (const Role role : {Role::caller, Role::callee}) {
    hello.details.roles.add(role);
    for (std::size_t i = 0; i < kFeatureCount; ++i) hello.details.roles.add(role, static_cast<Feature>(i));
  }
  hello.details.authmethods = std::vector<Text>{Text("ticket"), Text("wampcra")};
  if (hasRoomForAll) hello.details.authextra = fromJson(kKwargs).asDict();
  return hello;
}

class SerializerOutOfMemory : public ::testing::TestWithParam<std::string_view> {
 protected:
  /// FlatBuffers has a place for what its schema knows.
  bool hasRoomForAll() const { return !GetParam().starts_with("flatbuffers"); }
};

TEST_P(SerializerOutOfMemory, ReadingAndItsValues) {
  for (const Message& message : {callMessage(hasRoomForAll()), helloMessage(hasRoomForAll())}) {
    const std::string bytes = serialize(*makeSerializer(GetParam()), message);
    const std::string json = toJson(unserialize(*makeSerializer(GetParam()), bytes));
    failEachAllocation("reading", [&](std::size_t at, Shortage shortage) {
      const auto serializer = makeSerializer(GetParam());
      std::vector<Message> messages;
      bool failed = false;
      {
        const ShortMemory memory(at, shortage);
        try {
          const Problem problem = serializer->unserialize(bytes, serializer->isBinary(), messages);
          if (problem || messages.empty()) throw std::bad_alloc();
          if (const auto* call = std::get_if<message::Call>(&messages.front())) {
            static_cast<void>(call->payload.args());
            static_cast<void>(call->payload.kwargs());
          }
        } catch (const std::bad_alloc&) {
        }
        failed = memory.hasFailed();
      }
      // What could be read whole is good; its values come when there is memory.
      for (const Message& each : messages) EXPECT_EQ(toJson(each), json);
      EXPECT_EQ(toJson(unserialize(*serializer, bytes)), json);
      return failed;
    });
  }
}

TEST_P(SerializerOutOfMemory, Writing) {
  const std::string before(250, 'b');  // so that there is no room for more
  for (const Message& message : {callMessage(hasRoomForAll()), helloMessage(hasRoomForAll())}) {
    const std::string bytes = serialize(*makeSerializer(GetParam()), message);
    failEachAllocation("writing", [&](std::size_t at, Shortage shortage) {
      const auto serializer = makeSerializer(GetParam());
      util::ByteBuffer out;
      out.append(before);
      bool failed = false;
      {
        const ShortMemory memory(at, shortage);
        try {
          const Problem problem = serializer->serialize(message, out);
          failed = problem.has_value();
        } catch (const std::bad_alloc&) {
          failed = true;
        }
        EXPECT_EQ(failed, memory.hasFailed());
      }
      EXPECT_EQ(out.view().substr(0, before.size()), before);
      EXPECT_EQ(out.size(), failed ? before.size() : before.size() + bytes.size());
      EXPECT_EQ(serialize(*serializer, message), bytes);
      return failed;
    });
  }
}

/// A payload of one encoding, written in another.
TEST_P(SerializerOutOfMemory, CarryingOver) {
  const std::string_view other = GetParam() == "json" ? "cbor" : "json";
  const Message message = callMessage(hasRoomForAll());
  const std::string bytes = serialize(*makeSerializer(other), message);
  failEachAllocation("carrying over", [&](std::size_t at, Shortage shortage) {
    const auto reader = makeSerializer(other);
    const auto writer = makeSerializer(GetParam());
    const Message read = unserialize(*reader, bytes);
    util::ByteBuffer out;
    bool failed = false;
    {
      const ShortMemory memory(at, shortage);
      try {
        failed = writer->serialize(read, out).has_value();
      } catch (const std::bad_alloc&) {
        failed = true;
      }
      EXPECT_EQ(failed, memory.hasFailed());
    }
    EXPECT_EQ(out.empty(), failed);
    const std::string again = serialize(*writer, read);
    EXPECT_EQ(toJson(unserialize(*makeSerializer(GetParam()), again)), toJson(message));
    return failed;
  });
}

INSTANTIATE_TEST_SUITE_P(All, SerializerOutOfMemory, ::testing::ValuesIn(serializerIds()),
                         [](const auto& tested) {
                           std::string name(tested.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace autobahn::wamp::testing
