// The requests of long-poll clients: which transport, and what with it.
#pragma once

#include <autobahn/util/net/admission.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/wamp/longpoll.hpp>
#include <autobahn/wamp/serializer_set.hpp>
#include <autobahn/wamp/websocket.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <autobahn/websocket/options.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "longpoll_transport.hpp"

namespace autobahn::inline v0::wamp {

/// Answers below one path, on one loop.
class LongPollServer : public std::enable_shared_from_this<LongPollServer> {
 public:
  /// `base`: the path, "/lp". `web`: whose origins are welcome. Throws std::invalid_argument for options.
  LongPollServer(util::EventLoop& loop, std::string base, LongPollOptions options, SerializerSet serializers,
                 websocket::ServerOptions web, TransportHandlerFactory makeHandler);

  /// Whether a request is for this.
  bool serves(const websocket::http::Request& request) const;
  websocket::HttpDecision answer(const websocket::http::Request& request,
                                 const websocket::TransportDetails& network);
  /// Lets nobody in any more and ends all transports in order: what was sent before the end can be fetched
  /// for `linger`, or 5 s if that is shorter. Calls `done` when no transport is left; never after `shutDown`.
  void drain(std::chrono::milliseconds linger, std::function<void()> done);
  /// Ends all transports at once.
  void shutDown();

  std::size_t transportCount() const { return transports_.size(); }

 private:
  websocket::http::Response open(const websocket::http::Request& request,
                                 websocket::TransportDetails network);
  std::unique_ptr<Serializer> choose(const std::string& body, std::string& problem) const;
  websocket::HttpDecision use(LongPollTransport& transport, std::string_view action,
                              const websocket::http::Request& request);
  bool admit(const std::string& address);
  void leave(const std::string& id, const std::string& address);
  void tellIfDrained();

  util::EventLoop& loop_;
  std::string base_;
  LongPollOptions options_;
  SerializerSet serializers_;
  websocket::ServerOptions web_;
  TransportHandlerFactory makeHandler_;
  util::Admission admission_;
  std::unordered_map<std::string, std::shared_ptr<LongPollTransport>> transports_;  ///< by "/id"
  bool isClosed_ = false;
  std::vector<std::function<void()>> drained_;  ///< called when no transport is left
};

}  // namespace autobahn::inline v0::wamp
