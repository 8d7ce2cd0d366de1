// What a message costs on the heap once the serializer is warm: one allocation to read it (the shared buffer
// with its texts and its payload), none to write it. Whoever raises these numbers says why.
#include <gtest/gtest.h>

#include <autobahn/wamp/serializer.hpp>
#include <cstdlib>
#include <new>

namespace {
std::size_t allocations = 0;
std::size_t octets = 0;  // allocated since the beginning, whether or not they were given back
void* counted(std::size_t size) {
  ++allocations;
  octets += size;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace autobahn::wamp {
namespace {

constexpr int kWarmUp = 3;
constexpr int kRounds = 10;

/// Allocations per message of reading and writing one message again and again with the same serializer and
/// buffers.
struct Cost {
  std::size_t reading = 0;
  std::size_t writing = 0;
};

Cost costOf(Serializer& serializer, std::string_view bytes) {
  std::vector<Message> messages;
  util::ByteBuffer out;
  Cost cost;
  for (int i = 0; i < kWarmUp + kRounds; ++i) {
    if (i == kWarmUp) cost = {};
    messages.clear();
    out.clear();
    const std::size_t before = allocations;
    EXPECT_FALSE(serializer.unserialize(bytes, serializer.isBinary(), messages));
    const std::size_t between = allocations;
    EXPECT_FALSE(serializer.serialize(messages.at(0), out));
    cost.reading += between - before;
    cost.writing += allocations - between;
    EXPECT_EQ(out.view(), bytes);
  }
  return {cost.reading / kRounds, cost.writing / kRounds};
}

/// A JSON message in the form of another serializer.
std::string inFormatOf(Serializer& serializer, std::string_view json) {
  std::vector<Message> messages;
  util::ByteBuffer out;
  EXPECT_FALSE(makeSerializer("json")->unserialize(json, false, messages));
  EXPECT_FALSE(serializer.serialize(messages.at(0), out));
  return std::string(out.view());
}

struct Case {
  std::string_view json;
  std::size_t reading;
};

TEST(WampAllocation, ReadingTakesOneBufferAndWritingNothing) {
  constexpr Case kCases[] = {
      {R"([48,7814135,{},"com.myapp.procedure.with.a.long.name",["Hello, world!",[1,2.5]],{"key":{"a":"b"}}])",
       1},
      {R"([48,1,{"timeout":1000,"receive_progress":true,"caller_authid":"somebody@example.com"},"com.myapp.proc",[1]])",
       1},
      {R"([68,1,2,{"caller":3,"procedure":"com.myapp.procedure.with.a.long.name"},["Hello, world!"]])", 1},
      {R"([70,1,{"progress":true},["Hello, world!"]])", 1},
      {R"([50,1,{},["Hello, world!"]])", 1},
      {R"([16,1,{"acknowledge":true},"com.myapp.topic.with.a.long.name",["Hello, world!"]])", 1},
      {R"([36,1,2,{"topic":"com.myapp.topic.with.a.long.name"},["Hello, world!"],{"k":1}])", 1},
      {R"([8,48,1,{},"com.myapp.error.with.a.long.name",["Hello, world!"]])", 1},
      {R"([17,1,2])", 0},
      {R"([49,1,{"mode":"kill"}])", 0},
  };
  for (const std::string_view id : defaultSerializerIds()) {
    for (const Case& each : kCases) {
      const auto serializer = makeSerializer(id);
      const Cost cost = costOf(*serializer, inFormatOf(*serializer, each.json));
      EXPECT_EQ(cost.reading, each.reading) << id << " " << each.json;
      EXPECT_EQ(cost.writing, 0U) << id << " " << each.json;
    }
  }
}

TEST(WampAllocation, CopyingAPayloadTakesNothing) {
  std::vector<Message> messages;
  EXPECT_FALSE(
      makeSerializer("json")->unserialize(R"([48,1,{},"com.app",["Hello, world!"]])", false, messages));
  const auto& call = std::get<message::Call>(messages.at(0));
  const std::size_t before = allocations;
  const message::Invocation invocation{
      .request = 1, .registration = 2, .details = {.procedure = call.procedure}, .payload = call.payload};
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(invocation.payload.rawFor(Encoding::json).args, R"(["Hello, world!"])");
}

TEST(WampAllocation, DeclaredSizesTakeNothing) {
  // A megabyte of brackets, a long string, many digits: what is refused has cost its message's size at most.
  const std::string texts[] = {std::string(1 << 20, '['), "[48,1,{},\"" + std::string(1 << 20, 'a'),
                               "[48," + std::string(1 << 10, '9'), "[4,\"m\"," + std::string(1 << 20, '{')};
  const auto serializer = makeSerializer("json");
  for (const std::string& text : texts) {
    std::vector<Message> messages;
    const std::size_t before = allocations;
    EXPECT_TRUE(serializer->unserialize(text, false, messages));
    EXPECT_LE(allocations - before, 20U);
  }
}

// Lists in lists, each of which declares as many elements as octets follow: no more than all of them could be
// there, and for none but the innermost they are.
TEST(WampAllocation, NestedDeclarationsTakeNothing) {
  constexpr std::size_t kDepth = 50;
  constexpr std::size_t kFill = 1 << 16;
  std::string message =
      "\x93\x01\xa6realm1\x82\xa5roles\x81\xa6"
      "caller\x80\xa9"
      "authextra\x81\xa1x";
  for (std::size_t level = kDepth; level-- > 0;) {
    const std::size_t follow = kFill + 5 * level;
    message += '\xdd';
    for (const int shift : {24, 16, 8, 0}) message += static_cast<char>(follow >> shift & 0xFF);
  }
  message += std::string(kFill, '\xc0');
  std::vector<Message> messages;
  const std::size_t before = octets;
  EXPECT_TRUE(makeSerializer("msgpack")->unserialize(message, true, messages));
  EXPECT_LE(octets - before, std::size_t{8} << 20);
}

// What a payload's values take: `kOctetsPerValue` each, those given back while lists grew counted too. The
// limit on their number is what makes that a bound.
TEST(WampAllocation, ValuesTakeWhatIsPromised) {
  constexpr std::size_t kMaxValues = 100'000;
  std::string manyKeys = "[],{";
  for (std::size_t i = 0; i < kMaxValues * 2; ++i) manyKeys += "\"k" + std::to_string(i) + "\":1,";
  manyKeys.back() = '}';
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  const std::string payloads[] = {
      "[" + repeated("0,", 10'000'000) + "0]",    "[" + repeated("[],", 3'000'000) + "0]",
      "[" + repeated("[[0]],", 1'000'000) + "0]", "[" + repeated(R"({"":[{}]},)", 1'000'000) + "0]",
      "[" + repeated("1.5e3,", 1'000'000) + "0]", manyKeys,
  };
  const auto serializer = makeSerializer("json", {.maxMessageSize = 0, .maxValues = kMaxValues});
  for (const std::string& each : payloads) {
    std::vector<Message> messages;
    EXPECT_FALSE(serializer->unserialize(R"([48,1,{},"com.app",)" + each + "]", false, messages));
    const message::Call call = std::get<message::Call>(messages.at(0));
    const std::size_t before = octets;
    EXPECT_FALSE(call.payload.rawFor(Encoding::cbor).error.empty()) << each.substr(0, 20);
    EXPECT_LE(octets - before, kMaxValues * kOctetsPerValue) << each.substr(0, 20);
  }
}

}  // namespace
}  // namespace autobahn::wamp
