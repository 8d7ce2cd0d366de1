#include "setting.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <tuple>

#include "file.hpp"

namespace router_tool {
namespace {

std::string_view kindName(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::boolean:
      return "a boolean";
    case Node::Kind::integer:
    case Node::Kind::real:
      return "a number";
    case Node::Kind::text:
      return "a string";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::object:
      return "an object";
  }
  return "something else";
}

}  // namespace

Setting::Setting(std::string file, std::shared_ptr<const Node> root)
    : file_(std::make_shared<const std::string>(std::move(file))),
      root_(std::move(root)),
      node_(root_.get()),
      line_(root_->line) {}

Setting::Setting(const Setting& parent, std::string path, const Node& node, std::size_t line)
    : file_(parent.file_), root_(parent.root_), path_(std::move(path)), node_(&node), line_(line) {}

std::string Setting::located(std::string_view what) const {
  return *file_ + ":" + std::to_string(line_) + ": " + (path_.empty() ? "" : path_ + ": ") +
         std::string(what);
}

void Setting::refuse(std::string_view what) const { throw ConfigError(located(what)); }

void Setting::refuseKind(std::string_view wanted) const {
  refuse("must be " + std::string(wanted) + ", is " + std::string(kindName(node_->kind)));
}

void Setting::refuseName(const std::string& given, const std::vector<std::string>& known) const {
  std::string all;
  for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
  refuse("must be one of " + all + ", is \"" + given + "\"" + didYouMean(given, known));
}

std::string Setting::text() const {
  if (node_->kind != Node::Kind::text) refuseKind("a string");
  if (node_->text.find('\0') != std::string::npos) refuse("must not contain NUL");
  return node_->text;
}

std::string Setting::name() const {
  if (text().empty()) refuse("must not be empty");
  return node_->text;
}

bool Setting::flag() const {
  if (node_->kind != Node::Kind::boolean) refuseKind("true or false");
  return node_->flag;
}

std::int64_t Setting::integer(std::int64_t least, std::int64_t most) const {
  const std::string range =
      most == std::numeric_limits<std::int64_t>::max()
          ? "a whole number, " + std::to_string(least) + " or more"
          : "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (node_->kind == Node::Kind::real) refuse("must be " + range);
  if (node_->kind != Node::Kind::integer) refuseKind(range);
  if (node_->integer < least || node_->integer > most) {
    refuse("must be " + range + ", is " + std::to_string(node_->integer));
  }
  return node_->integer;
}

std::size_t Setting::count() const {
  return static_cast<std::size_t>(integer(0, std::numeric_limits<std::int64_t>::max()));
}

std::chrono::milliseconds Setting::milliseconds() const {
  constexpr std::int64_t kHundredYears = std::int64_t{1000} * 60 * 60 * 24 * 36525;
  return std::chrono::milliseconds(integer(0, kHundredYears));
}

std::vector<Setting> Setting::items() const {
  if (node_->kind != Node::Kind::list) refuseKind("a list");
  std::vector<Setting> all;
  for (const Node& each : node_->items) {
    all.push_back(Setting(*this, path_ + "[" + std::to_string(all.size()) + "]", each, each.line));
  }
  return all;
}

std::vector<std::string> Setting::texts() const {
  std::vector<std::string> all;
  for (const Setting& each : items()) all.push_back(each.text());
  return all;
}

std::vector<std::pair<std::string, Setting>> Setting::members() const {
  if (node_->kind != Node::Kind::object) refuseKind("an object");
  std::vector<std::pair<std::string, Setting>> all;
  for (std::size_t i = 0; i < node_->keys.size(); ++i) {
    const Node::Key& key = node_->keys[i];
    const std::string path = path_.empty() ? key.text : path_ + "." + key.text;
    all.emplace_back(key.text, Setting(*this, path, node_->items[i], key.line));
  }
  return all;
}

std::string Setting::resolved(const std::string& path) const {
  return (std::filesystem::path(*file_).parent_path() / path).string();
}

std::string Setting::content() const {
  const std::string path = resolved(name());
  try {
    return readFile(path);
  } catch (const std::system_error& error) {
    refuse("cannot read " + path + ": " + error.code().message());
  }
}

std::string Setting::readableFile() const {
  std::ignore = content();
  return resolved(name());
}

Section::Section(Setting object) : object_(std::move(object)) {
  if (!object_.isObject()) object_.refuseKind("an object");
}

std::optional<Setting> Section::find(const std::string& key) {
  asked_.push_back(key);
  for (auto& [name, setting] : object_.members()) {
    if (name == key) return setting;
  }
  return std::nullopt;
}

Setting Section::need(const std::string& key) {
  if (auto found = find(key)) return *std::move(found);
  for (const auto& [name, setting] : object_.members()) {
    const bool isAsked = std::find(asked_.begin(), asked_.end(), name) != asked_.end();
    if (!isAsked && suggestion(name, {key})) setting.refuse("is unknown" + didYouMean(name, {key}));
  }
  object_.refuse("`" + key + "` is missing");
}

void Section::finish() const {
  for (const auto& [name, setting] : object_.members()) {
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
      setting.refuse("is unknown" + didYouMean(name, asked_));
    }
  }
}

}  // namespace router_tool
