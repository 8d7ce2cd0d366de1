// What hostile peers send (attacks.md, "WAMP"), in every serializer there is: wrong types and ranges in every
// field of every message, broken and endless structures, codes that do not exist, bytes at random.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "testing/messages.hpp"

namespace autobahn::wamp::testing {
namespace {

using namespace std::string_view_literals;

using ::testing::HasSubstr;

/// One field: where it stands in the message, and the kind of values it takes.
enum class Kind {
  id,
  idOrZero,
  unsignedInteger,
  milliseconds,
  positive,
  requestType,
  boolean,
  string,
  uri,
  realm,  ///< a URI or null
  name,   ///< one of a few strings
  dict,
  roles,
  ids,
  strings,
  forward,
  payload,
};

struct KeyRule {
  std::string key;
  Kind kind;
};

/// One message: a good one, the kinds of its elements after the code, where its options or details are, and
/// the keys they take.
struct MessageRule {
  std::string good;
  std::vector<Kind> elements;
  std::size_t dictIndex;
  std::vector<KeyRule> keys;
};

const std::vector<KeyRule> kForwardKeys = {{"forward_for", Kind::forward}};
const std::vector<KeyRule> kPassthruKeys = {{"enc_algo", Kind::name},         {"enc_key", Kind::string},
                                            {"enc_serializer", Kind::name},   {"ppt_scheme", Kind::string},
                                            {"ppt_cipher", Kind::string},     {"ppt_keyid", Kind::string},
                                            {"ppt_serializer", Kind::string}, {"forward_for", Kind::forward}};
const std::vector<KeyRule> kCalleeKeys = {
    {"callee", Kind::id}, {"callee_authid", Kind::string}, {"callee_authrole", Kind::string}};
const std::vector<KeyRule> kCallerKeys = {
    {"caller", Kind::id}, {"caller_authid", Kind::string}, {"caller_authrole", Kind::string}};

std::vector<KeyRule> operator+(std::vector<KeyRule> a, const std::vector<KeyRule>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<MessageRule> allRules() {
  using enum Kind;
  return {
      {R"([1,"realm1",{"roles":{"caller":{}}}])",
       {realm, dict},
       2,
       {{"roles", roles},
        {"agent", string},
        {"authmethods", strings},
        {"authid", string},
        {"authrole", string},
        {"authextra", dict},
        {"resumable", boolean},
        {"resume-session", id},
        {"resume-token", string}}},
      {R"([2,7,{"roles":{"dealer":{}}}])",
       {id, dict},
       2,
       {{"roles", roles},
        {"agent", string},
        {"realm", uri},
        {"authid", string},
        {"authrole", string},
        {"authmethod", string},
        {"authprovider", string},
        {"authextra", dict},
        {"resumed", boolean},
        {"resumable", boolean},
        {"resume_token", string}}},
      {R"([3,{},"com.app",[1],{}])", {dict, uri, payload}, 1, {{"message", string}}},
      {R"([4,"m",{}])", {string, dict}, 0, {}},
      {R"([5,"s",{}])", {string, dict}, 0, {}},
      {R"([6,{},"com.app"])", {dict, uri}, 1, {{"message", string}, {"resumable", boolean}}},
      {R"([8,48,1,{},"com.app",[1],{}])",
       {requestType, id, dict, uri, payload},
       3,
       kCalleeKeys + kPassthruKeys},
      {R"([16,1,{},"com.app",[1],{}])",
       {id, dict, uri, payload},
       2,
       std::vector<KeyRule>{{"acknowledge", boolean},
                            {"exclude_me", boolean},
                            {"exclude", ids},
                            {"exclude_authid", strings},
                            {"exclude_authrole", strings},
                            {"eligible", ids},
                            {"eligible_authid", strings},
                            {"eligible_authrole", strings},
                            {"retain", boolean},
                            {"disclose_me", boolean},
                            {"rkey", string},
                            {"transaction_hash", string}} +
           kPassthruKeys},
      {"[17,1,2]", {id, id}, 0, {}},
      {R"([32,1,{},"com.app"])",
       {id, dict, uri},
       2,
       std::vector<KeyRule>{{"match", name}, {"get_retained", boolean}, {"nkey", string}} + kForwardKeys},
      {"[33,1,2]", {id, id}, 0, {}},
      {"[34,1,2,{}]", {id, id, dict}, 3, kForwardKeys},
      {"[35,1,{}]", {idOrZero, dict}, 2, {{"subscription", id}, {"reason", uri}}},
      {"[36,1,2,{},[1],{}]",
       {id, id, dict, payload},
       3,
       std::vector<KeyRule>{{"publisher", id},
                            {"publisher_authid", string},
                            {"publisher_authrole", string},
                            {"topic", uri},
                            {"retained", boolean},
                            {"trustlevel", unsignedInteger},
                            {"transaction_hash", string},
                            {"x_acknowledged_delivery", boolean}} +
           kPassthruKeys},
      {"[337,1]", {id}, 0, {}},
      {R"([48,1,{},"com.app",[1],{}])",
       {id, dict, uri, payload},
       2,
       std::vector<KeyRule>{{"timeout", milliseconds},
                            {"receive_progress", boolean},
                            {"progress", boolean},
                            {"disclose_me", boolean},
                            {"transaction_hash", string},
                            {"runmode", string},
                            {"rkey", string}} +
           kCallerKeys + kPassthruKeys},
      {"[49,1,{}]", {id, dict}, 2, std::vector<KeyRule>{{"mode", name}} + kForwardKeys},
      {"[50,1,{},[1],{}]",
       {id, dict, payload},
       2,
       std::vector<KeyRule>{{"progress", boolean}} + kCalleeKeys + kPassthruKeys},
      {R"([64,1,{},"com.app"])",
       {id, dict, uri},
       2,
       std::vector<KeyRule>{{"match", name},
                            {"invoke", name},
                            {"concurrency", positive},
                            {"force_reregister", boolean},
                            {"disclose_caller", boolean},
                            {"forward_timeout", boolean}} +
           kForwardKeys},
      {"[65,1,2]", {id, id}, 0, {}},
      {"[66,1,2,{}]", {id, id, dict}, 3, kForwardKeys},
      {"[67,1,{}]", {idOrZero, dict}, 2, {{"registration", id}, {"reason", uri}}},
      {"[68,1,2,{},[1],{}]",
       {id, id, dict, payload},
       3,
       std::vector<KeyRule>{{"timeout", milliseconds},
                            {"receive_progress", boolean},
                            {"progress", boolean},
                            {"procedure", uri},
                            {"trustlevel", unsignedInteger},
                            {"transaction_hash", string}} +
           kCallerKeys + kPassthruKeys},
      {"[69,1,{}]", {id, dict}, 2, std::vector<KeyRule>{{"mode", name}, {"reason", uri}} + kForwardKeys},
      {"[70,1,{},[1],{}]",
       {id, dict, payload},
       2,
       std::vector<KeyRule>{{"progress", boolean}} + kCalleeKeys + kPassthruKeys},
  };
}

// Values of every type, and those at the edges of ranges.
std::vector<Value> mutations() {
  return {nullptr,
          true,
          0,
          1,
          7,
          -1,
          std::int64_t{1} << 53,
          (std::int64_t{1} << 53) + 1,
          std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::uint64_t>::max(),
          1.0,
          -0.5,
          "",
          "com.app",
          "com..app",
          "com app",
          "com#app",
          Bytes("\1\2"),
          List{},
          List{1},
          List{"a"},
          List{nullptr},
          List{Value(List{})},
          Dict{},
          Dict{{"k", 1}},
          Dict{{"roles", Dict{{"caller", 1}}}},
          Dict{{"roles", List{}}},
          List{Dict{}},
          List{Dict{{"session", 1}, {"authid", "a"}}},
          List{Dict{{"session", 0}, {"authid", "a"}, {"authrole", "r"}}}};
}

bool isInRange(const Value& value, std::uint64_t least, std::uint64_t most) {
  return value.isUint64() && value.asUint64() >= least && value.asUint64() <= most;
}

template <class Test>
bool allOf(const Value& value, Test test) {
  return value.isList() && std::ranges::all_of(value.asList(), test);
}

/// Independent of the code's own tables: may this value stand where such a thing is wanted?
bool fits(Kind kind, const Value& value) {
  const auto isString = [](const Value& each) { return each.isString(); };
  constexpr auto kMaxMilliseconds = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  switch (kind) {
    case Kind::id:
      return isInRange(value, 1, kMaxId);
    case Kind::idOrZero:
      return isInRange(value, 0, kMaxId);
    case Kind::unsignedInteger:
      return value.isUint64();
    case Kind::milliseconds:
      return isInRange(value, 0, kMaxMilliseconds);
    case Kind::positive:
      return isInRange(value, 1, std::numeric_limits<std::uint64_t>::max());
    case Kind::requestType:
      return value == Value(48);
    case Kind::boolean:
      return value.isBool();
    case Kind::string:
      return value.isString();
    case Kind::uri:
      return value == Value("com.app");
    case Kind::realm:
      return value == Value("com.app") || value.isNull();
    case Kind::name:
    case Kind::roles:
      return false;
    case Kind::dict:
      return value.isDict();
    case Kind::ids:
      return allOf(value, [](const Value& each) { return isInRange(each, 1, kMaxId); });
    case Kind::strings:
      return allOf(value, isString);
    case Kind::forward:
      return value == Value(List{});
    case Kind::payload:
      return value.isList() || value.isBytes();
  }
  return false;
}

class Hostile : public ::testing::TestWithParam<std::string_view> {
 protected:
  std::unique_ptr<Serializer> serializer_ = makeSerializer(GetParam());

  std::string problemOf(const Value& message) {
    return refusal(*serializer_, encode(message, serializer_->encoding()));
  }
};

TEST_P(Hostile, TheRulesCoverEveryMessage) {
  const auto rules = allRules();
  EXPECT_EQ(rules.size(), messageTypes().size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EXPECT_EQ(problemOf(fromJson(rules[i].good)), "");
    EXPECT_EQ(fromJson(rules[i].good).asList()[0].asInt64(), messageTypes()[i].code);
  }
}

TEST_P(Hostile, WrongElementsAreRefusedNamingTheMessage) {
  for (const MessageRule& rule : allRules()) {
    for (std::size_t i = 0; i < rule.elements.size(); ++i) {
      for (const Value& mutation : mutations()) {
        const Kind kind = rule.elements[i];
        Value message = fromJson(rule.good);
        // Requests 0, required keys and texts with a meaning of their own have other tests.
        if (kind == Kind::idOrZero && mutation == Value(0)) continue;
        if (kind == Kind::dict && mutation.isDict() && i + 1 == rule.dictIndex) continue;
        if (kind == Kind::payload && mutation.isBytes()) message.asList().resize(i + 2);
        message.asList()[i + 1] = mutation;
        SCOPED_TRACE(message.toString());
        const std::string problem = problemOf(message);
        if (fits(kind, mutation)) {
          EXPECT_EQ(problem, "");
        } else {
          EXPECT_THAT(problem,
                      HasSubstr(std::string(messageName(static_cast<int>(message.asList()[0].asInt64())))));
        }
      }
    }
  }
}

TEST_P(Hostile, WrongOptionsAreRefusedNamingTheKey) {
  for (const MessageRule& rule : allRules()) {
    for (const KeyRule& key : rule.keys) {
      for (const Value& mutation : mutations()) {
        Value message = fromJson(rule.good);
        Dict& dict = message.asList().at(rule.dictIndex).asDict();
        dict[key.key] = mutation;
        if (key.key == "resume-session") dict["resume-token"] = "t";
        SCOPED_TRACE(message.toString());
        const std::string problem = problemOf(message);
        // Null is "not there", unless the key must be.
        if (fits(key.kind, mutation) || (mutation.isNull() && key.kind != Kind::roles)) {
          EXPECT_EQ(problem, "");
        } else {
          EXPECT_THAT(problem, HasSubstr("." + key.key));
        }
      }
    }
  }
}

TEST_P(Hostile, WrongLengthsAreRefused) {
  for (const MessageRule& rule : allRules()) {
    const Value good = fromJson(rule.good);
    Value longer = good;
    longer.asList().emplace_back(1);
    EXPECT_THAT(problemOf(longer), HasSubstr("wanted, got")) << longer.toString();
    for (std::size_t size = 0; size < good.asList().size(); ++size) {
      Value shorter = good;
      shorter.asList().resize(size);
      // Payloads may be missing, and the options of the four that end what was registered or subscribed.
      const auto code = good.asList()[0].asInt64();
      const bool mayLackDict = code == 34 || code == 35 || code == 66 || code == 67;
      const bool hasPayload = rule.elements.back() == Kind::payload;
      const bool isGood =
          (hasPayload && size >= rule.elements.size()) || (mayLackDict && size == rule.elements.size());
      EXPECT_EQ(problemOf(shorter).empty(), isGood) << shorter.toString();
    }
  }
}

TEST_P(Hostile, UnknownCodesAreRefused) {
  for (std::int64_t code = -2; code < 1100; ++code) {
    const bool isKnown = code >= 0 && !messageName(static_cast<int>(code)).empty();
    const std::string problem = problemOf(List{code});
    EXPECT_NE(problem, "");
    EXPECT_EQ(problem.find("the code of a message wanted") != std::string::npos, !isKnown) << code;
  }
  for (const Value& code : mutations()) EXPECT_NE(problemOf(List{code}), "") << code.toString();
  EXPECT_NE(problemOf(List{std::numeric_limits<std::int64_t>::max()}), "");
  EXPECT_NE(problemOf(List{(std::int64_t{1} << 32) + 48}), "") << "not cut to 32 bits";
  for (const Value& other : mutations()) EXPECT_NE(problemOf(other), "") << other.toString();
}

Value nested(int depth, bool asDicts) {
  Value value = asDicts ? Value(Dict{}) : Value(List{});
  for (int i = 1; i < depth; ++i) {
    value = asDicts ? Value(Dict{{"k", std::move(value)}}) : Value(List{std::move(value)});
  }
  return value;
}

TEST_P(Hostile, DeepNestingIsRefusedWhereverItStands) {
  for (const int depth : {62, 300}) {
    for (const bool asDicts : {false, true}) {
      const Value deep = nested(depth, asDicts);
      const bool isGood = depth < 64;
      EXPECT_EQ(problemOf(List{70, 1, Dict{}, List{deep}}).empty(), isGood);
      EXPECT_EQ(problemOf(List{70, 1, Dict{}, List{}, Dict{{"k", deep}}}).empty(), isGood);
      EXPECT_EQ(problemOf(List{70, 1, Dict{{"ignored", deep}}}).empty(), isGood);
      EXPECT_EQ(problemOf(List{70, 1, Dict{{"x_custom", deep}}}).empty(), isGood);
      EXPECT_EQ(problemOf(List{5, "s", Dict{{"k", deep}}}).empty(), isGood);
    }
  }
}

TEST_P(Hostile, AttributesCannotBlowUpMemory) {
  const Value many = List(200'000, Value(List{}));
  EXPECT_THAT(problemOf(List{5, "s", Dict{{"k", many}}}), HasSubstr("too many values"));
  EXPECT_THAT(problemOf(List{70, 1, Dict{{"x_own", many}}}), HasSubstr("too many values"));
  EXPECT_THAT(problemOf(List{16, 1, Dict{{"exclude_authid", List(200'000, Value(""))}}, "com.app"}),
              HasSubstr("PUBLISH.Options.exclude_authid: fewer values wanted, got too many"));
  EXPECT_EQ(problemOf(List{70, 1, Dict{{"ignored", many}}, List{many}}), "");
}

TEST_P(Hostile, NamesChosenByThePeerAreQuoted) {
  EXPECT_THAT(problemOf(List{1, "realm1", Dict{{"roles", Dict{{"a\nFAKE LOG LINE", 1}}}}}),
              HasSubstr(R"(HELLO.Details.roles."a\x0aFAKE LOG LINE": a dict wanted)"));
  const std::string problem =
      problemOf(List{1, "realm1", Dict{{"roles", Dict{{std::string(100'000, 'r'), 1}}}}});
  EXPECT_LT(problem.size(), 200U);
}

// Whatever is cut off or changed: an answer, no crash, and what is accepted can be written again.
TEST_P(Hostile, BrokenBytesGetAnAnswer) {
  std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same every time
  for (const MessageRule& rule : allRules()) {
    const std::string bytes = encode(fromJson(rule.good), serializer_->encoding());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_NE(refusal(*serializer_, bytes.substr(0, size)), "") << rule.good << " cut to " << size;
    }
    for (int round = 0; round < 300; ++round) {
      std::string broken = bytes;
      for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        broken[random() % broken.size()] = static_cast<char>(random());
      }
      std::vector<Message> messages;
      if (serializer_->unserialize(broken, serializer_->isBinary(), messages)) continue;
      ASSERT_EQ(messages.size(), 1U);
      util::ByteBuffer out;
      EXPECT_FALSE(serializer_->serialize(messages[0], out));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Serializers, Hostile,
                         ::testing::ValuesIn(defaultSerializerIds().begin(), defaultSerializerIds().end()),
                         [](const auto& each) { return std::string(each.param); });

TEST(HostileBatch, HugeLengthsAllocateNothing) {
  for (const std::string_view id : serializerIds()) {
    if (!id.ends_with(".batched")) continue;
    const auto serializer = makeSerializer(id);
    if (!serializer->isBinary()) continue;
    for (const std::string_view bytes :
         {"\xff\xff\xff\xff"sv, "\x7f\xff\xff\xff[48]"sv, "\x00\x00\x00\x01"sv, "\x00\x00"sv}) {
      EXPECT_NE(refusal(*serializer, bytes), "");
    }
  }
}

}  // namespace
}  // namespace autobahn::wamp::testing
