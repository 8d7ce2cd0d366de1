// An echo server on Boost.Beast, as fast as its documentation lets a user make it: one thread, the concrete
// executor instead of the type-erased one, no time-outs, no fragmenting; permessage-deflate where it is
// offered, with Beast's own level. Built as C++17, which spares this Boost its coroutines.
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "server_program.hpp"

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;
using Socket = net::basic_stream_socket<tcp, net::io_context::executor_type>;
using Secure = beast::ssl_stream<Socket>;
using Acceptor = net::basic_socket_acceptor<tcp, net::io_context::executor_type>;

template <class Layer>
class Session : public std::enable_shared_from_this<Session<Layer>> {
 public:
  template <class... More>
  explicit Session(Socket socket, More&... more) : stream_(std::move(socket), more...) {}

  void start() {
    beast::get_lowest_layer(stream_).set_option(tcp::no_delay(true));
    if constexpr (std::is_same_v<Layer, Secure>) {
      stream_.next_layer().async_handshake(net::ssl::stream_base::server,
                                           [self = this->shared_from_this()](beast::error_code error) {
                                             if (!error) self->accept();
                                           });
    } else {
      accept();
    }
  }

 private:
  void accept() {
    beast::websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream_.set_option(deflate);
    stream_.read_message_max(64 << 20);
    stream_.auto_fragment(false);
    stream_.async_accept([self = this->shared_from_this()](beast::error_code error) {
      if (!error) self->read();
    });
  }

  void read() {
    stream_.async_read(buffer_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->write();
    });
  }

  void write() {
    stream_.text(stream_.got_text());
    stream_.async_write(buffer_.data(),
                        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                          if (error) return;
                          self->buffer_.consume(self->buffer_.size());
                          self->read();
                        });
  }

  beast::websocket::stream<Layer> stream_;
  beast::flat_buffer buffer_;
};

using Tls = std::optional<net::ssl::context>;

void greet(Socket socket, Tls& tls) {
  if (tls) {
    std::make_shared<Session<Secure>>(std::move(socket), *tls)->start();
  } else {
    std::make_shared<Session<Socket>>(std::move(socket))->start();
  }
}

void accept(Acceptor& acceptor, Tls& tls) {
  acceptor.async_accept([&acceptor, &tls](beast::error_code error, Socket socket) {
    if (!error) greet(std::move(socket), tls);
    accept(acceptor, tls);
  });
}

void serve(const bench::Serving& serving) {
  Tls tls;
  if (serving.isTls()) {
    tls.emplace(net::ssl::context::tls_server);
    tls->use_certificate_chain_file(serving.certificate);
    tls->use_private_key_file(serving.key, net::ssl::context::pem);
  }
  net::io_context loop(1);
  Acceptor acceptor(loop.get_executor(), tcp::endpoint(net::ip::address_v4::loopback(), serving.port));
  bench::announce(acceptor.local_endpoint().port());
  accept(acceptor, tls);
  loop.run();
}

}  // namespace

int main(int argc, char** argv) { return bench::serve("bench_beast_echo", argc, argv, serve); }
