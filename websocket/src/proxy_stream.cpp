#include "proxy_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace autobahn::inline v0::websocket {

namespace {

class ProxyStream final : public util::Stream {
 public:
  explicit ProxyStream(std::unique_ptr<util::Stream> inner) : inner_(std::move(inner)) {}

  std::error_code attach(util::StreamObserver& observer) override { return inner_->attach(observer); }

  std::error_code handshake() override {
    if (const std::error_code error = inner_->handshake()) return error;
    while (status_ == ProxyHeaderParser::Status::partial) {
      std::array<char, 256> bytes;
      const util::IoResult result = inner_->read(bytes);
      if (result.failed()) return result.error;
      std::string_view input(bytes.data(), result.size);
      status_ = parser_.feed(input);
      if (status_ == ProxyHeaderParser::Status::complete) rest_ = input;
      if (status_ != ProxyHeaderParser::Status::partial) break;
      if (result.eof) return std::make_error_code(std::errc::connection_aborted);
      if (result.size < bytes.size()) return std::make_error_code(std::errc::operation_would_block);
    }
    return status_ == ProxyHeaderParser::Status::complete ? std::error_code{}
                                                          : std::make_error_code(std::errc::protocol_error);
  }

  std::string errorDetail() const override {
    return status_ == ProxyHeaderParser::Status::bad ? "bad PROXY protocol header: " + parser_.error()
                                                     : inner_->errorDetail();
  }

  util::IoResult read(std::span<char> into) override {
    if (rest_.empty()) return inner_->read(into);
    util::IoResult result;
    result.size = std::min(into.size(), rest_.size());
    std::copy_n(rest_.data(), result.size, into.data());
    rest_.erase(0, result.size);
    // What is behind it in the socket raises a notice of its own.
    return result;
  }

  util::IoResult write(std::span<const std::string_view> parts) override { return inner_->write(parts); }
  void watchRead(bool on) override { inner_->watchRead(on); }
  void watchWrite(bool on) override { inner_->watchWrite(on); }
  std::size_t pendingWrite() const override { return inner_->pendingWrite(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }
  void setAbortive() override { inner_->setAbortive(); }
  std::string channelId(std::string_view type) const override { return inner_->channelId(type); }
  void setNoDelay(bool on) override { inner_->setNoDelay(on); }

  util::TransportDetails details() const override {
    util::TransportDetails details = inner_->details();
    const ProxySource& source = parser_.source();
    if (source.kind == ProxySource::Kind::unknown) return details;
    details.peer = source.peer();
    details.peerAddress = source.kind == ProxySource::Kind::unixSocket ? std::string() : source.address;
    return details;
  }

 private:
  std::unique_ptr<util::Stream> inner_;
  ProxyHeaderParser parser_;
  ProxyHeaderParser::Status status_ = ProxyHeaderParser::Status::partial;
  std::string rest_;  ///< bytes read with the header that belong to the stream
};

}  // namespace

std::unique_ptr<util::Stream> makeProxyStream(std::unique_ptr<util::Stream> inner) {
  return std::make_unique<ProxyStream>(std::move(inner));
}

}  // namespace autobahn::inline v0::websocket
