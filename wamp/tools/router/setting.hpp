// A place in a configuration: what stands there, and how to complain about it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node.hpp"
#include "suggest.hpp"

namespace router_tool {

/// A value in a file. Whatever is not as wanted throws ConfigError.
class Setting {
 public:
  Setting(std::string file, std::shared_ptr<const Node> root);

  std::string text() const;
  /// A text that is not empty.
  std::string name() const;
  bool flag() const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  /// A whole number, ≥ 0: octets, or how many.
  std::size_t count() const;
  /// A whole number of milliseconds, ≥ 0.
  std::chrono::milliseconds milliseconds() const;
  std::vector<Setting> items() const;
  std::vector<std::string> texts() const;
  /// The values of an object with its keys, which are free.
  std::vector<std::pair<std::string, Setting>> members() const;
  /// A text that stands for a value; `names` is a list of pairs.
  template <class Names>
  auto oneOf(const Names& names) const {
    const std::string given = text();
    std::vector<std::string> known;
    for (const auto& [each, value] : names) {
      if (each == given) return value;
      known.emplace_back(each);
    }
    refuseName(given, known);
  }

  bool isObject() const { return node().kind == Node::Kind::object; }
  bool isText() const { return node().kind == Node::Kind::text; }
  bool isFlag() const { return node().kind == Node::Kind::boolean; }
  const Node& node() const { return *node_; }
  /// The file's name, as it was given.
  const std::string& file() const { return *file_; }
  /// A file's name that stands in the configuration: relative ones begin in the configuration's folder.
  std::string resolved(const std::string& path) const;
  /// What the file of that name holds.
  std::string content() const;
  /// The name of a file that can be read.
  std::string readableFile() const;

  /// "router.json:12: realms[0].name: " and what follows.
  std::string located(std::string_view what) const;
  [[noreturn]] void refuse(std::string_view what) const;

 private:
  friend class Section;
  Setting(const Setting& parent, std::string path, const Node& node, std::size_t line);
  [[noreturn]] void refuseKind(std::string_view wanted) const;
  [[noreturn]] void refuseName(const std::string& given, const std::vector<std::string>& known) const;

  std::shared_ptr<const std::string> file_;
  std::shared_ptr<const Node> root_;
  std::string path_;
  const Node* node_;  ///< within root_
  std::size_t line_;  ///< of its key, where it has one
};

/// An object whose keys are known: those that nobody has asked for are errors.
class Section {
 public:
  /// Throws ConfigError when it is no object.
  explicit Section(Setting object);

  Setting need(const std::string& key);
  /// Nothing when it is missing.
  std::optional<Setting> find(const std::string& key);
  /// To be called when all keys have been asked for.
  void finish() const;
  const Setting& setting() const { return object_; }

 private:
  Setting object_;
  std::vector<std::string> asked_;
};

}  // namespace router_tool
