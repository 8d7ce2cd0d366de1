// A client on websocketpp and Boost.Asio, with permessage-deflate, walking through the cases. Which authority
// is trusted, and that the host is compared with the certificate, is left to the application.
//   client_websocketpp URL AGENT [CA]
#include <boost/asio/ssl/host_name_verification.hpp>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_client.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>

#include "walk.hpp"
#include "websocketpp_deflate.hpp"

namespace {

namespace net = boost::asio;

using Plain = websocketpp::client<foreign::Deflating<websocketpp::config::asio_client>>;
using Secure = websocketpp::client<foreign::Deflating<websocketpp::config::asio_tls_client>>;

template <class Client>
std::string visit(Client& client, const std::string& url, bool isEchoing) {
  client.clear_access_channels(websocketpp::log::alevel::all);
  client.clear_error_channels(websocketpp::log::elevel::all);
  client.init_asio();
  client.set_max_message_size(foreign::kLimit);
  client.set_tcp_post_init_handler([&client](websocketpp::connection_hdl handle) {
    client.get_con_from_hdl(handle)->get_raw_socket().set_option(net::ip::tcp::no_delay(true));
  });
  std::string last;
  client.set_message_handler([&](websocketpp::connection_hdl handle, typename Client::message_ptr message) {
    last = message->get_payload();
    websocketpp::lib::error_code ignored;
    if (isEchoing) client.send(handle, message->get_payload(), message->get_opcode(), ignored);
  });
  std::string failure;
  client.set_fail_handler([&](websocketpp::connection_hdl handle) {
    failure = client.get_con_from_hdl(handle)->get_ec().message();
  });
  websocketpp::lib::error_code error;
  const typename Client::connection_ptr connection = client.get_connection(url, error);
  if (error) throw std::runtime_error(error.message());
  client.connect(connection);
  client.run();
  if (!failure.empty()) throw std::runtime_error(failure);
  return last;
}

std::string visitPlainly(const std::string& url, bool isEchoing) {
  Plain client;
  return visit(client, url, isEchoing);
}

std::string visitSecurely(const std::string& url, bool isEchoing, const std::string& authority) {
  Secure client;
  client.set_tls_init_handler([&](websocketpp::connection_hdl) {
    auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_client);
    context->load_verify_file(authority);
    context->set_verify_mode(net::ssl::verify_peer);
    context->set_verify_callback(net::ssl::host_name_verification(foreign::placeOf(url).host));
    return context;
  });
  return visit(client, url, isEchoing);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string authority = argc > 3 ? argv[3] : "";
  try {
    foreign::walk(argv[1], argv[2], [&](const std::string& url, bool isEchoing) {
      return authority.empty() ? visitPlainly(url, isEchoing) : visitSecurely(url, isEchoing, authority);
    });
  } catch (const std::exception& error) {
    std::cerr << "client_websocketpp: " << error.what() << '\n';
    return 1;
  }
}
