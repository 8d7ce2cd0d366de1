// Messages read and written by each serializer, beside libraries that parse and pack the same data into their
// own values. A row is called operation/message/serializer:
// - read: bytes to a message, payload validated and kept as bytes (what a router does);
// - readArgs: the same, and args and kwargs as values (what a client does);
// - write: a message that was received in the same encoding (its payload is spliced);
// - writeArgs: a message made of values.
#include <benchmark/benchmark.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <autobahn/wamp/serializer.hpp>
#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include "allocations.hpp"

namespace {

using namespace autobahn;
using namespace autobahn::wamp;

struct Sample {
  const char* name;
  std::string_view json;
};
constexpr Sample kSamples[] = {
    {"CALL", R"([48,7814135,{},"com.myapp.add2",[23,7]])"},
    {"EVENT", R"([36,5512315355,4429313566,{"publisher":3335656,"topic":"com.myapp.orders.created"},
        ["order",1738.25,true,null],{"id":90071992547409,"customer":"Jane Doe","tags":["express","gift"],
        "items":[{"sku":"A-17","count":2,"price":12.5},{"sku":"B-4","count":1,"price":99.0}]}])"},
};

Message messageOf(std::string_view json) {
  std::vector<Message> messages;
  makeSerializer("json")->unserialize(json, false, messages);
  return std::move(messages.at(0));
}

// Not received, but made by an application.
Message madeOf(const Message& received) {
  Message made = received;
  std::visit(
      [](auto& message) {
        if constexpr (requires { message.payload; }) {
          message.payload = Payload(message.payload.args(), message.payload.kwargs());
        }
      },
      made);
  return made;
}

const Payload& payloadOf(const Message& message) {
  if (const auto* call = std::get_if<message::Call>(&message)) return call->payload;
  return std::get<message::Event>(message).payload;
}

template <class Work>
void measure(benchmark::State& state, std::size_t size, const Work& work) {
  work();  // memory that is kept for the next message
  const std::size_t before = bench::allocationCount();
  for ([[maybe_unused]] auto _ : state) work();
  const auto allocations = static_cast<double>(bench::allocationCount() - before);
  state.counters["allocations"] = allocations / static_cast<double>(state.iterations());
  state.counters["octets"] = static_cast<double>(size);
}

std::string written(Serializer& serializer, const Message& message) {
  util::ByteBuffer out;
  serializer.serialize(message, out);
  return std::string(out.view());
}

void readMessages(benchmark::State& state, std::string_view id, const Sample& sample, bool withArgs) {
  const auto serializer = makeSerializer(id);
  const std::string bytes = written(*serializer, messageOf(sample.json));
  std::vector<Message> messages;
  measure(state, bytes.size(), [&] {
    messages.clear();
    benchmark::DoNotOptimize(serializer->unserialize(bytes, serializer->isBinary(), messages));
    if (!withArgs) return;
    const Payload& payload = payloadOf(messages[0]);
    benchmark::DoNotOptimize(&payload.args());
    benchmark::DoNotOptimize(&payload.kwargs());
  });
}

void writeMessages(benchmark::State& state, std::string_view id, const Sample& sample, bool withArgs) {
  const auto serializer = makeSerializer(id);
  Message message = madeOf(messageOf(sample.json));
  const std::string bytes = written(*serializer, message);
  if (!withArgs) {
    std::vector<Message> received;
    serializer->unserialize(bytes, serializer->isBinary(), received);
    message = std::move(received.at(0));
  }
  util::ByteBuffer out;
  measure(state, bytes.size(), [&] {
    out.clear();
    benchmark::DoNotOptimize(serializer->serialize(message, out));
    benchmark::ClobberMemory();
  });
}

// ---- The libraries, values and nothing else: no checks of messages

void readMsgpackCxx(benchmark::State& state, const Sample& sample) {
  const std::string bytes = written(*makeSerializer("msgpack"), messageOf(sample.json));
  measure(state, bytes.size(), [&] { benchmark::DoNotOptimize(msgpack::unpack(bytes.data(), bytes.size())); });
}

void writeMsgpackCxx(benchmark::State& state, const Sample& sample) {
  const std::string bytes = written(*makeSerializer("msgpack"), messageOf(sample.json));
  const msgpack::object_handle value = msgpack::unpack(bytes.data(), bytes.size());
  msgpack::sbuffer out;
  measure(state, bytes.size(), [&] {
    out.clear();
    msgpack::pack(out, value.get());
    benchmark::ClobberMemory();
  });
}

void readRapidJson(benchmark::State& state, const Sample& sample) {
  const std::string bytes = written(*makeSerializer("json"), messageOf(sample.json));
  measure(state, bytes.size(), [&] {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag>(bytes.data(),
                                                                                             bytes.size());
    benchmark::DoNotOptimize(document.HasParseError());
  });
}

void writeRapidJson(benchmark::State& state, const Sample& sample) {
  const std::string bytes = written(*makeSerializer("json"), messageOf(sample.json));
  rapidjson::Document document;
  document.Parse(bytes.data(), bytes.size());
  rapidjson::StringBuffer out;
  measure(state, bytes.size(), [&] {
    out.Clear();
    rapidjson::Writer<rapidjson::StringBuffer> writer(out);
    document.Accept(writer);
    benchmark::ClobberMemory();
  });
}

const bool registered = [] {
  const auto add = [](const char* operation, const Sample& sample, std::string_view who, auto run) {
    const std::string name = std::string(operation) + '/' + sample.name + '/' + std::string(who);
    benchmark::RegisterBenchmark(name.c_str(), run);
  };
  for (const Sample& sample : kSamples) {
    for (const std::string_view id : serializerIds()) {
      if (id.ends_with(".batched")) continue;
      for (const bool withArgs : {false, true}) {
        add(withArgs ? "readArgs" : "read", sample, id, [id, &sample, withArgs](benchmark::State& state) {
          readMessages(state, id, sample, withArgs);
        });
        add(withArgs ? "writeArgs" : "write", sample, id, [id, &sample, withArgs](benchmark::State& state) {
          writeMessages(state, id, sample, withArgs);
        });
      }
    }
    add("readArgs", sample, "msgpack-cxx", [&sample](benchmark::State& state) { readMsgpackCxx(state, sample); });
    add("writeArgs", sample, "msgpack-cxx", [&sample](benchmark::State& state) { writeMsgpackCxx(state, sample); });
    add("readArgs", sample, "RapidJSON", [&sample](benchmark::State& state) { readRapidJson(state, sample); });
    add("writeArgs", sample, "RapidJSON", [&sample](benchmark::State& state) { writeRapidJson(state, sample); });
  }
  return true;
}();

}  // namespace
