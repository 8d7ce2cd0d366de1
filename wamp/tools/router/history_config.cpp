#include "history_config.hpp"

#include <utility>

#include "pattern_config.hpp"

namespace router_tool {

using namespace autobahn::wamp;

namespace {

HistoryRule readRule(const Setting& setting) {
  Section section(setting);
  HistoryRule rule;
  readPattern(section, rule.uri, rule.match);
  if (const auto given = section.find("maxEvents")) rule.maxEvents = given->count();
  if (const auto given = section.find("maxOctets")) rule.maxOctets = given->count();
  if (const auto given = section.find("maxAge")) rule.maxAge = given->milliseconds();
  section.finish();
  return rule;
}

SqliteHistoryOptions readFileOptions(const Setting& setting) {
  Section section(setting);
  SqliteHistoryOptions options;
  const Setting name = section.need("name");
  options.file = name.resolved(name.name());
  if (const auto given = section.find("survivesPowerLoss")) options.survivesPowerLoss = given->flag();
  if (const auto given = section.find("keepsRetained")) options.keepsRetained = given->flag();
  const std::pair<const char*, std::size_t*> limits[] = {
      {"maxQueuedEvents", &options.maxQueuedEvents},
      {"maxQueuedOctets", &options.maxQueuedOctets},
      {"maxQueuedReads", &options.maxQueuedReads},
      {"maxFileSize", &options.maxFileSize},
  };
  for (const auto& [key, where] : limits) {
    if (const auto given = section.find(key)) *where = given->count();
  }
  section.finish();
  return options;
}

}  // namespace

HistoryConfig readHistory(const Setting& setting) {
  Section section(setting);
  HistoryConfig history;
  if (const auto topics = section.find("topics")) {
    for (const Setting& each : topics->items()) history.options.rules.push_back(readRule(each));
  }
  if (const auto given = section.find("maxEventsPerRead")) history.options.maxEventsPerRead = given->count();
  if (const auto given = section.find("maxOctetsPerRead")) history.options.maxOctetsPerRead = given->count();
  if (const auto given = section.find("file")) history.file = {*given, readFileOptions(*given)};
  section.finish();
  return history;
}

std::shared_ptr<HistoryStore> openHistory(const HistoryFileConfig& file, HistoryPoster post) {
  try {
    return makeSqliteHistory(file.options, std::move(post));
  } catch (const std::exception& error) {
    file.where.refuse(error.what());
  }
}

}  // namespace router_tool
