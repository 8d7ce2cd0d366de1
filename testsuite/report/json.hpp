// Writing JSON: a thin layer over RapidJSON that takes any bytes.
#pragma once

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "cases/printable.hpp"

namespace wstest {

/// `Output` is rapidjson::Writer or rapidjson::PrettyWriter on a StringBuffer.
template <typename Output>
class JsonWriter {
 public:
  explicit JsonWriter(Output& output) : output_(output) {}

  void beginObject() { output_.StartObject(); }
  void endObject() { output_.EndObject(); }
  void beginArray() { output_.StartArray(); }
  void endArray() { output_.EndArray(); }
  void key(std::string_view name) {
    const std::string text = validUtf8(name);
    output_.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void value(std::string_view bytes) {
    const std::string text = validUtf8(bytes);
    output_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void value(const std::string& bytes) { value(std::string_view(bytes)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth) { output_.Bool(truth); }
  void value(double number) { output_.Double(number); }
  void value(std::nullptr_t) { output_.Null(); }
  template <std::integral Number>
  void value(Number number) {
    if constexpr (std::signed_integral<Number>) {
      output_.Int64(number);
    } else {
      output_.Uint64(number);
    }
  }
  template <typename Value>
  void value(const std::optional<Value>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      output_.Null();
    }
  }
  template <typename Value>
  void member(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }
  /// All in one array.
  template <typename... Values>
  void tuple(const Values&... values) {
    beginArray();
    (value(values), ...);
    endArray();
  }

 private:
  Output& output_;
};

/// Calls `fill` with a JsonWriter and gives what it has written, indented by three as Autobahn's files are.
template <typename Fill>
std::string prettyJson(Fill fill) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> output(buffer);
  output.SetIndent(' ', 3);
  fill(JsonWriter(output));
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

/// The same without any white space, numbers with two decimals.
template <typename Fill>
std::string compactJson(Fill fill) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> output(buffer);
  output.SetMaxDecimalPlaces(2);
  fill(JsonWriter(output));
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace wstest
