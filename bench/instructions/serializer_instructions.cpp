// Reads or writes one WAMP message a fixed number of times, to have its instructions counted:
// `serializer_instructions SCENARIO`. Without an argument it lists the scenarios,
// operation/message/serializer:
// - read: bytes to a message, its arguments checked and kept as bytes (what a router does);
// - readValues: the same, and the arguments as values (handlers that take Value, List, Dict);
// - readNative: the same, and the arguments as the types of a C++ function's parameters;
// - write: a message that came in the same encoding; writeValues: a message made of values.
// The libraries beside ours read and write the same data as values of their own and know nothing of messages.
//
// bench/instructions.py runs it under callgrind, which collects inside `measured` only.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

namespace instructions {

using namespace autobahn;
using namespace autobahn::wamp;

struct Item {
  std::string sku;
  int count = 0;
  double price = 0;
};
struct Order {
  std::int64_t id = 0;
  std::string customer;
  std::vector<std::string> tags;
  std::vector<Item> items;
};
constexpr auto describe(const Item*) {
  return members(member("sku", &Item::sku), member("count", &Item::count), member("price", &Item::price));
}
constexpr auto describe(const Order*) {
  return members(member("id", &Order::id), member("customer", &Order::customer), member("tags", &Order::tags),
                 member("items", &Order::items));
}

namespace {

constexpr int kWarmUp = 3;
constexpr int kRounds = 300;

// Compilers must not see that a result is not used.
template <class T>
void use(const T& value) {
  __asm__ volatile("" : : "g"(&value) : "memory");
}

struct Sample {
  const char* name;
  std::string_view json;
  void (*readNative)(const Message& message);
};

// As sessions do it.
void readCall(const Message& message) {
  const auto [args, kwargs] = Payload(std::get<message::Call>(message).payload).take();
  use(convertArguments<int, int>(args, kwargs));
}
void readEvent(const Message& message) {
  const auto [args, kwargs] = Payload(std::get<message::Event>(message).payload).take();
  use(convertArguments<std::string, double, bool, std::optional<int>, Keywords<Order>>(args, kwargs));
}

// Those of bench/wamp/serializer_bench.cpp.
constexpr Sample kSamples[] = {
    {"CALL", R"([48,7814135,{},"com.myapp.add2",[23,7]])", readCall},
    {"EVENT", R"([36,5512315355,4429313566,{"publisher":3335656,"topic":"com.myapp.orders.created"},
        ["order",1738.25,true,null],{"id":90071992547409,"customer":"Jane Doe","tags":["express","gift"],
        "items":[{"sku":"A-17","count":2,"price":12.5},{"sku":"B-4","count":1,"price":99.0}]}])",
     readEvent},
};

using Work = std::function<void()>;
struct Scenario {
  std::string name;
  std::function<Work()> prepare;
};

void require(const Problem& problem) {
  if (problem) throw std::runtime_error(*problem);
}

Message readJson(std::string_view json) {
  std::vector<Message> messages;
  require(makeSerializer("json")->unserialize(json, false, messages));
  return std::move(messages.at(0));
}

const Payload& payloadOf(const Message& message) {
  if (const auto* call = std::get_if<message::Call>(&message)) return call->payload;
  return std::get<message::Event>(message).payload;
}

// Not received, but made by an application.
Message madeOf(Message message) {
  const Payload payload(payloadOf(message).args(), payloadOf(message).kwargs());
  if (auto* call = std::get_if<message::Call>(&message)) call->payload = payload;
  if (auto* event = std::get_if<message::Event>(&message)) event->payload = payload;
  return message;
}

std::string written(std::string_view id, const Sample& sample) {
  util::ByteBuffer out;
  require(makeSerializer(id)->serialize(madeOf(readJson(sample.json)), out));
  return std::string(out.view());
}

template <class Look>
Work reading(std::string_view id, const Sample& sample, Look look) {
  return [serializer = std::shared_ptr<Serializer>(makeSerializer(id)), bytes = written(id, sample),
          messages = std::make_shared<std::vector<Message>>(), look] {
    messages->clear();
    require(serializer->unserialize(bytes, serializer->isBinary(), *messages));
    look(messages->front());
  };
}

