#include <gmock/gmock.h>

#include <functional>

#include "../../testing/codecs.hpp"
#include "../../testing/flatbuffers_verifier.hpp"
#include "../../testing/messages.hpp"
#include "builder.hpp"

namespace autobahn::wamp::testing {
namespace {

using flatbuffers::Builder;
using flatbuffers::Offset;
using ::testing::HasSubstr;

std::unique_ptr<Serializer> flat() { return makeSerializer("flatbuffers"); }

std::string written(std::string_view json) { return serialize(*flat(), message(json)); }

// Why a message (in JSON) is not written.
std::string unwritable(std::string_view json) {
  util::ByteBuffer out;
  const auto serializer = flat();
  const Problem problem = serializer->serialize(message(json), out);
  EXPECT_EQ(out.size(), 0u);
  return problem.value_or("");
}

// Every message, with every attribute that the schema has a place for.
const std::string_view kMessages[] = {
    R"([1,"realm1",{"roles":{"publisher":{"features":{"publisher_exclusion":true}},"callee":{}}}])",
    R"([1,null,{"roles":{"subscriber":{"features":{"event_history":true,"publication_trustlevels":true}},
        "caller":{"features":{"call_timeout":true,"call_canceling":true}}},
        "authmethods":["anonymous","ticket","wampcra","wamp-scram","cryptosign"],"authid":"joe","authrole":"user",
        "authextra":{"pubkey":"00ff"},"resumable":true,"resume-session":17,"resume-token":"xyz"}])",
    R"([2,9007199254740992,{"roles":{"broker":{"features":{"session_meta_api":true}},
        "dealer":{"features":{"shared_registration":true,"testament_meta_api":true}}},"realm":"realm1",
        "authid":"joe","authrole":"user","authmethod":"ticket","authprovider":"static","authextra":{"a":"b"},
        "resumed":false,"resumable":true,"resume_token":"xyz"}])",
    R"([3,{},"wamp.error.no_such_realm"])",
    R"([3,{"message":"no"},"wamp.error.no_such_realm"])",
    R"([4,"wampcra",{"challenge":"{}"}])",
    R"([4,"anonymous",{}])",
    R"([5,"signature",{}])",
    R"([5,"signature",{"cnonce":"1"}])",
    R"([6,{"message":"bye","resumable":false},"wamp.close.normal"])",
    R"([8,48,7,{},"com.myapp.error"])",
    R"([8,68,7,{"forward_for":[{"session":1,"authid":"a","authrole":"b"}]},"com.myapp.error",[1],{"a":2}])",
    R"([16,7,{},"com.myapp.topic"])",
    R"([16,7,{"acknowledge":true,"exclude_me":false,"exclude":[1,2,9007199254740992],"exclude_authid":["a",""],
        "exclude_authrole":[],"eligible":[],"eligible_authid":["b"],"eligible_authrole":["c"],"retain":true,
        "transaction_hash":"h","forward_for":[{"session":1,"authid":"a","authrole":"b"},
        {"session":2,"authid":"c","authrole":"d"}]},"com.myapp.topic",[],{"a":null}])",
    R"([16,7,{"acknowledge":false,"exclude_me":true,"enc_algo":"mqtt","enc_serializer":"json","enc_key":"k",
        "ppt_cipher":"aes256gcm"},"com.myapp.topic","\u0000AAEC"])",
    R"([17,7,8])",
    R"([32,7,{},"com.myapp.topic"])",
    R"([32,7,{"match":"exact"},"com.myapp.topic"])",
    R"([32,7,{"match":"wildcard","get_retained":true},"com..topic"])",
    R"([33,7,8])",
    R"([34,7,8])",
    R"([35,7])",
    R"([35,0,{"subscription":8,"reason":"wamp.error.revoked"}])",
    R"([36,7,8,{}])",
    R"([36,7,8,{"publisher":9,"publisher_authid":"a","publisher_authrole":"b","topic":"com.myapp.topic",
        "retained":true,"transaction_hash":"h","x_acknowledged_delivery":true},[[[]],1.5,"text",null]])",
    R"([337,8])",
    R"([48,7,{},"com.myapp.procedure",["Hello, world!"]])",
    R"([48,7,{"timeout":4294967295,"receive_progress":true,"transaction_hash":"h","caller":9,"caller_authid":"a",
        "caller_authrole":"b"},"com.myapp.procedure",[1],{"a":[{}]}])",
    R"([49,7,{}])",
    R"([49,7,{"mode":"killnowait"}])",
    R"([50,7,{"progress":true,"callee":9,"callee_authid":"a","callee_authrole":"b"},[true]])",
    R"([64,7,{"match":"prefix","invoke":"roundrobin","concurrency":65535,"force_reregister":true},"com.myapp."])",
    R"([65,7,8])",
    R"([66,7,8])",
    R"([67,0,{"registration":8}])",
    R"([68,7,8,{"procedure":"com.myapp.procedure","timeout":0,"receive_progress":false,"caller":9}])",
    R"([69,7,{"mode":"kill","reason":"wamp.error.canceled"}])",
    R"([70,7,{"progress":false},[1,2,3]])",
};

