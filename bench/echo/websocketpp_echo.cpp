// An echo server on websocketpp and Boost.Asio, as fast as its configuration lets a user make it: one thread,
// no locks, no logging; permessage-deflate where it is offered. Built as C++17, which is the newest that
// websocketpp 0.8.2 compiles as.
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

#include "server_program.hpp"

namespace {

// The library takes its policies from names inside a configuration class; each level repeats those it passes
// down.
struct Quick : websocketpp::config::asio {
  using type = Quick;
  using base = websocketpp::config::asio;
  using concurrency_type = websocketpp::concurrency::none;
  using request_type = base::request_type;
  using response_type = base::response_type;
  using elog_type = websocketpp::log::stub;
  using alog_type = websocketpp::log::stub;

  struct transport_config : base::transport_config {
    using concurrency_type = type::concurrency_type;
    using elog_type = type::elog_type;
    using alog_type = type::alog_type;
    using request_type = type::request_type;
    using response_type = type::response_type;
    static const bool enable_multithreading = false;
  };
  struct permessage_deflate_config {
    using request_type = type::request_type;
    static const bool allow_disabling_context_takeover = true;
    static const std::uint8_t minimum_outgoing_window_bits = 8;
  };
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
  using transport_type = websocketpp::transport::asio::endpoint<transport_config>;
};

using Server = websocketpp::server<Quick>;

}  // namespace

int main(int argc, char** argv) {
  return bench::serve("bench_websocketpp_echo", argc, argv, [](const bench::Serving& serving) {
    Server server;
    server.init_asio();
    server.set_reuse_addr(true);
    server.set_max_message_size(64 << 20);
    server.set_tcp_post_init_handler([&server](websocketpp::connection_hdl handle) {
      server.get_con_from_hdl(handle)->get_raw_socket().set_option(boost::asio::ip::tcp::no_delay(true));
    });
    server.set_message_handler([&server](websocketpp::connection_hdl handle, Server::message_ptr message) {
      websocketpp::lib::error_code ignored;
      server.send(handle, message->get_payload(), message->get_opcode(), ignored);
    });
    server.listen(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), serving.port));
    websocketpp::lib::asio::error_code error;
    const std::uint16_t actual = server.get_local_endpoint(error).port();
    server.start_accept();
    bench::announce(actual);
    server.run();
  });
}
