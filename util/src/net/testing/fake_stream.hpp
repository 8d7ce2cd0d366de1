// Two connected fake streams over a FakeLoop: bytes take their time, come in pieces, meet full buffers, get
// lost.
#pragma once

#include <algorithm>
#include <autobahn/util/net/stream.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_loop.hpp"

namespace autobahn::inline v0::util::testing {

/// One direction of a connection.
struct FakeLink {
  Clock::duration delay{0};                      ///< how long bytes are under way
  std::size_t capacity = std::size_t{64} << 10;  ///< bytes that are under way or unread before writing blocks
  std::size_t pieceSize = 0;  ///< bytes that arrive at once, the pieces one by one; 0: as written
  std::size_t readSize = 0;   ///< most bytes that one read gives; 0: no limit
  std::size_t writeSize = 0;  ///< most bytes that one write takes; 0: no limit
};

class FakeStream;
using FakePair = std::pair<std::unique_ptr<FakeStream>, std::unique_ptr<FakeStream>>;
/// `there`: from the first to the second.
FakePair makeFakePair(FakeLoop& loop, FakeLink there = {}, FakeLink back = {});

class FakeStream final : public Stream {
 public:
  /// What a test turns and looks at. Outlives the stream.
  struct Control {
    FakeLink link;  ///< what this end sends through
    TransportDetails details;
    std::string written;  ///< all this end has written, when `recordsWrites`
    bool recordsWrites = false;
    bool cut = false;  ///< what is sent from now on is lost: a dead network
    bool destroyed = false;
    bool shutDown = false;  ///< the sending direction is ended
    bool abortive = false;
    std::size_t reads = 0;  ///< calls so far
    std::size_t writes = 0;
    std::map<std::size_t, std::error_code> readErrors;   ///< by call, counted from 1; it stays broken
    std::map<std::size_t, std::error_code> writeErrors;  ///< by call, counted from 1; would_block passes
    std::error_code broken;                              ///< what every call gives from now on
    std::error_code attachError;
    std::function<std::error_code()> handshake;  ///< TLS to imitate
    std::string detail;
    std::function<std::string(std::string_view)> channelId;
    bool noDelay = false;
  };

  ~FakeStream() override {
    *alive_ = nullptr;
    control->destroyed = true;
    if (control->abortive) {
      transmit([](FakeStream& peer) { peer.reset(); });
    } else if (!control->shutDown) {
      sendEnd();
    }
  }

  std::error_code attach(StreamObserver& observer) override {
    if (control->attachError) return control->attachError;
    observer_ = &observer;
    readsWatched_ = true;
    notifyReadable();
    return {};
  }
  std::error_code handshake() override {
    return control->handshake ? control->handshake() : std::error_code();
  }
  std::string errorDetail() const override { return control->detail; }

  IoResult read(std::span<char> into) override {
    IoResult result;
    if (fails(control->readErrors, ++control->reads, result)) return result;
    if (arrived_.empty()) {
      if (endArrived_)
        result.eof = endRead_ = true;
      else
        result.error = std::make_error_code(std::errc::operation_would_block);
      return result;
    }
    result.size = std::min(into.size(), arrived_.size());
    if (peerLink_->readSize != 0) result.size = std::min(result.size, peerLink_->readSize);
    std::copy_n(arrived_.data(), result.size, into.data());
    arrived_.erase(0, result.size);
    if (FakeStream* const peer = *peer_) {
      peer->underWay_ -= result.size;
      peer->notifyWritable();
    }
    return result;
  }

  IoResult write(std::span<const std::string_view> parts) override {
    IoResult result;
    if (fails(control->writeErrors, ++control->writes, result)) return result;
    if (control->shutDown) {
      result.error = std::make_error_code(std::errc::broken_pipe);
      return result;
    }
    std::string bytes;
    for (const std::string_view part : parts) bytes += part;
    const FakeLink& link = control->link;
    std::size_t room = link.capacity - std::min(link.capacity, underWay_);
    if (link.writeSize != 0) room = std::min(room, link.writeSize);
    if (room == 0 && !bytes.empty()) {
      result.error = std::make_error_code(std::errc::operation_would_block);
      return result;
    }
    bytes.resize(std::min(bytes.size(), room));
    result.size = bytes.size();
    underWay_ += bytes.size();
    if (control->recordsWrites) control->written += bytes;
    const std::size_t pieceSize = link.pieceSize == 0 ? bytes.size() : link.pieceSize;
    for (std::size_t at = 0; at < bytes.size(); at += pieceSize) {
      transmit([piece = bytes.substr(at, pieceSize)](FakeStream& peer) { peer.arrive(piece); });
    }
    return result;
  }

  void watchRead(bool on) override {
    readsWatched_ = on;
    notifyReadable();
  }
  void watchWrite(bool on) override {
    writesWatched_ = on;
    notifyWritable();
  }
  void shutdownWrite() override {
    if (std::exchange(control->shutDown, true)) return;
    sendEnd();
  }
  void setAbortive() override { control->abortive = true; }
  TransportDetails details() const override { return control->details; }
  std::string channelId(std::string_view type) const override {
    return control->channelId ? control->channelId(type) : std::string();
  }
  void setNoDelay(bool on) override { control->noDelay = on; }