TEST(Flatbuffers, MessagesComeBackAndTheLibraryAgrees) {
  for (const std::string_view json : kMessages) {
    SCOPED_TRACE(json);
    const std::string bytes = written(json);
    EXPECT_TRUE(verifyFlatbuffers(bytes));
    EXPECT_EQ(toJson(unserialize(*flat(), bytes)), toJson(message(json)));
  }
}

TEST(Flatbuffers, PayloadsAreCborAndPassedOnUnchanged) {
  const auto cbor = makeSerializer("cbor");
  const std::string call =
      bytesOf("85 18 30 07 a0 61 61 9f c1 01 ff");  // a list of a tag, which fits no value
  const Message received = unserialize(*cbor, call);
  const Message again = unserialize(*flat(), serialize(*flat(), received));
  const auto raw = std::get<message::Call>(again).payload.rawFor(Encoding::cbor);
  EXPECT_EQ(hexOf(raw.args), "9f c1 01 ff");
}

TEST(Flatbuffers, PayloadsOfValuesAreWritten) {
  const message::Yield yield{.request = 7, .payload = Payload({1, List{}}, {{"a", Dict{}}})};
  EXPECT_EQ(unserialize(*flat(), serialize(*flat(), yield)), Message(yield));
  const message::Yield onlyKwargs{.request = 7, .payload = Payload({}, {{"a", 1}})};
  EXPECT_EQ(unserialize(*flat(), serialize(*flat(), onlyKwargs)), Message(onlyKwargs));
}

TEST(Flatbuffers, InformationWithoutAPlaceIsLeftAway) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"([1,"r",{"roles":{"callee":{"features":{"call_reroute":true,"call_timeout":true}}},"agent":"x"}])",
       R"([1,"r",{"roles":{"callee":{"features":{"call_timeout":true}}}}])"},
      {R"([36,7,8,{"trustlevel":3,"x_mine":{"a":[1]}}])", R"([36,7,8,{}])"},
      {R"([8,48,7,{"callee":9},"a.b"])", R"([8,48,7,{},"a.b"])"},
  };
  for (const auto& [json, left] : rows) {
    EXPECT_EQ(toJson(unserialize(*flat(), written(json))), toJson(message(left)));
  }
}

TEST(Flatbuffers, RequestsWithoutAPlaceAreRefused) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"([48,7,{"progress":true},"a.b"])", R"(CALL: Options: FlatBuffers has no place for "progress")"},
      {R"([48,7,{"x_mine":1},"a.b"])", R"(no place for "x_mine")"},
      {R"([48,7,{"timeout":4294967296},"a.b"])",
       "CALL: timeout: an integer of 32 bits, not negative, wanted, got 4294967296"},
      {R"([64,7,{"concurrency":65536},"a.b"])", "an integer of 16 bits"},
      {R"([16,7,{"ppt_scheme":"wamp"},"a.b"])", R"(Options: FlatBuffers has no place for "ppt_scheme")"},
      {R"([16,7,{"enc_algo":"x_mine"},"a.b"])", R"(enc_algo: FlatBuffers has no place for "x_mine")"},
      {R"([36,7,8,{"ppt_scheme":"wamp"}])", R"(Details: FlatBuffers has no place for "ppt_scheme")"},
      {R"([1,"r",{"roles":{"callee":{}},"authmethods":["cookie"]}])", R"(no place for "cookie")"},
      {R"([1,"r",{"roles":{"callee":{}},"authextra":{"a":1}}])",
       "authextra: FlatBuffers has place for one entry, which is a string"},
      {R"([4,"wampcra",{"challenge":"a","salt":"b"}])", "Extra: FlatBuffers has place for one entry"},
      {R"([3,{},"a.b",[1]])", "FlatBuffers has no place for"},
      {R"([34,7,8,{"forward_for":[{"session":1,"authid":"a","authrole":"b"}]}])",
       "FlatBuffers has no place for"},
  };
  for (const auto& [json, problem] : rows) EXPECT_THAT(unwritable(json), HasSubstr(problem)) << json;
}

