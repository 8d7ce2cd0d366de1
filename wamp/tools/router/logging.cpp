#include "logging.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <autobahn/util/standard_error.hpp>
#include <autobahn/util/text.hpp>
#include <autobahn/util/utf8.hpp>
#include <cmath>
#include <string_view>
#include <variant>

namespace router_tool {

using namespace autobahn;

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// JSON is UTF-8: bytes that are not come out as \xNN.
std::string printable(std::string_view text) {
  if (util::isValidUtf8(text)) return std::string(text);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string made;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte < 0x80) {
      made += each;
    } else {
      made += {'\\', 'x', kDigits[byte / 16U], kDigits[byte % 16U]};
    }
  }
  return made;
}

void writeText(Writer& writer, std::string_view text) {
  const std::string made = printable(text);
  writer.String(made.data(), static_cast<rapidjson::SizeType>(made.size()));
}

struct WriteValue {
  Writer& writer;
  void operator()(std::string_view value) const { writeText(writer, value); }
  void operator()(std::int64_t value) const { writer.Int64(value); }
  void operator()(std::uint64_t value) const { writer.Uint64(value); }
  void operator()(bool value) const { writer.Bool(value); }
  void operator()(double value) const {
    if (std::isfinite(value)) {
      writer.Double(value);
    } else {
      writer.Null();
    }
  }
};

void member(Writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writeText(writer, value);
}

}  // namespace

std::string formatJson(const util::LogRecord& record) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  member(writer, "time", util::utcstr(record.time));
  member(writer, "level", util::levelName(record.level));
  member(writer, "logger", record.logger);
  member(writer, "message", record.message);
  if (!record.fields.empty()) {
    writer.Key("fields");
    writer.StartObject();
    for (const util::LogField& each : record.fields) {
      writer.Key(each.name.data(), static_cast<rapidjson::SizeType>(each.name.size()));
      std::visit(WriteValue{writer}, each.value.get());
    }
    writer.EndObject();
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void setLogFormat(LogFormat format) {
  if (format == LogFormat::text) return util::setSink({});
  util::setSink([](const util::LogRecord& record) { util::writeLineToStandardError(formatJson(record)); });
}

}  // namespace router_tool
