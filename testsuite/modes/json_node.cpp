#include "modes/json_node.hpp"

#include <rapidjson/error/en.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace wstest {
namespace {

std::string kindOf(const rapidjson::Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return "a boolean";
    case rapidjson::kObjectType:
      return "an object";
    case rapidjson::kArrayType:
      return "a list";
    case rapidjson::kStringType:
      return "a string";
    case rapidjson::kNumberType:
      return "a number";
  }
  return "something else";
}

std::string textOf(const rapidjson::Value& value) { return {value.GetString(), value.GetStringLength()}; }

/// "3:5" for an offset, counted from 1.
std::string lineAndColumn(const std::string& text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto line = 1 + std::count(text.begin(), end, '\n');
  const auto newline = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  const std::size_t column = newline == std::string::npos ? offset + 1 : offset - newline;
  return std::to_string(line) + ":" + std::to_string(column);
}

std::string contentOf(const std::string& file) {
  std::error_code error;
  std::ifstream stream(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) {
    throw JsonError(file + ": cannot read: " + std::generic_category().message(errno));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (content.starts_with(kByteOrderMark)) content.erase(0, kByteOrderMark.size());
  return content;
}

}  // namespace

std::string JsonNode::located(std::string_view what) const {
  return *source_ + ": " + (path_.empty() ? "" : path_ + ": ") + std::string(what);
}

void JsonNode::refuse(std::string_view wanted) const {
  throw JsonError(located("must be " + std::string(wanted) + ", is " + kindOf(*value_)));
}

std::string JsonNode::text() const {
  if (!value_->IsString()) refuse("a string");
  return textOf(*value_);
}

bool JsonNode::flag() const {
  if (!value_->IsBool()) refuse("a boolean");
  return value_->GetBool();
}

double JsonNode::number() const {
  if (!value_->IsNumber()) refuse("a number");
  return value_->GetDouble();
}

int JsonNode::integer(int least, int most) const {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  if (!value_->IsNumber()) refuse("a number from " + range);
  if (!value_->IsInt() || value_->GetInt() < least || value_->GetInt() > most) {
    throw JsonError(located("must be a whole number from " + range));
  }
  return value_->GetInt();
}

std::vector<JsonNode> JsonNode::items() const {
  if (!value_->IsArray()) refuse("a list");
  std::vector<JsonNode> all;
  for (const auto& each : value_->GetArray()) {
    all.emplace_back(*source_, path_ + "[" + std::to_string(all.size()) + "]", each);
  }
  return all;
}

std::vector<std::string> JsonNode::texts() const {
  std::vector<std::string> all;
  for (const JsonNode& each : items()) all.push_back(each.text());
  return all;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!value_->IsObject()) refuse("an object");
  std::vector<std::pair<std::string, JsonNode>> all;
  for (const auto& each : value_->GetObject()) {
    const std::string key = textOf(each.name);
    all.emplace_back(key, JsonNode(*source_, path_.empty() ? key : path_ + "." + key, each.value));
  }
  return all;
}

std::optional<JsonNode> JsonNode::find(const std::string& key) const {
  for (const auto& [name, node] : members()) {
    if (name == key && !node.value_->IsNull()) return node;
  }
  return std::nullopt;
}

JsonNode JsonNode::at(const std::string& key) const {
  if (auto node = find(key)) return *node;
  throw JsonError(located("'" + key + "' is missing"));
}

JsonDocument JsonDocument::ofFile(const std::string& file) { return ofText(file, contentOf(file)); }

JsonDocument JsonDocument::ofText(std::string source, const std::string& text) {
  // Iterative: deep nesting, in the answer of a harness perhaps, must not end us.
  constexpr unsigned kFlags = rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag |
                              rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  JsonDocument made;
  made.source_ = std::make_unique<std::string>(std::move(source));
  made.document_ = std::make_unique<rapidjson::Document>();
  made.document_->Parse<kFlags>(text.data(), text.size());
  if (made.document_->HasParseError()) {
    throw JsonError(*made.source_ + ":" + lineAndColumn(text, made.document_->GetErrorOffset()) +
                    ": no JSON: " + rapidjson::GetParseError_En(made.document_->GetParseError()));
  }
  return made;
}

}  // namespace wstest
