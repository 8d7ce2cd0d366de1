// A client on Boost.Beast: says the same again whenever it has come back. Beast writes one message at a time.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "client_program.hpp"

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;
using Socket = net::basic_stream_socket<tcp, net::io_context::executor_type>;

class Visitor {
 public:
  Visitor(net::io_context& loop, bench::Window& window, const bench::Visiting& visiting,
          const std::string& payload)
      : stream_(loop.get_executor()), window_(window), visiting_(visiting), payload_(payload) {
    stream_.next_layer().connect(tcp::endpoint(net::ip::address_v4::loopback(), visiting.port));
    stream_.next_layer().set_option(tcp::no_delay(true));
    stream_.auto_fragment(false);
    stream_.binary(true);
    stream_.handshake("127.0.0.1:" + std::to_string(visiting.port), "/");
  }

  void start() {
    unsent_ = visiting_.inFlight;
    write();
    read();
  }

 private:
  void read() {
    stream_.async_read(buffer_, [this](beast::error_code error, std::size_t size) {
      if (error) throw beast::system_error(error);
      window_.count(size, visiting_);
      buffer_.consume(size);
      if (++unsent_ == 1) write();
      read();
    });
  }

  void write() {
    stream_.async_write(net::buffer(payload_), [this](beast::error_code error, std::size_t) {
      if (error) throw beast::system_error(error);
      if (--unsent_ > 0) write();
    });
  }

  beast::websocket::stream<Socket> stream_;
  beast::flat_buffer buffer_;
  bench::Window& window_;
  const bench::Visiting& visiting_;
  const std::string& payload_;
  std::uint32_t unsent_ = 0;  // the one being written included
};

void measure(const bench::Visiting& visiting) {
  net::io_context loop(1);
  bench::Window window;
  const std::string payload(visiting.payloadSize, 'x');
  std::vector<std::unique_ptr<Visitor>> visitors;
  for (std::uint32_t i = 0; i < visiting.connections; ++i)
    visitors.push_back(std::make_unique<Visitor>(loop, window, visiting, payload));
  for (const auto& visitor : visitors) visitor->start();
  const auto seconds = [](double count) { return std::chrono::microseconds(static_cast<long>(count * 1e6)); };
  net::steady_timer timer(loop, seconds(visiting.warmUp));
  timer.async_wait([&](beast::error_code) {
    window.begin();
    timer.expires_after(seconds(visiting.seconds));
    timer.async_wait([&](beast::error_code) {
      window.end();
      loop.stop();
    });
  });
  loop.run();
  std::_Exit(0);  // connections end with the process
}

}  // namespace

int main(int argc, char** argv) { return bench::visit("bench_beast_client", argc, argv, measure); }
