// What `wamp` can do in a realm.
#pragma once

#include <asio/io_context.hpp>

#include "client.hpp"
#include "settings.hpp"

namespace wamp_tool {

/// Each gives the exit code. Arguments are checked before anything is connected: std::invalid_argument.
int call(asio::io_context& io, ConnectionSettings& connection, const CallSettings& settings);
int publish(asio::io_context& io, ConnectionSettings& connection, const PublishSettings& settings);
int subscribe(asio::io_context& io, ConnectionSettings& connection, const SubscribeSettings& settings);
int registerProcedure(asio::io_context& io, ConnectionSettings& connection, const RegisterSettings& settings);

}  // namespace wamp_tool
