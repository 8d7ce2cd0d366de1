#include <gtest/gtest.h>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/value.hpp>

#include <cmath>
#include <limits>

#include "testing/errors.hpp"

namespace autobahn::wamp {
namespace {

using testing::errorOf;

constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxUnsigned = std::numeric_limits<std::uint64_t>::max();

static_assert(!std::is_constructible_v<Value, char>);
static_assert(!std::is_constructible_v<Value, char16_t>);
static_assert(!std::is_constructible_v<Value, int*>);
static_assert(!std::is_constructible_v<Value, const void*>);
static_assert(std::is_nothrow_move_constructible_v<Value>);
static_assert(sizeof(Value) <= 56);

TEST(Value, KnowsItsType) {
  EXPECT_TRUE(Value().isNull());
  EXPECT_TRUE(Value(nullptr).isNull());
  EXPECT_TRUE(Value(true).isBool());
  EXPECT_TRUE(Value(1).isInteger());
  EXPECT_TRUE(Value(1U).isInt64());
  EXPECT_TRUE(Value(kMaxUnsigned).isUint64());
  EXPECT_FALSE(Value(kMaxUnsigned).isInt64());
  EXPECT_FALSE(Value(-1).isUint64());
  EXPECT_TRUE(Value(1.0F).isDouble());
  EXPECT_TRUE(Value("a").isString());
  EXPECT_TRUE(Value(Bytes("a")).isBytes());
  EXPECT_TRUE(Value(List{}).isList());
  EXPECT_TRUE(Value(Dict{}).isDict());
}

TEST(Value, IntegersAreExactAndDifferFromDoubles) {
  EXPECT_EQ(Value(std::int64_t{7}), Value(std::uint64_t{7}));
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value(kMaxUnsigned), Value(-1));
  EXPECT_EQ(Value(kMinInt).asInt64(), kMinInt);
  EXPECT_EQ(Value(kMaxUnsigned).asUint64(), kMaxUnsigned);
  EXPECT_EQ(Value(0).asUint64(), 0U);
  EXPECT_NE(Value(std::nan("")), Value(std::nan("")));
  EXPECT_EQ(Value(0.0), Value(-0.0));
}

TEST(Value, TextAndBytesDiffer) {
  EXPECT_NE(Value("a"), Value(Bytes("a")));
  EXPECT_EQ(Value(std::string("a")), Value("a"));
  EXPECT_EQ(Value(std::string_view("a\0b", 3)).asString().size(), 3U);
}

TEST(Value, AccessorsSayWhatWasWantedAndWhatThereIs) {
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(7).asString(); }),
            "a string wanted, got the integer 7");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value("x").asInt64(); }),
            "an integer wanted, got the string \"x\"");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(-1).asUint64(); }),
            "an integer >= 0 wanted, got the integer -1");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(kMaxUnsigned).asInt64(); }),
            "an integer that 64 bits with a sign can hold wanted, got the integer 18446744073709551615");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(1).asDouble(); }),
            "a floating point number wanted, got the integer 1");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(1.5).asBool(); }),
            "a boolean wanted, got the floating point number 1.5");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(List{}).asDict(); }), "a dict wanted, got a list");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(Dict{}).asList(); }), "a list wanted, got a dict");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value().asBytes(); }), "bytes wanted, got null");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(Dict{}).get("a\n"); }),
            "a dict with the key \"a\\x0a\" wanted, there is none");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(List{1}).get(std::size_t{1}); }),
            "a list with more than 1 elements wanted, got 1");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)Value(std::string(1000, 'x')).asBool(); }),
            "a boolean wanted, got the string \"" + std::string(40, 'x') + "…\"");
}

TEST(Value, GetAndFind) {
  const Value order = Dict{{"id", 23}, {"items", List{"tea", 2.5}}};
  EXPECT_EQ(order.get("id").asInt64(), 23);
  EXPECT_EQ(order.get("items").get(std::size_t{1}).asDouble(), 2.5);
  EXPECT_EQ(order.find("no"), nullptr);
}

TEST(Value, MovingLeavesNull) {
  Value from = "text";
  const Value to = std::move(from);
  EXPECT_TRUE(from.isNull());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(to, Value("text"));
}

TEST(Value, MayBeReplacedByAPartOfItself) {
  Value value = List{List{1, 2}, 3};
  value = std::move(value.asList()[0]);
  EXPECT_EQ(value, Value(List{1, 2}));
  value = value.asList()[1];
  EXPECT_EQ(value, Value(2));
  const Value& same = value;
  value = same;
  EXPECT_EQ(value, Value(2));
}

TEST(Value, ComparesByContent) {
  const Value value = Dict{{"a", List{1, Dict{{"b", "c"}}}}, {"d", nullptr}};
  Value copy = value;
  EXPECT_EQ(copy, value);
  copy.asDict()["a"].asList()[1].asDict()["b"] = "C";
  EXPECT_NE(copy, value);
  EXPECT_NE(Value(List{1}), Value(List{1, 2}));
  EXPECT_NE(Value(List{}), Value(List{1}));
  EXPECT_NE(Value(Dict{{"a", 1}}), Value(Dict{{"b", 1}}));
  EXPECT_EQ(Value(List{}), Value(List{}));
}

Value nested(std::size_t depth, bool asDicts) {
  Value value = 1;
  for (std::size_t i = 0; i < depth; ++i) {
    if (asDicts) {
      Dict dict;
      dict.emplace("k", std::move(value));
      value = std::move(dict);
    } else {
      List list;
      list.push_back(std::move(value));
      value = std::move(list);
    }
  }
  return value;
}

TEST(Value, ThirtyThousandLevelsDoNotOverflowTheStack) {
  for (const bool asDicts : {false, true}) {
    const Value deep = nested(30'000, asDicts);
    const Value copy = deep;
    EXPECT_TRUE(copy == deep);
    EXPECT_FALSE(copy == nested(29'999, asDicts));
    EXPECT_LE(deep.toString().size(), 300U);
    List list;
    list.push_back(copy);
    list.push_back(deep);
  }
}

TEST(Value, ToString) {
  const Value value =
      Dict{{"a", List{1, -2.5, 3.0, true, nullptr}}, {"b", Bytes("\x01\xff")}, {"c", "x\"\n"}};
  EXPECT_EQ(value.toString(), R"({"a": [1, -2.5, 3.0, true, null], "b": h'01ff', "c": "x\"\x0a"})");
  EXPECT_EQ(Value(kMaxUnsigned).toString(), "18446744073709551615");
  EXPECT_EQ(Value("\xff").toString(), R"("\xff")");
}

TEST(Value, ToStringIsBounded) {
  EXPECT_LE(Value(std::string(100'000, 'x')).toString(64).size(), 80U);
  EXPECT_LE(Value(Bytes(std::string(100'000, 'x'))).toString(64).size(), 80U);
  EXPECT_LE(Value(List(100'000, Value(7))).toString(64).size(), 80U);
  Dict dict;
  for (int i = 0; i < 1000; ++i) dict.emplace(std::string(100, 'k') + std::to_string(i), i);
  EXPECT_LE(Value(dict).toString(64).size(), 80U);
}

}  // namespace
}  // namespace autobahn::wamp
