// An echo server on Boost.Beast, made as its examples are (websocket/server/async and async-ssl), with
// permessage-deflate, its suggested time-outs and a limit of size.
//   server_beast [CERTIFICATE KEY]
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "walk.hpp"

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = net::ip::tcp;
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

template <class Layer>
class Session : public std::enable_shared_from_this<Session<Layer>> {
 public:
  template <class... More>
  explicit Session(tcp::socket socket, More&... more) : stream_(std::move(socket), more...) {}

  void start() {
    beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay(true));
    if constexpr (std::is_same_v<Layer, Secure>) {
      beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(30));
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
    beast::get_lowest_layer(stream_).expires_never();
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream_.set_option(deflate);
    stream_.read_message_max(foreign::kLimit);
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

  websocket::stream<Layer> stream_;
  beast::flat_buffer buffer_;
};

class Server {
 public:
  explicit Server(std::optional<net::ssl::context> tls)
      : tls_(std::move(tls)), acceptor_(loop_, tcp::endpoint(net::ip::address_v4::loopback(), 0)) {}

  void run() {
    std::cout << "listening on 127.0.0.1:" << acceptor_.local_endpoint().port() << std::endl;
    accept();
    loop_.run();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (!error) serve(std::move(socket));
      accept();
    });
  }
  void serve(tcp::socket socket) {
    if (tls_) {
      std::make_shared<Session<Secure>>(std::move(socket), *tls_)->start();
    } else {
      std::make_shared<Session<Plain>>(std::move(socket))->start();
    }
  }

  net::io_context loop_;
  std::optional<net::ssl::context> tls_;
  tcp::acceptor acceptor_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    std::optional<net::ssl::context> tls;
    if (argc == 3) {
      tls.emplace(net::ssl::context::tls_server);
      tls->use_certificate_chain_file(argv[1]);
      tls->use_private_key_file(argv[2], net::ssl::context::pem);
    }
    Server(std::move(tls)).run();
  } catch (const std::exception& error) {
    std::cerr << "server_beast: " << error.what() << '\n';
    return 1;
  }
}
