#include "cryptobox_json.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>

namespace autobahn::inline v0::wamp {
namespace {

/// Notes where the members of the outermost object lie, without building anything. Its parser is not
/// recursive, so that no nesting is too deep.
class Scanner : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Scanner> {
 public:
  Scanner(const rapidjson::MemoryStream& stream, std::string_view json) : stream_(stream), json_(json) {}

  bool Default() { return value(false); }  // truth values
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return value(false); }
  bool Null() { return value(true); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ != 1 || member_ != Member::uri) return value(false);
    content.uri.assign(text, size);
    hasUri = true;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ != 1) return true;
    member_ = memberOf({text, size});
    if (member_ == Member::other) return true;
    const auto bit = static_cast<std::uint8_t>(member_);
    if ((seen_ & bit) != 0) return false;  // which one of two would be meant?
    seen_ = static_cast<std::uint8_t>(seen_ | bit);
    return true;
  }
  bool StartArray() { return start(Member::args); }
  bool StartObject() { return depth_ == 0 ? (depth_ = 1, true) : start(Member::kwargs); }
  bool EndArray(rapidjson::SizeType) { return end(content.args); }
  bool EndObject(rapidjson::SizeType) { return depth_ == 1 ? (depth_ = 0, true) : end(content.kwargs); }

  CryptoboxContent content;
  bool hasUri = false;

 private:
  enum class Member : std::uint8_t { other = 0, uri = 1, args = 2, kwargs = 4 };

  static Member memberOf(std::string_view key) {
    if (key == "uri") return Member::uri;
    if (key == "args") return Member::args;
    if (key == "kwargs") return Member::kwargs;
    return Member::other;
  }
  bool value(bool isNull) const {
    if (depth_ == 0) return false;
    return depth_ > 1 || member_ == Member::other || (isNull && member_ != Member::uri);
  }
  // The parser tells of a bracket while it stands before it.
  bool start(Member allowed) {
    if (depth_ == 0) return false;
    if (depth_ == 1) {
      if (member_ != Member::other && member_ != allowed) return false;
      begin_ = stream_.Tell();
    }
    ++depth_;
    return true;
  }
  bool end(std::string& into) {
    --depth_;
    if (depth_ == 1 && member_ != Member::other) into = json_.substr(begin_, stream_.Tell() + 1 - begin_);
    return true;
  }

  const rapidjson::MemoryStream& stream_;
  std::string_view json_;
  std::size_t depth_ = 0;
  std::size_t begin_ = 0;
  Member member_ = Member::other;
  std::uint8_t seen_ = 0;
};

}  // namespace

std::string cryptoboxJson(std::string_view uri, std::string_view args, std::string_view kwargs) {
  rapidjson::StringBuffer quoted;
  rapidjson::Writer<rapidjson::StringBuffer> writer(quoted);
  writer.String(uri.empty() ? "" : uri.data(), static_cast<rapidjson::SizeType>(uri.size()));
  std::string json = "{\"uri\":";
  json.reserve(json.size() + quoted.GetSize() + args.size() + kwargs.size() + 32);
  json.append(quoted.GetString(), quoted.GetSize());
  json.append(",\"args\":").append(args.empty() ? "null" : args);
  json.append(",\"kwargs\":").append(kwargs.empty() ? "null" : kwargs).append("}");
  return json;
}

CryptoboxContent parseCryptoboxJson(std::string_view json) {
  // Numbers stay text: what they are is for the serializer that reads the arguments.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream(json.empty() ? "" : json.data(), json.size());
  Scanner scanner(stream, json);
  rapidjson::Reader reader;
  const auto result = reader.Parse<flags>(stream, scanner);
  // A NUL passes for the end of the text.
  if (result.IsError() || stream.Tell() != json.size()) {
    throw PayloadError(PayloadErrorKind::malformed,
                       "cryptobox: payload is not a JSON object of uri, args and kwargs (offset " +
                           std::to_string(result.IsError() ? result.Offset() : stream.Tell()) + ")");
  }
  if (!scanner.hasUri) throw PayloadError(PayloadErrorKind::malformed, "cryptobox: payload without uri");
  return std::move(scanner.content);
}

}  // namespace autobahn::inline v0::wamp