// ---- Hostile bytes

std::string hostile(const std::function<Offset(Builder&)>& makeTable, std::uint8_t type) {
  Builder builder;
  builder.clear();
  const Offset table = makeTable(builder);
  builder.beginTable();
  builder.add(0, type);
  builder.addOffset(1, table);
  util::ByteBuffer out;
  builder.finish(builder.endTable(), out);
  return std::string(out.view());
}

// A PUBLISH with something in a slot.
std::string publish(std::size_t slot, const std::function<Offset(Builder&)>& makeContent) {
  return hostile(
      [&](Builder& builder) {
        const Offset content = makeContent(builder);
        const Offset topic = builder.text("a.b");
        builder.beginTable();
        builder.add(1, std::uint64_t{7});
        builder.addOffset(2, topic);
        builder.addOffset(slot, content);
        return builder.endTable();
      },
      16);
}

TEST(Flatbuffers, CutOffAnywhereIsRefusedOrTheSame) {
  for (const std::string_view json : kMessages) {
    const std::string bytes = written(json);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      std::vector<Message> messages;
      if (flat()->unserialize(std::string_view(bytes).substr(0, size), true, messages)) continue;
      // Only padding, or the NUL behind a text, was cut off.
      EXPECT_EQ(toJson(messages.at(0)), toJson(message(json))) << size;
      EXPECT_LE(bytes.size() - size, 8u);
    }
  }
}

TEST(Flatbuffers, AnyByteChangedIsRefusedOrAMessage) {
  for (const std::string_view json : kMessages) {
    const std::string bytes = written(json);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int change : {1, 2, 4, 0x40, 0x80, 0xff}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ change);
        std::vector<Message> messages;
        const bool isRefused = flat()->unserialize(changed, true, messages).has_value();
        EXPECT_EQ(messages.size(), isRefused ? 0u : 1u);
      }
    }
  }
}

TEST(Flatbuffers, RefusesReferencesThatLeaveTheData) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "byte 0: the data end before the first reference"},
      {"00 00 00", "byte 3: the data end before the first reference"},
      {"00 00 00 00", "byte 0: a reference that leaves the data"},
      {"01 00 00 00", "byte 0: a reference that leaves the data"},
      {"ff ff ff ff", "byte 0: a reference that leaves the data"},
      {"04 00 00 00 05 00 00 00", "byte 4: a table whose form lies outside of the data"},
      {"04 00 00 00 fd ff ff ff", "byte 4: a table whose form lies outside of the data"},
      {"04 00 00 00 00 00 00 80", "byte 4: a table whose form lies outside of the data"},
      // The form is the table itself: a size of 0.
      {"04 00 00 00 00 00 00 00", "byte 4: a table's form of 0 bytes"},
      {"08 00 00 00 04 00 ff ff 04 00 00 00", "byte 8: a table of 65535 bytes"},
      {"08 00 00 00 ff ff 04 00 04 00 00 00", "byte 4: a table's form of 65535 bytes"},
      {"08 00 00 00 04 00 04 00 04 00 00 00", "byte 0: the message type 0, which means nothing"},
      {"0a 00 00 00 06 00 05 00 04 00 06 00 00 00 09", "byte 14: the message type 9, which means nothing"},
  };
  for (const auto& [hex, problem] : rows)
    EXPECT_THAT(refusal(*flat(), bytesOf(hex)), HasSubstr(problem)) << hex;
}

TEST(Flatbuffers, RefusesDeclaredSizesBeyondTheData) {
  for (const std::uint32_t count : {0xffffffffU, 0x80000000U, 1000U}) {
    const auto makeVector = [count](Builder& builder) {
      builder.beginVector(8, 0);
      return builder.endVector(count);
    };
    for (const std::size_t slot : {3U, 4U, 5U, 12U, 13U, 20U}) {
      EXPECT_THAT(refusal(*flat(), publish(slot, makeVector)),
                  HasSubstr("a vector of " + std::to_string(count)))
          << slot;
    }
  }
}

