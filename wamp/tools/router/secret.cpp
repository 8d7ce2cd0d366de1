#include <cstdlib>

#include "methods.hpp"

namespace router_tool {

using autobahn::wamp::Secret;

namespace {

/// The file's content without the line's end.
std::string fileContent(const Setting& setting) {
  std::string text = setting.content();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string variable(const Setting& setting) {
  const std::string name = setting.name();
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) setting.refuse("the environment has no " + name);
  return value;
}

}  // namespace

Secret readSecret(const Setting& setting) {
  std::string text;
  if (setting.isObject()) {
    Section source(setting);
    const auto file = source.find("file");
    const auto environment = source.find("env");
    source.finish();
    if (file.has_value() == environment.has_value()) setting.refuse("must have either `file` or `env`");
    text = file ? fileContent(*file) : variable(*environment);
  } else {
    text = setting.text();
  }
  if (text.empty()) setting.refuse("must not be empty");
  return Secret::take(std::move(text));
}

}  // namespace router_tool
