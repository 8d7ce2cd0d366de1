// A raw client: messages in and out of a socket, nothing else.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deflate.hpp"

namespace bench {

namespace message = autobahn::wamp::message;
using autobahn::wamp::Id;
using autobahn::wamp::Message;

/// Where the router is and what is spoken.
struct Target {
  std::uint16_t port = 0;
  std::string path = "/ws";
  bool isRawSocket = false;
  bool isCompressed = false;  ///< permessage-deflate, without context takeover
  std::string serializer = "json";
  std::string realm = "realm1";
};

/// One connection. Throws std::system_error or std::runtime_error when it breaks, or the router says what is
/// not expected.
class WampPeer {
 public:
  /// Connected, not yet joined. `source` as for connectTo.
  explicit WampPeer(const Target& target, std::uint32_t source = 0);
  WampPeer(const WampPeer&) = delete;
  WampPeer& operator=(const WampPeer&) = delete;
  ~WampPeer();

  int fd() const { return fd_; }

  // ---- Blocking, before the load
  void join();
  Id subscribe(std::string_view topic);
  Id registerProcedure(std::string_view procedure);
  /// SUBSCRIBE or REGISTER for so many URIs that begin with `prefix`.
  void subscribeMany(const std::string& prefix, std::size_t count);
  void registerMany(const std::string& prefix, std::size_t count);
  Message expect();

  // ---- Under load
  void setNonBlocking();
  void queue(const Message& message);
  /// Sends what the socket takes; true when nothing is left.
  bool flush();
  /// Reads what is there, and takes apart what is whole.
  std::vector<Message>& receive();

  Id nextRequest() { return ++lastRequest_; }

 private:
  void open(std::uint32_t source);
  void takeApart();
  void takeMessage(std::string_view payload, bool isInflated);
  template <class Answer, class Request>
  void askMany(const std::string& prefix, std::size_t count, Request request);

  Target target_;
  int fd_ = -1;
  std::unique_ptr<autobahn::wamp::Serializer> serializer_;
  autobahn::util::ByteBuffer scratch_;
  struct Compression {
    Deflater deflater{0};  // the router is to have the work
    Inflater inflater;
  };
  std::unique_ptr<Compression> compression_;  // where it is used
  std::string out_;
  std::size_t sent_ = 0;
  std::string in_;
  std::size_t taken_ = 0;
  std::vector<Message> messages_;
  Id lastRequest_ = 0;
};

}  // namespace bench
