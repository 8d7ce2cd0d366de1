// JSON files read with errors that say where: "x.json: servers[0].url: must be a string, is a number".
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wstest {

/// What is wrong with a JSON text, and where; one line.
class JsonError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A value and the way to it. Lives no longer than its JsonDocument. Whatever is not as wanted throws
/// JsonError.
class JsonNode {
 public:
  JsonNode(const std::string& source, std::string path, const rapidjson::Value& value)
      : source_(&source), path_(std::move(path)), value_(&value) {}

  std::string text() const;
  bool flag() const;
  double number() const;
  int integer(int least, int most) const;
  std::vector<JsonNode> items() const;
  std::vector<std::string> texts() const;
  /// The members of an object, in order.
  std::vector<std::pair<std::string, JsonNode>> members() const;
  /// A member of an object; nothing when it is missing, or null.
  std::optional<JsonNode> find(const std::string& key) const;
  /// The same; JsonError when it is missing.
  JsonNode at(const std::string& key) const;
  bool isObject() const { return value_->IsObject(); }

  /// "x.json: servers[0].url: " and what follows.
  std::string located(std::string_view what) const;
  [[noreturn]] void refuse(std::string_view wanted) const;

 private:
  const std::string* source_;
  std::string path_;
  const rapidjson::Value* value_;
};

/// A parsed text. Comments and trailing commas are let pass.
class JsonDocument {
 public:
  /// Throws JsonError: "x.json:3:5: …", or when the file cannot be read.
  static JsonDocument ofFile(const std::string& file);
  /// `source` is the name in errors.
  static JsonDocument ofText(std::string source, const std::string& text);

  JsonNode root() const { return {*source_, "", *document_}; }

 private:
  JsonDocument() = default;
  std::unique_ptr<std::string> source_;
  std::unique_ptr<rapidjson::Document> document_;
};

}  // namespace wstest
