// What an open connection that has nothing to do costs: a server with a million of them has to be affordable.
#include <malloc.h>
#include <sys/socket.h>

#include <autobahn/util/net/unique_fd.hpp>

#include "permessage_deflate.hpp"
#include "testing/loopback.hpp"

namespace autobahn::websocket::testing {
namespace {

constexpr int kConnections = 200;

class Echo final : public WebSocketServerProtocol {
 public:
  explicit Echo(int* echoed) : echoed_(echoed) {}
  void onMessage(std::string_view payload, bool isBinary) override {
    ++*echoed_;
    sendMessage(payload, isBinary);
  }

 private:
  int* echoed_;
};

/// As the C library counts, its own overhead and zlib's memory included.
std::size_t heapInUse() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

class IdleMemory : public Loopback {
 protected:
  /// Peers without heap of their own: each opens its connection and sends one message.
  void open(int count, const std::string& bytes) {
    const int wanted = echoed_ + count;
    for (int i = 0; i < count; ++i) {
      asio::ip::tcp::socket socket(outside_);
      socket.connect({asio::ip::address_v4::loopback(), server.port()});
      ASSERT_EQ(::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(bytes.size()));
      peers_.emplace_back(socket.release());
    }
    runUntil([&] { return echoed_ == wanted; });
  }
  std::size_t bytesOfOne(const ServerOptions& options, const std::string& request, const std::string& frame) {
    peers_.reserve(4 * kConnections);
    server.setProtocolOptions(options);
    server.setProtocol<Echo>(&echoed_);
    server.listen();
    // What is allocated once, on first use, is no connection's.
    open(kConnections / 4, request + frame);
    const std::size_t before = heapInUse();
    open(kConnections, request + frame);
    return (heapInUse() - before) / kConnections;
  }

  int echoed_ = 0;
  asio::io_context outside_{1};
  std::vector<util::UniqueFd> peers_;
};

TEST_F(IdleMemory, Plain) {
  if (heapInUse() == 0) GTEST_SKIP() << "a sanitizer's heap does not count";
  EXPECT_LE(bytesOfOne({}, goodRequest(), maskedFrame(0x81, "hello")), 512u);
}

TEST_F(IdleMemory, DeflateWithoutTakeover) {
  if (heapInUse() == 0) GTEST_SKIP() << "a sanitizer's heap does not count";
  ServerOptions options;
  options.perMessageCompressionAccept = [](const std::vector<PerMessageDeflateOffer>& offers) {
    PerMessageDeflateOfferAccept accept{offers.front()};
    accept.requestNoContextTakeover = true;
    accept.noContextTakeover = true;
    return std::optional(accept);
  };
  PerMessageDeflate peer(Role::client, {.clientNoContextTakeover = true});
  util::ByteBuffer compressed;
  peer.compress(std::string(100, 'a'), true, compressed);
  const std::string request = goodRequest("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_LE(bytesOfOne(options, request, maskedFrame(0xC1, compressed.view())), 640u);
}

}  // namespace
}  // namespace autobahn::websocket::testing
