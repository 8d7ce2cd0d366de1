#include <gmock/gmock.h>
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <cmath>
#include <thread>

#include "testing/errors.hpp"
#include "testing/messages.hpp"

namespace autobahn::wamp::testing {
namespace {

using ::testing::HasSubstr;

TEST(Payload, Nothing) {
  const Payload payload;
  EXPECT_TRUE(payload.empty());
  EXPECT_TRUE(payload.args().empty());
  EXPECT_TRUE(payload.kwargs().empty());
  EXPECT_TRUE(payload.rawFor(Encoding::json).args.empty());
  EXPECT_TRUE(Payload(List{}, Dict{}).empty());
  EXPECT_TRUE(payload == Payload(List{}));
}

TEST(Payload, Values) {
  const Payload payload(List{1, "a"}, Dict{{"k", 2.5}});
  EXPECT_FALSE(payload.empty());
  EXPECT_EQ(payload.encoding(), Encoding::none);
  EXPECT_EQ(payload.args(), (List{1, "a"}));
  EXPECT_EQ(payload.kwargs(), (Dict{{"k", 2.5}}));
  EXPECT_EQ(payload.rawFor(Encoding::json).args, R"([1,"a"])");
  EXPECT_EQ(payload.rawFor(Encoding::json).kwargs, R"({"k":2.5})");
}

TEST(Payload, EncodedIsKeptAsItIsAndDecodedOnDemand) {
  const Payload payload = Payload::encoded(Encoding::json, "[ 1, 2 ]", R"({ "k" : 1 })");
  EXPECT_EQ(payload.encoding(), Encoding::json);
  EXPECT_EQ(payload.rawFor(Encoding::json).args, "[ 1, 2 ]");
  EXPECT_EQ(payload.rawFor(Encoding::json).kwargs, R"({ "k" : 1 })");
  EXPECT_EQ(payload.args(), (List{1, 2}));
  EXPECT_EQ(payload.kwargs(), (Dict{{"k", 1}}));
  EXPECT_TRUE(payload == Payload(List{1, 2}, Dict{{"k", 1}}));
}

TEST(Payload, IsValidatedOnEntry) {
  const auto refused = [](std::string_view args, std::string_view kwargs = {}) {
    return errorOf<SerializationError>([&] { (void)Payload::encoded(Encoding::json, args, kwargs); });
  };
  EXPECT_EQ(refused("[1"), "byte 2: the text ends within a list or dict");
  EXPECT_EQ(refused("{}"), "byte 0: not a list");
  EXPECT_EQ(refused("[]", "[]"), "byte 0: not a dict");
  EXPECT_EQ(refused("[][]"), "byte 2: more than one value");
  EXPECT_EQ(refused("", "{}"), "none");
  EXPECT_THAT(errorOf<SerializationError>([] { (void)Payload::encoded(Encoding::none, "[]"); }),
              HasSubstr("no serializer"));
}

TEST(Payload, DecodesAndTranscodesOnceForAllCopies) {
  const Payload payload = Payload::encoded(Encoding::json, "[1]");
  const Payload copy = payload;
  EXPECT_EQ(&payload.args(), &copy.args());
  EXPECT_EQ(payload.rawFor(Encoding::json).args.data(), copy.rawFor(Encoding::json).args.data());
  const Payload values(List{1});
  const Payload other = values;
  EXPECT_EQ(values.rawFor(Encoding::json).args.data(), other.rawFor(Encoding::json).args.data());
}

TEST(Payload, LivesAsLongAsACopy) {
  auto payload = std::make_unique<Payload>(Payload::encoded(Encoding::json, R"(["text"])"));
  const List* args = &payload->args();
  const Payload copy = *payload;
  payload.reset();
  EXPECT_EQ(*args, (List{"text"}));
}

TEST(Payload, WhatCannotBeExpressedIsAnErrorOfThatEncodingOnly) {
  const Payload payload(List{std::nan("")});
  EXPECT_EQ(payload.rawFor(Encoding::json).error, "NaN and infinity cannot be written in JSON");
  EXPECT_TRUE(payload.rawFor(Encoding::json).args.empty());
  EXPECT_TRUE(std::isnan(payload.args()[0].asDouble()));
  util::ByteBuffer out;
  out.append("before");
  const auto problem =
      makeSerializer("json")->serialize(message::Yield{.request = 1, .payload = payload}, out);
  EXPECT_EQ(problem.value_or(""), "YIELD: NaN and infinity cannot be written in JSON");
  EXPECT_EQ(out.view(), "before");
}

TEST(Payload, EncodingsThatAreNotBuiltInAreAnError) {
  const Payload payload(List{1});
  for (std::size_t i = 1; i < kEncodingCount; ++i) {
    const auto encoding = static_cast<Encoding>(i);
    EXPECT_EQ(payload.rawFor(encoding).error.empty(), findCodec(encoding) != nullptr)
        << encodingName(encoding);
  }
  EXPECT_THAT(std::string(payload.rawFor(Encoding::none).error), HasSubstr("no serializer here knows"));
}

// ---- Limits

std::string manyOnes(std::size_t count) {  // in MessagePack
  std::string list{'\xDD'};
  for (const int shift : {24, 16, 8, 0}) list.push_back(static_cast<char>(count >> shift));
  return list.append(count, '\x01');
}

TEST(Payload, TheNumberOfValuesIsLimited) {
  const std::string ones = manyOnes(kDefaultMaxValues);
  EXPECT_EQ(Payload::encoded(Encoding::msgpack, ones).args().size(), kDefaultMaxValues);
  const Payload more = Payload::encoded(Encoding::msgpack, manyOnes(kDefaultMaxValues + 1));
  EXPECT_THROW(static_cast<void>(more.args()), SerializationError);
  EXPECT_THAT(std::string(more.rawFor(Encoding::json).error), HasSubstr("too many values"));
  EXPECT_EQ(more.rawFor(Encoding::msgpack).args.size(), kDefaultMaxValues + 6U) << "as it is it passes";
  EXPECT_THROW(static_cast<void>(Payload(more).take()), SerializationError);
}

TEST(Payload, ArgsAndKwargsHaveOneLimit) {
  struct Case {
    std::string_view args;
    std::string_view kwargs;
    bool isGood;
  };
  constexpr Case kCases[] = {
      {"[1,2,3]", "", true},
      {"[1,2,3,4]", "", false},
      {"[1,[2]]", "", true},
      {"[[],[[]],1]", "", false},
      {"[1,2]", R"({"k":3})", true},
      {"[1,2]", R"({"k":3,"l":4})", false},
      {"[]", R"({"k":[2,3]})", true},
      {"[]", R"({"k":[2,3,4]})", false},
      {"[]", R"({"k":1,"k":2,"k":3,"k":4})", false},
  };
  for (const Case& each : kCases) {
    const std::string all = std::string(each.args) + std::string(each.kwargs);
    SharedBuffer buffer = SharedBuffer::copyOf(all);
    const std::string_view view = buffer.view();
    const Payload payload = Payload::received(buffer, Encoding::json, view.substr(0, each.args.size()),
                                              view.substr(each.args.size()), 3);
    EXPECT_EQ(payload.rawFor(Encoding::cbor).error.empty(), each.isGood) << all;
  }
}

TEST(Payload, Take) {
  EXPECT_EQ(Payload(List{1}).take().first, (List{1}));
  Payload payload = Payload::encoded(Encoding::json, R"(["a"])", R"({"k":1})");
  const Payload copy = payload;
  EXPECT_EQ(copy.args(), (List{"a"}));
  const auto [args, kwargs] = std::move(payload).take();
  EXPECT_EQ(args, (List{"a"}));
  EXPECT_EQ(kwargs, (Dict{{"k", 1}}));
  EXPECT_EQ(copy.args(), (List{"a"})) << "taken from one, the other keeps its values";
}

TEST(Payload, MayBeReadFromSeveralThreads) {
  const Payload payload = Payload::encoded(Encoding::json, "[1,2,3]", R"({"k":"v"})");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = payload] {
      for (int round = 0; round < 100; ++round) {
        const Payload mine = copy;
        EXPECT_EQ(mine.args().size(), 3U);
        EXPECT_EQ(mine.kwargs().size(), 1U);
        EXPECT_TRUE(Payload(mine.args()).rawFor(Encoding::json).error.empty());
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

TEST(Text, SharesOrShows) {
  const Text copied = std::string("com.app");
  const Text same = copied;
  EXPECT_EQ(copied.view().data(), same.view().data());
  EXPECT_EQ(copied, "com.app");
  EXPECT_EQ(copied, std::string("com.app"));
  EXPECT_NE(copied, Text("com.other"));
  const Text constant = Text::constant(error::kCanceled);
  EXPECT_EQ(constant.view().data(), error::kCanceled.data());
  EXPECT_EQ(constant.string(), "wamp.error.canceled");
  EXPECT_TRUE(Text().empty());
}

TEST(ApplicationError, Message) {
  const ApplicationError error("com.app.error", List{"no tea", 7, List{1}}, Dict{{"k", 1}});
  EXPECT_EQ(error.errorMessage(), "com.app.error: no tea 7 [1]");
  EXPECT_STREQ(error.what(), "com.app.error: no tea 7 [1]");
  EXPECT_EQ(error.error(), "com.app.error");
  EXPECT_EQ(error.kwargs(), (Dict{{"k", 1}}));
  EXPECT_EQ(ApplicationError(error::kCanceled).errorMessage(), "wamp.error.canceled");
  EXPECT_LE(ApplicationError("com.x", List(10'000, Value("long text"))).errorMessage().size(), 2048U);
}

}  // namespace
}  // namespace autobahn::wamp::testing
