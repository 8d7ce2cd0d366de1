// For the fuzzing program: what the router's configuration is linked with, and never calls while it is read.
#include <autobahn/wamp/router/sqlite_history.hpp>
#include <stdexcept>

#include "wamp/tools/router/embedded.hpp"

namespace router_tool {
const EmbeddedFile* embedded(std::string_view) { return nullptr; }
}  // namespace router_tool

namespace autobahn::inline v0::wamp {
std::shared_ptr<HistoryStore> makeSqliteHistory(SqliteHistoryOptions, HistoryPoster) {
  throw std::runtime_error("no history here");
}
}  // namespace autobahn::inline v0::wamp
