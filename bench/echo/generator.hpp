// The loads of the generator. Each drives one server and returns what it measured.
#pragma once

#include <cstdint>
#include <string>

#include "channel.hpp"
#include "measuring.hpp"
#include "wire.hpp"

namespace bench {

/// permessage-deflate: not negotiated, or with each message compressed by itself, or with a context kept over
/// all messages of a direction.
enum class Takeover { none, off, on };

/// What to do to whom; the command line of the generator.
struct Load {
  std::uint16_t port = 0;
  int serverPid = 0;       ///< whose CPU time is read; 0: nobody's
  bool isRaw = false;      ///< the server sends frames back as they came, masked
  bool isTls = false;      ///< wss
  bool isCopying = false;  ///< what comes back is copied out of the kernel, as a client would
  std::uint32_t connections = 1;
  std::uint32_t inFlight = 1;  ///< messages under way per connection
  std::size_t payloadSize = 20;
  Content content = Content::binary;
  Takeover takeover = Takeover::none;
  double warmUp = 0.2;   ///< s
  double seconds = 1.0;  ///< the measured window

  Opening opening(const std::string& offer = {}) const { return {port, isTls, isCopying, offer, isRaw}; }
};

/// Sends messages of the sizes where something changes in framing, one by one, and compares what comes back.
Figures verify(const Load& load);

/// Keeps `inFlight` messages under way on every connection. What comes back is compared byte by byte: on
/// every connection before and after the window, and counted in between; compressed, all of it.
Figures echo(const Load& load);

/// Connects, upgrades, closes, over and over; `connections` at a time.
Figures connectAndClose(const Load& load);

/// Opens the connections, exchanges one message on each, prints "ready" and holds them until standard input
/// ends.
Figures idle(const Load& load);

/// `connections` subscribers; what another connection says goes to all of them, and then again. Figures are
/// per delivered message.
Figures broadcast(const Load& load);

/// No server: the CPU time zlib takes to inflate a message and to deflate it again, on this thread.
Figures zlibAlone(const Load& load);

/// Sends one message and throws std::runtime_error when something else comes back.
void exchange(Channel& channel, const Load& load, std::string_view payload);

}  // namespace bench
