// An echo server on websocketpp and Boost.Asio, with permessage-deflate and a limit of size.
//   server_websocketpp [CERTIFICATE KEY]
#include <iostream>
#include <websocketpp/config/asio.hpp>
#include <websocketpp/server.hpp>

#include "walk.hpp"
#include "websocketpp_deflate.hpp"

namespace {

namespace net = boost::asio;

template <class Server>
void serve(Server& server) {
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_max_message_size(foreign::kLimit);
  server.set_message_handler(
      [&server](websocketpp::connection_hdl handle, typename Server::message_ptr message) {
        websocketpp::lib::error_code ignored;
        server.send(handle, message->get_payload(), message->get_opcode(), ignored);
      });
  server.listen(net::ip::tcp::endpoint(net::ip::address_v4::loopback(), 0));
  boost::system::error_code error;
  std::cout << "listening on 127.0.0.1:" << server.get_local_endpoint(error).port() << std::endl;
  server.start_accept();
  server.run();
}

void servePlainly() {
  websocketpp::server<foreign::Deflating<websocketpp::config::asio>> server;
  server.set_tcp_post_init_handler([&server](websocketpp::connection_hdl handle) {
    server.get_con_from_hdl(handle)->get_raw_socket().set_option(net::ip::tcp::no_delay(true));
  });
  serve(server);
}

void serveSecurely(const std::string& certificate, const std::string& key) {
  websocketpp::server<foreign::Deflating<websocketpp::config::asio_tls>> server;
  server.set_tls_init_handler([&](websocketpp::connection_hdl) {
    auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
    context->use_certificate_chain_file(certificate);
    context->use_private_key_file(key, net::ssl::context::pem);
    return context;
  });
  serve(server);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3) {
      serveSecurely(argv[1], argv[2]);
    } else {
      servePlainly();
    }
  } catch (const std::exception& error) {
    std::cerr << "server_websocketpp: " << error.what() << '\n';
    return 1;
  }
}