Work writing(std::string_view id, const Message& message) {
  return [serializer = std::shared_ptr<Serializer>(makeSerializer(id)), message,
          out = std::make_shared<util::ByteBuffer>()] {
    out->clear();
    require(serializer->serialize(message, *out));
  };
}

Work writingReceived(std::string_view id, const Sample& sample) {
  std::vector<Message> received;
  const auto serializer = makeSerializer(id);
  require(serializer->unserialize(written(id, sample), serializer->isBinary(), received));
  return writing(id, received.at(0));
}

// ---- The libraries

Work readingMsgpackCxx(const Sample& sample) {
  return [bytes = written("msgpack", sample)] {
    const msgpack::object_handle value = msgpack::unpack(bytes.data(), bytes.size());
    use(value);
  };
}

Work writingMsgpackCxx(const Sample& sample) {
  const std::string bytes = written("msgpack", sample);
  auto value = std::make_shared<msgpack::object_handle>(msgpack::unpack(bytes.data(), bytes.size()));
  return [bytes, value, out = std::make_shared<msgpack::sbuffer>()] {
    out->clear();
    msgpack::pack(*out, value->get());
  };
}

Work readingRapidJson(const Sample& sample) {
  return [bytes = written("json", sample)] {
    constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::Document document;
    document.Parse<kFlags>(bytes.data(), bytes.size());
    if (document.HasParseError()) throw std::runtime_error("RapidJSON does not read it");
  };
}

Work writingRapidJson(const Sample& sample) {
  const std::string bytes = written("json", sample);
  auto document = std::make_shared<rapidjson::Document>();
  document->Parse(bytes.data(), bytes.size());
  return [document, out = std::make_shared<rapidjson::StringBuffer>()] {
    out->Clear();
    rapidjson::Writer<rapidjson::StringBuffer> writer(*out);
    document->Accept(writer);
  };
}

// ---- All

void addOurs(std::vector<Scenario>& all, std::string_view id, const Sample& sample) {
  const auto add = [&](const char* operation, std::function<Work()> prepare) {
    all.push_back({std::string(operation) + '/' + sample.name + '/' + std::string(id), std::move(prepare)});
  };
  add("read", [id, &sample] { return reading(id, sample, [](const Message&) {}); });
  add("readValues", [id, &sample] {
    return reading(id, sample, [](const Message& message) {
      use(payloadOf(message).args());
      use(payloadOf(message).kwargs());
    });
  });
  add("readNative", [id, &sample] { return reading(id, sample, sample.readNative); });
  add("write", [id, &sample] { return writingReceived(id, sample); });
  add("writeValues", [id, &sample] { return writing(id, madeOf(readJson(sample.json))); });
}

void addLibraries(std::vector<Scenario>& all, const Sample& sample) {
  const std::string message = std::string("/") + sample.name + '/';
  all.push_back({"readValues" + message + "msgpack-cxx", [&sample] { return readingMsgpackCxx(sample); }});
  all.push_back({"writeValues" + message + "msgpack-cxx", [&sample] { return writingMsgpackCxx(sample); }});
  all.push_back({"readValues" + message + "RapidJSON", [&sample] { return readingRapidJson(sample); }});
  all.push_back({"writeValues" + message + "RapidJSON", [&sample] { return writingRapidJson(sample); }});
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (const Sample& sample : kSamples) {
    for (const std::string_view id : serializerIds()) {
      if (!id.ends_with(".batched")) addOurs(all, id, sample);
    }
    addLibraries(all, sample);
  }
  return all;
}

}  // namespace
}  // namespace instructions

/// The name by which callgrind knows what to count.
extern "C" __attribute__((noinline)) void measured(const std::function<void()>& work, int rounds) {
  for (int i = 0; i < rounds; ++i) work();
}

int main(int argc, char** argv) {
  using namespace instructions;
  const std::vector<Scenario> all = scenarios();
  for (const Scenario& each : all) {
    if (argc != 2) {
      std::puts(each.name.c_str());
    } else if (each.name == argv[1]) {
      const Work work = each.prepare();
      for (int i = 0; i < kWarmUp; ++i) work();
      measured(work, kRounds);
      std::printf("%d\n", kRounds);
      return 0;
    }
  }
  if (argc != 2) return 0;
  std::fprintf(stderr, "no scenario %s\n", argv[1]);
  return 2;
}
