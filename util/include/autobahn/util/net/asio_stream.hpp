// An application's own connected Asio stream (AsyncReadStream and AsyncWriteStream) as a Stream.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/bind_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/socket_base.hpp>
#include <autobahn/util/net/stream.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

namespace autobahn::inline v0::util {

class EventLoop;

namespace detail {

/// What is needed of an Asio stream, without its type.
class AsioTransport {
 public:
  using Handler = std::function<void(std::error_code, std::size_t)>;

  AsioTransport() = default;
  AsioTransport(const AsioTransport&) = delete;
  AsioTransport& operator=(const AsioTransport&) = delete;
  virtual ~AsioTransport() = default;
  virtual void read(asio::mutable_buffer into, Handler handler) = 0;
  virtual void write(asio::const_buffer from, Handler handler) = 0;
  virtual void shutdownWrite() = 0;
  virtual void close() = 0;
  /// The descriptor, or -1.
  virtual int nativeHandle() = 0;
};

std::unique_ptr<Stream> makeStreamOver(EventLoop& loop, std::shared_ptr<AsioTransport> transport,
                                       TransportDetails details);
asio::any_io_executor executorOf(EventLoop& loop);

template <class AsyncStream>
class AsioTransportOver final : public AsioTransport,
                                public std::enable_shared_from_this<AsioTransportOver<AsyncStream>> {
 public:
  AsioTransportOver(asio::any_io_executor executor, AsyncStream stream)
      : executor_(std::move(executor)), stream_(std::move(stream)) {}

  void read(asio::mutable_buffer into, Handler handler) override {
    stream_.async_read_some(into, bound(std::move(handler)));
  }
  void write(asio::const_buffer from, Handler handler) override {
    stream_.async_write_some(from, bound(std::move(handler)));
  }
  void shutdownWrite() override {
    std::error_code ignored;
    const auto ended = asio::bind_executor(executor_, [self = this->shared_from_this()](std::error_code) {});
    if constexpr (requires { stream_.async_shutdown(ended); }) {
      stream_.async_shutdown(ended);  // TLS says goodbye by itself
    } else if constexpr (requires {
                           stream_.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
                         }) {
      stream_.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    }
  }
  void close() override {
    std::error_code ignored;
    if constexpr (requires { stream_.lowest_layer().close(ignored); }) {
      stream_.lowest_layer().close(ignored);
    } else if constexpr (requires { stream_.close(); }) {
      stream_.close();
    }
  }
  int nativeHandle() override {
    if constexpr (requires { static_cast<int>(stream_.lowest_layer().native_handle()); }) {
      return static_cast<int>(stream_.lowest_layer().native_handle());
    } else {
      return -1;
    }
  }

 private:
  auto bound(Handler handler) {
    return asio::bind_executor(executor_,
                               [self = this->shared_from_this(), handler = std::move(handler)](
                                   std::error_code error, std::size_t size) { handler(error, size); });
  }

  asio::any_io_executor executor_;
  AsyncStream stream_;
};

}  // namespace detail

/// `stream` must be connected (and its own handshake be done) and have no operation pending. It is closed
/// with the Stream, if it has `lowest_layer().close` or `close`. `details`: what to tell of it; the addresses
/// of a socket are found out when `details.peer` is empty. Costs a copy each way and two buffers per
/// connection: for anything but sockets; those are better given away as descriptors (makeSocketStream).
template <class AsyncStream>
std::unique_ptr<Stream> makeAsioStream(EventLoop& loop, AsyncStream stream, TransportDetails details = {}) {
  auto transport =
      std::make_shared<detail::AsioTransportOver<AsyncStream>>(detail::executorOf(loop), std::move(stream));
  return detail::makeStreamOver(loop, std::move(transport), std::move(details));
}

}  // namespace autobahn::inline v0::util