// A kilobyte that is referred to a thousand times is a megabyte to check.
TEST(Flatbuffers, RefusesPartsThatLieOverEachOther) {
  const auto manyTimes = [](Builder& builder) {
    const Offset text = builder.text(std::string(1000, 'x'));
    builder.beginVector(4, 1000);
    for (int i = 0; i < 1000; ++i) builder.addOffset(text);
    return builder.endVector(1000);
  };
  EXPECT_THAT(refusal(*flat(), publish(13, manyTimes)), HasSubstr("too much that lies over each other"));
  const auto twice = [](Builder& builder) {
    const Offset text = builder.text("equal");
    builder.beginVector(4, 2);
    for (int i = 0; i < 2; ++i) builder.addOffset(text);
    return builder.endVector(2);
  };
  EXPECT_EQ(refusal(*flat(), publish(13, twice)), "");
}

TEST(Flatbuffers, RefusesPayloadsThatAreNone) {
  const auto bytes = [](std::string_view hex) {
    return [hex](Builder& builder) { return builder.bytes(bytesOf(hex)); };
  };
  EXPECT_THAT(refusal(*flat(), publish(3, bytes("a0"))), HasSubstr("in the CBOR here, byte 0: not a list"));
  EXPECT_THAT(refusal(*flat(), publish(4, bytes("80"))), HasSubstr("not a dict"));
  EXPECT_THAT(refusal(*flat(), publish(3, bytes("80 80"))), HasSubstr("more than one value"));
  EXPECT_THAT(refusal(*flat(), publish(3, bytes("81"))), HasSubstr("only 0 bytes follow"));
  EXPECT_THAT(
      refusal(*flat(), publish(3, [](Builder& builder) { return builder.bytes(std::string(1000, '\x81')); })),
      HasSubstr("nested deeper than 63"));
  EXPECT_EQ(refusal(*flat(), publish(3, bytes(""))), "");
  const auto both = hostile(
      [](Builder& builder) {
        const Offset args = builder.bytes("\x80");
        const Offset topic = builder.text("a.b");
        builder.beginTable();
        builder.add(1, std::uint64_t{7});
        builder.addOffset(2, topic);
        builder.addOffset(3, args);
        builder.addOffset(5, args);
        return builder.endTable();
      },
      16);
  EXPECT_THAT(refusal(*flat(), both), HasSubstr("an opaque payload beside args or kwargs"));
}

TEST(Flatbuffers, RefusesNamesAndTextsThatAreNone) {
  const auto name = [](std::uint8_t value) {
    return hostile(
        [value](Builder& builder) {
          const Offset topic = builder.text("a.b");
          builder.beginTable();
          builder.add(1, std::uint64_t{7});
          builder.addOffset(2, topic);
          builder.add(3, value);
          return builder.endTable();
        },
        32);
  };
  EXPECT_EQ(refusal(*flat(), name(2)), "");
  EXPECT_THAT(refusal(*flat(), name(3)), HasSubstr("SUBSCRIBE.Options.match"));
  EXPECT_THAT(refusal(*flat(), name(3)), HasSubstr("the value 3, which names nothing"));
  const auto text = [](Builder& builder) { return builder.text("\xff"); };
  EXPECT_THAT(refusal(*flat(), publish(19, text)), HasSubstr("a string that is not UTF-8"));
}

TEST(Flatbuffers, RolesWithAllTheirFeatures) {
  message::Hello hello{.realm = Text("realm1")};
  for (const Role role : {Role::publisher, Role::subscriber, Role::caller, Role::callee}) {
    for (std::size_t i = 0; i < kFeatureCount; ++i) hello.details.roles.add(role, static_cast<Feature>(i));
  }
  const auto serializer = flat();
  const auto received = std::get<message::Hello>(unserialize(*serializer, serialize(*serializer, hello)));
  EXPECT_TRUE(received.details.roles.has(Role::publisher, Feature::publisherExclusion));
  EXPECT_TRUE(received.details.roles.has(Role::callee, Feature::sharedRegistration));
  EXPECT_FALSE(received.details.roles.has(Role::callee, Feature::callReroute));  // no place for it
}

TEST(Flatbuffers, MissingRolesAreAllRoles) {
  const std::string hello = hostile(
      [](Builder& builder) {
        const Offset realm = builder.text("realm1");
        builder.beginTable();
        builder.addOffset(2, realm);
        return builder.endTable();
      },
      1);
  const auto received = std::get<message::Hello>(unserialize(*flat(), hello));
  for (const Role role : {Role::publisher, Role::subscriber, Role::caller, Role::callee}) {
    EXPECT_TRUE(received.details.roles.has(role));
  }
}

}  // namespace
}  // namespace autobahn::wamp::testing
