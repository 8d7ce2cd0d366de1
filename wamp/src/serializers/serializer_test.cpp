#include <gmock/gmock.h>

#include <algorithm>

#include "../testing/messages.hpp"

namespace autobahn::wamp::testing {
namespace {

using ::testing::HasSubstr;

const std::string kCall = R"([48,1,{},"com.app",[1]])";
const std::string kYield = "[70,2,{}]";

std::vector<Message> readAll(Serializer& serializer, std::string_view bytes, std::string* problem = nullptr) {
  std::vector<Message> messages;
  const Problem found = serializer.unserialize(bytes, serializer.isBinary(), messages);
  if (problem != nullptr) {
    *problem = found.value_or("");
  } else {
    EXPECT_FALSE(found) << *found;
  }
  return messages;
}

TEST(Serializer, KnowsItsNames) {
  const auto json = makeSerializer("json");
  EXPECT_EQ(json->id(), "json");
  EXPECT_EQ(json->subprotocol(), "wamp.2.json");
  EXPECT_EQ(json->rawSocketId(), 1);
  EXPECT_FALSE(json->isBinary());
  EXPECT_EQ(json->encoding(), Encoding::json);
  const auto batched = makeSerializer("json.batched");
  EXPECT_EQ(batched->subprotocol(), "wamp.2.json.batched");
  EXPECT_EQ(batched->rawSocketId(), 0);
  EXPECT_EQ(batched->encoding(), Encoding::json);
}

TEST(Serializer, IsMadeByName) {
  for (const std::string_view id : serializerIds()) {
    const auto serializer = makeSerializer(id);
    ASSERT_TRUE(serializer) << id;
    EXPECT_EQ(serializer->id(), id);
  }
  EXPECT_EQ(makeSerializer("xml"), nullptr);
  EXPECT_EQ(makeSerializer(""), nullptr);
  EXPECT_EQ(makeSerializer(".batched"), nullptr);
  EXPECT_EQ(makeSerializer("json.batched.batched"), nullptr);
  EXPECT_EQ(makeSerializerByRawSocketId(1)->id(), "json");
  EXPECT_EQ(makeSerializerByRawSocketId(0), nullptr);
  EXPECT_EQ(makeSerializerByRawSocketId(15), nullptr);
}

TEST(Serializer, PreferenceIsCborMsgpackUbjsonJson) {
  const std::string_view wanted[] = {"cbor", "msgpack", "ubjson", "json"};
  std::size_t last = 0;
  for (const std::string_view id : defaultSerializerIds()) {
    const auto place = static_cast<std::size_t>(std::ranges::find(wanted, id) - std::begin(wanted));
    EXPECT_LT(place, std::size(wanted)) << id;
    EXPECT_GE(place, last) << id;
    last = place;
  }
}

TEST(Serializer, Counts) {
  const auto serializer = makeSerializer("json");
  util::ByteBuffer out;
  EXPECT_FALSE(serializer->serialize(message(kYield), out));
  EXPECT_FALSE(serializer->serialize(message(kCall), out));
  EXPECT_EQ(out.view(), kYield + kCall) << "appended";
  EXPECT_EQ(serializer->stats().octetsOut, kYield.size() + kCall.size());
  EXPECT_EQ(serializer->stats().messagesOut, 2U);
  readAll(*serializer, kCall);
  EXPECT_EQ(serializer->stats().octetsIn, kCall.size());
  EXPECT_EQ(serializer->stats().messagesIn, 1U);
  serializer->resetStats();
  EXPECT_EQ(serializer->stats().messagesIn, 0U);
}

TEST(Serializer, RefusesTextForBinaryAndTheReverse) {
  for (const std::string_view id : serializerIds()) {
    const auto serializer = makeSerializer(id);
    std::vector<Message> messages;
    const std::string bytes = serialize(*serializer, message(kCall));
    EXPECT_THAT(serializer->unserialize(bytes, !serializer->isBinary(), messages).value_or(""),
                HasSubstr("messages are agreed on (wamp.2."));
    EXPECT_TRUE(messages.empty());
  }
}

TEST(Serializer, LimitsSize) {
  for (const std::string_view id : serializerIds()) {
    const std::string bytes = serialize(*makeSerializer(id), message(kCall));
    const auto exact = makeSerializer(id, {.maxMessageSize = bytes.size()});
    EXPECT_EQ(readAll(*exact, bytes).size(), 1U);
    EXPECT_EQ(serialize(*exact, message(kCall)), bytes);
    const auto small = makeSerializer(id, {.maxMessageSize = 8});
    std::string problem;
    EXPECT_TRUE(readAll(*small, bytes, &problem).empty());
    EXPECT_THAT(problem, HasSubstr("octets, and at most 8 are allowed"));
    util::ByteBuffer out;
    EXPECT_THAT(small->serialize(message(kCall), out).value_or(""), HasSubstr("and at most 8 may be sent"));
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(small->stats().messagesOut, 0U);
  }
}

TEST(Serializer, LimitsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const SerializerOptions options{.maxDepth = 10};
  EXPECT_EQ(refusal(R"([48,1,{},"com.app",)" + nested(9) + "]", options), "");
  EXPECT_THAT(refusal(R"([48,1,{},"com.app",)" + nested(10) + "]", options),
              HasSubstr("nested deeper than 10"));
  EXPECT_THAT(refusal(R"([4,"m",{"a":)" + nested(9) + "}]", options), HasSubstr("nested deeper than 10"));
  EXPECT_THAT(refusal(R"([48,1,{"ignored":)" + nested(9) + "}]", options),
              HasSubstr("nested deeper than 10"));
}

// What npm's wampy sends for `{match: undefined}`.
TEST(Serializer, UndefinedOptionsAreNotThere) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view id;
    std::string_view undefined;
  };
  constexpr Case kCases[] = {
      {"msgpack", "\xD4\x00\x00"sv}, {"msgpack", "\xC0"sv}, {"cbor", "\xF7"sv}, {"cbor", "\xF6"sv}};
  for (const Case& each : kCases) {
    const bool isCbor = each.id == "cbor";
    std::string bytes(isCbor ? "\x84\x18\x20\x01\xA1\x65match"sv : "\x94\x20\x01\x81\xA5match"sv);
    bytes += each.undefined;
    bytes += isCbor ? "\x67"
                      "com.app"sv
                    : "\xA7"
                      "com.app"sv;
    const std::vector<Message> messages = readAll(*makeSerializer(each.id), bytes);
    ASSERT_EQ(messages.size(), 1u) << each.id;
    EXPECT_EQ(std::get<message::Subscribe>(messages[0]),
              (message::Subscribe{.request = 1, .topic = Text("com.app")}));
  }
  const Message hello =
      readAll(*makeSerializer("json"),
              R"([1,"realm1",{"roles":{"callee":{"features":{"call_timeout":null,"call_canceling":true}}}}])")
          .at(0);
  const Roles& roles = std::get<message::Hello>(hello).details.roles;
  EXPECT_FALSE(roles.has(Role::callee, Feature::callTimeout));
  EXPECT_TRUE(roles.has(Role::callee, Feature::callCanceling));
}

