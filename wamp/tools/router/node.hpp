// JSON with comments as a tree that knows its lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace router_tool {

/// What is wrong with a configuration, and where, in one line: "router.json:12: realms[0].name: is missing".
class ConfigError : public std::runtime_error {
 public:
  /// Control characters, which names in the file may have, become '?'.
  explicit ConfigError(std::string text);
};

/// A value of a configuration file.
struct Node {
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, list, object };
  struct Key {
    std::string text{};
    std::size_t line = 0;
  };

  Kind kind = Kind::null;
  std::size_t line = 0;  ///< where it begins, counted from 1
  bool flag = false;
  std::int64_t integer = 0;
  double real = 0;  ///< of integers, too
  std::string text{};
  std::vector<Key> keys{};    ///< of an object, in order; each once
  std::vector<Node> items{};  ///< of a list, or of an object: the values of `keys`

  /// The same for files that mean the same: lines, comments and spaces do not matter.
  std::string canonical() const;
};

/// `source` is the file's name in errors. Comments and commas before closing brackets are let pass. Throws
/// ConfigError: no JSON, a key that is given twice, more than 32 levels.
Node parseNode(const std::string& source, std::string_view text);

}  // namespace router_tool
