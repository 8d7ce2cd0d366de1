// Connected sockets (TCP, Unix) as streams.
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <memory>

namespace autobahn::inline v0::util {

class EventLoop;

/// A stream over a connected TCP or Unix socket, which it owns from now on, also when this throws.
/// `loop` must be an `AsioLoop` (std::invalid_argument otherwise) and be the one of the calling thread.
///
/// `attach` may be called again to hand the stream to another observer: reading is watched then, writing not.
/// When the peer's end has been read, no further readability is reported. When the connection breaks while
/// reading is turned off, `onReadable` is called once all the same, so that the observer may notice.
std::unique_ptr<Stream> makeSocketStream(EventLoop& loop, int fd);

}  // namespace autobahn::inline v0::util
