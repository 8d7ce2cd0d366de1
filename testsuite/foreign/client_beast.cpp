// A synchronous client on Boost.Beast, made as its examples are (websocket/client/sync and sync-ssl), walking
// through the cases.
//   client_beast URL AGENT [CA]
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <iostream>
#include <memory>

#include "walk.hpp"

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = net::ip::tcp;

/// The opening, and echoes until reading fails; gives the last message.
template <class Stream>
std::string talk(Stream& stream, const foreign::Place& place, bool isEchoing) {
  websocket::permessage_deflate deflate;
  deflate.client_enable = true;
  stream.set_option(deflate);
  stream.read_message_max(foreign::kLimit);
  stream.handshake(place.host + ":" + place.port, place.resource);
  std::string last;
  for (;;) {
    beast::flat_buffer buffer;
    beast::error_code error;
    stream.read(buffer, error);
    if (error == websocket::error::closed || (error && !isEchoing)) return last;
    if (error) throw beast::system_error(error);
    last = beast::buffers_to_string(buffer.data());
    if (!isEchoing) continue;
    stream.text(stream.got_text());
    stream.write(buffer.data());
  }
}

class Visitor {
 public:
  explicit Visitor(const char* ca) {
    if (ca == nullptr) return;
    tls_ = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
    tls_->load_verify_file(ca);
    tls_->set_verify_mode(net::ssl::verify_peer);
  }

  std::string visit(const std::string& url, bool isEchoing) {
    const foreign::Place place = foreign::placeOf(url);
    net::io_context loop;
    tcp::socket socket(loop);
    net::connect(socket, tcp::resolver(loop).resolve(place.host, place.port));
    socket.set_option(tcp::no_delay(true));
    if (!tls_) {
      websocket::stream<tcp::socket> stream(std::move(socket));
      return talk(stream, place, isEchoing);
    }
    websocket::stream<beast::ssl_stream<tcp::socket>> stream(std::move(socket), *tls_);
    // Both are the application's business with Beast.
    SSL_set_tlsext_host_name(stream.next_layer().native_handle(), place.host.c_str());
    stream.next_layer().set_verify_callback(net::ssl::host_name_verification(place.host));
    stream.next_layer().handshake(net::ssl::stream_base::client);
    return talk(stream, place, isEchoing);
  }

 private:
  std::unique_ptr<net::ssl::context> tls_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    Visitor visitor(argc > 3 ? argv[3] : nullptr);
    foreign::walk(argv[1], argv[2],
                  [&](const std::string& url, bool isEchoing) { return visitor.visit(url, isEchoing); });
  } catch (const std::exception& error) {
    std::cerr << "client_beast: " << error.what() << '\n';
    return 1;
  }
}
