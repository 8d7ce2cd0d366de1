#include "web_config.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace router_tool {

using autobahn::websocket::StaticFiles;
using autobahn::websocket::StaticFilesOptions;

namespace {

/// A path, true for the usual one, or false.
std::optional<std::string> readPlace(Section& section, const std::string& key, const char* usual) {
  const auto given = section.find(key);
  if (!given) return std::nullopt;
  if (given->isFlag()) return given->flag() ? std::optional<std::string>(usual) : std::nullopt;
  return readPath(*given);
}

StaticFiles readFolder(const Setting& setting) {
  Section section(setting);
  StaticFilesOptions options;
  const Setting prefix = section.need("path");
  options.prefix = readPath(prefix);
  if (!options.prefix.ends_with('/')) prefix.refuse("must end with '/'");
  if (const auto given = section.find("index")) options.index = given->text();
  if (const auto given = section.find("maxFileSize")) options.maxFileSize = given->count();
  const Setting folder = section.need("directory");
  section.finish();
  try {
    return StaticFiles(folder.resolved(folder.name()), std::move(options));
  } catch (const std::invalid_argument& error) {
    folder.refuse(error.what());
  }
}

}  // namespace

std::string readPath(const Setting& setting) {
  std::string path = setting.name();
  if (!path.starts_with('/')) setting.refuse("must begin with '/'");
  const auto isRefused = [](char each) {
    return each <= ' ' || each > '~' || std::string_view("?#%\\\"<>").find(each) != std::string_view::npos;
  };
  if (std::any_of(path.begin(), path.end(), isRefused)) setting.refuse("is not the path of a URL: " + path);
  return path;
}

WebConfig readWeb(const Setting& setting) {
  Section section(setting);
  WebConfig web;
  web.page = readPlace(section, "page", "/");
  if (web.page && !web.page->ends_with('/')) section.need("page").refuse("must end with '/'");
  web.health = readPlace(section, "health", "/health");
  web.metrics = readPlace(section, "metrics", "/metrics");
  if (const auto folders = section.find("static")) {
    for (const Setting& each : folders->items()) web.files.push_back(readFolder(each));
  }
  section.finish();
  return web;
}

}  // namespace router_tool
