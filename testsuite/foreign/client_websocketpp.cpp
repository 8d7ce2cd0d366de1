// A client on websocketpp and Boost.Asio, with permessage-deflate, walking through the cases.
//   client_websocketpp URL AGENT
#include <iostream>
#include <stdexcept>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>

#include "walk.hpp"
#include "websocketpp_deflate.hpp"

namespace {

using Client = websocketpp::client<foreign::Deflating<websocketpp::config::asio_client>>;

std::string visit(const std::string& url, bool isEchoing) {
  Client client;
  client.clear_access_channels(websocketpp::log::alevel::all);
  client.clear_error_channels(websocketpp::log::elevel::all);
  client.init_asio();
  client.set_max_message_size(foreign::kLimit);
  client.set_tcp_post_init_handler([&client](websocketpp::connection_hdl handle) {
    client.get_con_from_hdl(handle)->get_raw_socket().set_option(boost::asio::ip::tcp::no_delay(true));
  });
  std::string last;
  client.set_message_handler([&](websocketpp::connection_hdl handle, Client::message_ptr message) {
    last = message->get_payload();
    websocketpp::lib::error_code ignored;
    if (isEchoing) client.send(handle, message->get_payload(), message->get_opcode(), ignored);
  });
  std::string failure;
  client.set_fail_handler([&](websocketpp::connection_hdl handle) {
    failure = client.get_con_from_hdl(handle)->get_ec().message();
  });
  websocketpp::lib::error_code error;
  const Client::connection_ptr connection = client.get_connection(url, error);
  if (error) throw std::runtime_error(error.message());
  client.connect(connection);
  client.run();
  if (!failure.empty()) throw std::runtime_error(failure);
  return last;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    foreign::walk(argv[1], argv[2], visit);
  } catch (const std::exception& error) {
    std::cerr << "client_websocketpp: " << error.what() << '\n';
    return 1;
  }
}