  /// Breaks this end: every call fails with `error`, and the observer is told.
  void breakWith(std::error_code error) {
    control->broken = error;
    notifyReadable();
    notifyWritable();
  }
  /// The peer has reset the connection.
  void reset() { breakWith(std::make_error_code(std::errc::connection_reset)); }
  /// Of the other end.
  Control& peersControl() const { return *peerControl_; }
  /// Bytes that have arrived and are not read yet.
  const std::string& unread() const { return arrived_; }

  const std::shared_ptr<Control> control = std::make_shared<Control>();

 private:
  friend FakePair makeFakePair(FakeLoop& loop, FakeLink there, FakeLink back);
  using Link = std::shared_ptr<FakeStream*>;

  explicit FakeStream(FakeLoop& loop) : loop_(loop) { *alive_ = this; }

  bool fails(const std::map<std::size_t, std::error_code>& planned, std::size_t call, IoResult& result) {
    if (const auto found = planned.find(call); found != planned.end()) {
      result.error = found->second;
      if (result.failed())
        control->broken = result.error;
      else
        loop_.post([alive = alive_] {
          if (*alive) (*alive)->renotify();
        });
      return true;
    }
    result.error = control->broken;
    return static_cast<bool>(result.error);
  }
  void renotify() {
    notifyReadable();
    notifyWritable();
  }

  void transmit(std::function<void(FakeStream&)> effect) {
    if (control->cut) return;
    loop_.at(loop_.now() + control->link.delay, [peer = peer_, effect = std::move(effect)] {
      if (*peer) effect(**peer);
    });
  }
  void sendEnd() {
    transmit([](FakeStream& peer) {
      peer.endArrived_ = true;
      peer.notifyReadable();
    });
  }
  void arrive(const std::string& bytes) {
    arrived_ += bytes;
    tellReadable();  // before the next piece arrives
  }

  bool readable() const {
    return observer_ != nullptr && readsWatched_ && !endRead_ &&
           (!arrived_.empty() || endArrived_ || control->broken);
  }
  bool writable() const {
    return observer_ != nullptr && writesWatched_ && (underWay_ < control->link.capacity || control->broken);
  }
  /// Level-triggered: tells again as long as there is something, one call per turn.
  void notifyReadable() {
    if (!readable() || std::exchange(readDue_, true)) return;
    loop_.at(loop_.now(), [alive = alive_] {
      if (!*alive) return;
      (*alive)->readDue_ = false;
      (*alive)->tellReadable();
    });
  }
  void tellReadable() {
    if (!readable()) return;
    const Link alive = alive_;  // the observer may destroy this
    observer_->onReadable();
    if (*alive && !control->broken) notifyReadable();
  }
  void notifyWritable() {
    if (!writable() || std::exchange(writeDue_, true)) return;
    loop_.at(loop_.now(), [alive = alive_] {
      if (!*alive) return;
      FakeStream& self = **alive;
      self.writeDue_ = false;
      if (!self.writable()) return;
      self.observer_->onWritable();
      if (*alive && !self.control->broken) self.notifyWritable();
    });
  }

  FakeLoop& loop_;
  Link alive_ = std::make_shared<FakeStream*>(nullptr);
  Link peer_;
  const FakeLink* peerLink_ = nullptr;
  std::shared_ptr<Control> peerControl_;
  StreamObserver* observer_ = nullptr;
  std::string arrived_;
  std::size_t underWay_ = 0;  ///< of what this end sent
  bool readsWatched_ = false;
  bool writesWatched_ = false;
  bool readDue_ = false;
  bool writeDue_ = false;
  bool endArrived_ = false;
  bool endRead_ = false;
};

/// One call of one end of a pair that fails.
struct FakeFault {
  bool ofPeer = false;
  bool reading = false;
  std::size_t call = 1;

  void plan(FakeStream& end, std::errc code) const {
    FakeStream::Control& control = ofPeer ? end.peersControl() : *end.control;
    (reading ? control.readErrors : control.writeErrors)[call] = std::make_error_code(code);
  }
  std::string text() const {
    return std::string(ofPeer ? " peer's" : " own") + (reading ? " read " : " write ") + std::to_string(call);
  }
};
/// The first so many reads and writes of both ends.
inline std::vector<FakeFault> everyCall(std::size_t calls) {
  std::vector<FakeFault> faults;
  for (const bool ofPeer : {false, true}) {
    for (const bool reading : {false, true}) {
      for (std::size_t call = 1; call <= calls; ++call) faults.push_back({ofPeer, reading, call});
    }
  }
  return faults;
}

inline FakePair makeFakePair(FakeLoop& loop, FakeLink there, FakeLink back) {
  std::unique_ptr<FakeStream> first(new FakeStream(loop));
  std::unique_ptr<FakeStream> second(new FakeStream(loop));
  first->control->link = there;
  second->control->link = back;
  first->control->details = {"tcp4:127.0.0.1:9000", "tcp4:127.0.0.1:50000", "127.0.0.1", false, {}};
  second->control->details = {"tcp4:127.0.0.1:50000", "tcp4:127.0.0.1:9000", "127.0.0.1", false, {}};
  first->peer_ = second->alive_;
  second->peer_ = first->alive_;
  first->peerControl_ = second->control;
  second->peerControl_ = first->control;
  first->peerLink_ = &second->control->link;
  second->peerLink_ = &first->control->link;
  return {std::move(first), std::move(second)};
}

}  // namespace autobahn::inline v0::util::testing