TEST(BatchedJson, SeveralMessages) {
  const auto serializer = makeSerializer("json.batched");
  EXPECT_EQ(serialize(*serializer, message(kCall)), kCall + "\x1e");
  const auto messages = readAll(*serializer, kCall + "\x1e" + kYield + "\x1e");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(toJson(messages[0]), kCall);
  EXPECT_EQ(toJson(messages[1]), kYield);
  EXPECT_EQ(serializer->stats().messagesIn, 2U);
  EXPECT_TRUE(readAll(*serializer, "").empty());
}

TEST(BatchedJson, AnswersWithTheSeparatorOfThePeer) {
  const auto serializer = makeSerializer("json.batched");
  EXPECT_EQ(readAll(*serializer, kCall + "\x18" + kYield + "\x18").size(), 2U);
  EXPECT_EQ(serialize(*serializer, message(kYield)), kYield + "\x18");
  const auto chosen = makeSerializer("json.batched", {.batchSeparatorOfAutobahn = true});
  EXPECT_EQ(serialize(*chosen, message(kYield)), kYield + "\x18");
}

TEST(BatchedJson, RefusesWhatIsNoBatch) {
  const auto problemOf = [](std::string_view bytes, std::size_t good, SerializerOptions options = {}) {
    std::string problem;
    EXPECT_EQ(readAll(*makeSerializer("json.batched", options), bytes, &problem).size(), good) << bytes;
    return problem;
  };
  EXPECT_THAT(problemOf(kCall, 0), HasSubstr("does not end with a separator"));
  EXPECT_THAT(problemOf(kCall + "\x1e" + kYield, 1), HasSubstr("does not end with a separator"));
  EXPECT_EQ(problemOf("\x1e", 0), "message: a list wanted, got nothing");
  EXPECT_THAT(problemOf(kCall + "\x1e[70,0,{}]\x1e" + kCall + "\x1e", 1), HasSubstr("YIELD.Request"));
  EXPECT_EQ(problemOf(kYield + "\x1e" + kYield + "\x1e" + kYield + "\x1e", 2, {.maxBatch = 2}),
            "a batch of more than 2 messages");
}

/// What users may write: values only, no encoding that anything else knows.
class OwnSerializer : public Serializer {
 public:
  std::string_view id() const override { return "own"; }
  int rawSocketId() const override { return 0; }
  bool isBinary() const override { return true; }
  Encoding encoding() const override { return Encoding::none; }

 protected:
  Problem write(const Message& message, util::ByteBuffer& out) override {
    out.append(std::get<message::Call>(message).payload.args().at(0).asString());
    return std::nullopt;
  }
  Problem read(std::string_view bytes, std::vector<Message>& out) override {
    out.push_back(message::Call{.request = 1, .procedure = "com.app", .payload = Payload(List{bytes})});
    return std::nullopt;
  }
};

TEST(Serializer, UsersCanSupplyTheirOwn) {
  OwnSerializer own;
  const Message read = unserialize(own, "hello");
  EXPECT_EQ(toJson(read), R"([48,1,{},"com.app",["hello"]])");
  EXPECT_EQ(serialize(own, message(R"([48,1,{},"com.app",["hello"]])")), "hello");
  EXPECT_EQ(own.subprotocol(), "wamp.2.own");
  EXPECT_EQ(own.stats().octetsOut, 5U);
}

}  // namespace
}  // namespace autobahn::wamp::testing
