// One session from connecting to its end, with the exit code that comes of it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <autobahn/wamp/session.hpp>
#include <functional>
#include <string>

#include "settings.hpp"

namespace wamp_tool {

/// What is done in the realm; gives the exit code. The session leaves when it ends.
using Task = std::function<asio::awaitable<int>(autobahn::wamp::ApplicationSession&)>;

/// Connects, joins, runs the task and leaves. SIGINT and SIGTERM make it leave in order; `isEndless`: that is
/// the way it is meant to end (kDone). Problems go to standard error, a line each.
int runTask(asio::io_context& io, ConnectionSettings& settings, Task task, bool isEndless);

/// Writes a line to standard output, and flushes it.
void show(const std::string& line);
/// Writes a line to standard error.
void complain(const std::string& problem);

}  // namespace wamp_tool
