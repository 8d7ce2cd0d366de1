#include <autobahn/wamp/arguments.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/errors.hpp"

namespace autobahn::wamp {
namespace {

using testing::errorOf;

using namespace std::chrono_literals;

template <class T>
std::string errorOfConverting(const Value& value) {
  return errorOf<ConversionError>([&value] { (void)convert<T>(value); });
}

/// There and back, and what is between.
template <class T>
void expectBothWays(const T& object, const Value& value) {
  EXPECT_EQ(toValue(object), value);
  EXPECT_EQ(convert<T>(value), object);
}

TEST(Convert, Integers) {
  expectBothWays<int>(-7, -7);
  expectBothWays<std::int8_t>(-128, -128);
  expectBothWays<std::uint8_t>(255, 255);
  expectBothWays<std::int64_t>(std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::min());
  expectBothWays<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(),
                                std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(errorOfConverting<std::int8_t>("x"), "an integer from -128 to 127 wanted, got the string \"x\"");
  EXPECT_EQ(errorOfConverting<std::int8_t>(128), "an integer from -128 to 127 wanted, got the integer 128");
  EXPECT_EQ(errorOfConverting<unsigned>(-1), "an integer from 0 to 4294967295 wanted, got the integer -1");
  EXPECT_EQ(errorOfConverting<std::int64_t>(std::uint64_t{1} << 63),
            "an integer from -9223372036854775808 to 9223372036854775807 wanted, got the integer "
            "9223372036854775808");
  EXPECT_EQ(errorOfConverting<int>(1.0),
            "an integer from -2147483648 to 2147483647 wanted, got the floating point number 1.0");
  EXPECT_EQ(errorOfConverting<int>(true), "an integer from -2147483648 to 2147483647 wanted, got true");
}

TEST(Convert, FloatingPoint) {
  expectBothWays<double>(2.5, 2.5);
  expectBothWays<float>(2.5F, 2.5);
  EXPECT_EQ(convert<double>(Value(2)), 2.0);
  EXPECT_EQ(convert<double>(Value(std::int64_t{1} << 53)), 9007199254740992.0);
  EXPECT_EQ(errorOfConverting<double>((std::int64_t{1} << 53) + 1),
            "a number (integers from -2^53 to 2^53) wanted, got the integer 9007199254740993");
  EXPECT_EQ(errorOfConverting<float>(1e300),
            "a number in the range of single precision wanted, got the floating point number 1e+300");
  EXPECT_EQ(errorOfConverting<double>(nullptr), "a number wanted, got null");
}

TEST(Convert, BooleansStringsBytes) {
  expectBothWays(true, true);
  expectBothWays<std::string>("käse", "käse");
  expectBothWays(Bytes("\1\2"), Bytes("\1\2"));
  expectBothWays(Value(List{1}), List{1});
  EXPECT_EQ(toValue("literal"), Value("literal"));
  EXPECT_EQ(toValue(std::string_view("view")), Value("view"));
  EXPECT_EQ(toValue(nullptr), Value());
  EXPECT_EQ(errorOfConverting<bool>(1), "a boolean wanted, got the integer 1");
  EXPECT_EQ(errorOfConverting<std::string>(Bytes("x")), "a string wanted, got bytes");
  EXPECT_EQ(errorOfConverting<Bytes>("x"), "bytes wanted, got the string \"x\"");
}

TEST(Convert, Containers) {
  expectBothWays(std::vector<int>{1, 2, 3}, List{1, 2, 3});
  expectBothWays(std::vector<bool>{true, false}, List{true, false});
  expectBothWays(std::array<int, 2>{1, 2}, List{1, 2});
  expectBothWays(std::pair<int, std::string>{1, "a"}, List{1, "a"});
  expectBothWays(std::tuple<int, double, bool>{1, 2.5, true}, List{1, 2.5, true});
  expectBothWays(std::map<std::string, int>{{"a", 1}}, Dict{{"a", 1}});
  expectBothWays(std::unordered_map<std::string, int>{{"a", 1}}, Dict{{"a", 1}});
  expectBothWays(Dict{{"a", 1}}, Dict{{"a", 1}});
  expectBothWays(List{1, "a"}, List{1, "a"});
  EXPECT_EQ(errorOfConverting<std::vector<std::int8_t>>(List{1, 2, 300}),
            "[2]: an integer from -128 to 127 wanted, got the integer 300");
  EXPECT_EQ((errorOfConverting<std::map<std::string, std::vector<bool>>>(Dict{{"a", List{true, 1}}})),
            ".a[1]: a boolean wanted, got the integer 1");
  EXPECT_EQ((errorOfConverting<std::pair<int, int>>(List{1})), "a list of 2 wanted, got one of 1");
  EXPECT_EQ((errorOfConverting<std::array<int, 2>>(Dict{})), "a list of 2 wanted, got a dict");
}

TEST(Convert, OptionalAndVariant) {
  expectBothWays(std::optional<int>(7), 7);
  expectBothWays(std::optional<int>(), nullptr);
  using Either = std::variant<std::monostate, int, std::string, std::vector<int>>;
  expectBothWays(Either(std::monostate()), nullptr);
  expectBothWays(Either("x"), "x");
  expectBothWays(Either(std::vector<int>{1}), List{1});
  EXPECT_EQ((errorOfConverting<std::variant<bool, std::string>>(1)),
            "none of the alternatives fits: a boolean wanted, got the integer 1; a string wanted, got the "
            "integer 1");
}

TEST(Convert, Durations) {
  expectBothWays(1500ms, 1500);
  expectBothWays(std::chrono::seconds(2), 2000);
  expectBothWays(std::chrono::microseconds(3000), 3);
  expectBothWays(std::chrono::duration<double>(1.5), 1500);
  EXPECT_EQ(toValue(std::chrono::microseconds(3999)), Value(3));
  EXPECT_EQ(errorOfConverting<std::chrono::seconds>(1500),
            "a multiple of 1000 milliseconds wanted, got the integer 1500");
  EXPECT_EQ(errorOfConverting<std::chrono::nanoseconds>(std::numeric_limits<std::int64_t>::max()),
            "a duration in milliseconds that the type can hold wanted, got the integer 9223372036854775807");
  EXPECT_EQ(errorOf<ConversionError>([] { (void)toValue(std::chrono::hours::max()); }),
            "a duration of less than 2^63 milliseconds wanted");
  EXPECT_EQ(errorOfConverting<std::chrono::seconds>(1.5),
            "a duration (an integer, milliseconds) wanted, got the floating point number 1.5");
}

struct Point {
  int x = 0;
  int y = 0;
  std::optional<std::string> label;
  bool operator==(const Point&) const = default;
};
constexpr auto describe(const Point*) {
  return members(member("x", &Point::x), member("y", &Point::y), member("label", &Point::label));
}

struct Shape {
  std::string name;
  std::vector<Point> points;
  bool operator==(const Shape&) const = default;
};
constexpr auto describe(const Shape*) {
  return members(member("name", &Shape::name), member("points", &Shape::points));
}

TEST(Convert, DescribedStructs) {
  expectBothWays(Point{1, 2, "p"}, Dict{{"x", 1}, {"y", 2}, {"label", "p"}});
  expectBothWays(Point{1, 2, std::nullopt}, Dict{{"x", 1}, {"y", 2}});
  expectBothWays(Shape{"s", {{1, 2, {}}}}, Dict{{"name", "s"}, {"points", List{Dict{{"x", 1}, {"y", 2}}}}});
  EXPECT_EQ(convert<Point>(Dict{{"x", 1}, {"y", 2}, {"label", nullptr}, {"more", 1}}), (Point{1, 2, {}}));
  EXPECT_EQ(errorOfConverting<Point>(Dict{{"x", 1}}), ".y: a value wanted, got nothing");
  EXPECT_EQ(errorOfConverting<Shape>(Dict{{"name", "s"}, {"points", List{Dict{{"x", "1"}, {"y", 2}}}}}),
            ".points[0].x: an integer from -2147483648 to 2147483647 wanted, got the string \"1\"");
  EXPECT_EQ(errorOfConverting<Point>(List{}), "a dict wanted, got a list");
}

enum class Colour { red, green };

}  // namespace

template <>
struct Converter<Colour> {
  static Colour from(const Value& value) {
    if (value == Value("red")) return Colour::red;
    if (value == Value("green")) return Colour::green;
    refuse("\"red\" or \"green\"", value);
  }
  static Value to(Colour colour) { return colour == Colour::red ? "red" : "green"; }
};

namespace {

TEST(Convert, OwnConverters) {
  expectBothWays(std::vector{Colour::red, Colour::green}, List{"red", "green"});
  EXPECT_EQ(errorOfConverting<std::vector<Colour>>(List{"blue"}),
            "[0]: \"red\" or \"green\" wanted, got the string \"blue\"");
}

template <class... T>
std::string errorOfArguments(const List& args, const Dict& kwargs = {}) {
  return errorOf<ConversionError>([&] { (void)convertArguments<T...>(args, kwargs); });
}

TEST(Arguments, ArePassedInOrder) {
  EXPECT_EQ((convertArguments<int, std::string>({1, "a"})), (std::tuple<int, std::string>(1, "a")));
  EXPECT_EQ((convertArguments<>({})), std::tuple<>());
  EXPECT_EQ((toArguments(1, "a", std::vector{2})), (List{1, "a", List{2}}));
}

TEST(Arguments, OptionalOnesMayBeMissingAtTheEnd) {
  using Optionals = std::tuple<int, std::optional<int>, std::optional<std::string>>;
  const auto convertThem = [](const List& args) {
    return convertArguments<int, std::optional<int>, std::optional<std::string>>(args);
  };
  EXPECT_EQ(convertThem({1}), Optionals(1, std::nullopt, std::nullopt));
  EXPECT_EQ(convertThem({1, 2}), Optionals(1, 2, std::nullopt));
  EXPECT_EQ(convertThem({1, nullptr, "a"}), Optionals(1, std::nullopt, "a"));
}

TEST(Arguments, ErrorsNameTheArgument) {
  EXPECT_EQ((errorOfArguments<int, std::int8_t>({1, "x"})),
            "argument 2: an integer from -128 to 127 wanted, got the string \"x\"");
  EXPECT_EQ((errorOfArguments<int, std::vector<bool>>({1, List{true, 0}})),
            "argument 2[1]: a boolean wanted, got the integer 0");
  EXPECT_EQ((errorOfArguments<int, int>({1})), "argument 2: a value wanted, got nothing");
  EXPECT_EQ((errorOfArguments<int>({1, 2})), "at most 1 argument wanted, got 2");
  EXPECT_EQ((errorOfArguments<>({1})), "at most 0 arguments wanted, got 1");
  EXPECT_EQ((errorOfArguments<int>({1}, {{"x", 1}})), "no keyword arguments wanted, got \"x\"");
  EXPECT_EQ((errorOfArguments<Keywords<Point>>({}, {{"x", 1}, {"y", "2"}})),
            "keyword arguments.y: an integer from -2147483648 to 2147483647 wanted, got the string \"2\"");
}

TEST(Arguments, KeywordsAndRest) {
  const auto [first, rest, keywords] =
      convertArguments<int, Rest, Keywords<Point>>({1, 2, "a"}, {{"x", 1}, {"y", 2}});
  EXPECT_EQ(first, 1);
  EXPECT_EQ(rest.values, (List{2, "a"}));
  EXPECT_EQ(keywords.value, (Point{1, 2, {}}));
  EXPECT_TRUE(std::get<1>(convertArguments<int, Rest>({1})).values.empty());
  EXPECT_EQ((std::get<0>(convertArguments<Keywords<>>({}, {{"k", 1}})).value), (Dict{{"k", 1}}));
}

}  // namespace
}  // namespace autobahn::wamp
