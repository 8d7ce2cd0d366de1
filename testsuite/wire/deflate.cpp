#include "wire/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "wire/http_head.hpp"

namespace wstest {
namespace {

constexpr std::string_view kTail("\0\0\xFF\xFF", 4);

void point(z_stream& stream, std::string_view input) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
}

/// "8" to "15" without leading zeros (RFC 7692, 7.1.2.1).
std::optional<int> windowBits(const std::optional<std::string>& text) {
  static constexpr std::string_view kValid[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
  if (!text) return std::nullopt;
  const auto* const found = std::ranges::find(kValid, *text);
  if (found == std::end(kValid)) return std::nullopt;
  return 8 + static_cast<int>(found - std::begin(kValid));
}

}  // namespace

std::string DeflateParameters::text() const {
  std::string out = "permessage-deflate";
  if (serverNoContextTakeover) out += "; server_no_context_takeover";
  if (clientNoContextTakeover) out += "; client_no_context_takeover";
  if (serverMaxWindowBits != 0) out += "; server_max_window_bits=" + std::to_string(serverMaxWindowBits);
  if (clientMaxWindowBits != 0) out += "; client_max_window_bits";
  if (clientMaxWindowBits > 0) out += "=" + std::to_string(clientMaxWindowBits);
  return out;
}

std::optional<DeflateParameters> parseDeflate(const ExtensionText& extension, bool isOffer,
                                              std::string* problem) {
  DeflateParameters out;
  const auto refuse = [&](const std::string& why) {
    if (problem != nullptr) *problem = why;
    return std::nullopt;
  };
  for (std::size_t i = 0; i < extension.parameters.size(); ++i) {
    const auto& [name, value] = extension.parameters[i];
    for (std::size_t j = 0; j < i; ++j) {
      if (extension.parameters[j].first == name) return refuse("parameter " + name + " comes twice");
    }
    const bool isFlag = name.ends_with("_no_context_takeover");
    const auto bits = windowBits(value);
    if (isFlag && value) return refuse(name + " has a value");
    if (name == "server_no_context_takeover") {
      out.serverNoContextTakeover = true;
    } else if (name == "client_no_context_takeover") {
      out.clientNoContextTakeover = true;
    } else if (name == "server_max_window_bits" && bits) {
      out.serverMaxWindowBits = *bits;
    } else if (name == "client_max_window_bits" && (bits || (isOffer && !value))) {
      out.clientMaxWindowBits = bits.value_or(-1);
    } else {
      return refuse("parameter " + name + (value ? "=" + *value : "") + " is not valid");
    }
  }
  return out;
}

struct Deflater::State {
  z_stream stream{};
  bool isTakingOver = true;
  ~State() { ::deflateEnd(&stream); }
};

Deflater::Deflater(int windowBits, bool isTakingOver, int level) : state_(std::make_unique<State>()) {
  state_->isTakingOver = isTakingOver;
  // zlib has no raw window of 8 bits: without any distances the output fits it.
  const int strategy = windowBits == 8 ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY;
  if (::deflateInit2(&state_->stream, level, Z_DEFLATED, -std::max(windowBits, 9), 8, strategy) != Z_OK) {
    throw std::runtime_error("zlib: no compressor with a window of " + std::to_string(windowBits) + " bits");
  }
}
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

std::string Deflater::compress(std::string_view message) {
  z_stream& stream = state_->stream;
  point(stream, message);
  std::string out(::deflateBound(&stream, static_cast<uLong>(message.size())) + 16, '\0');
  std::size_t size = 0;
  do {
    if (size == out.size()) out.resize(out.size() * 2);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(out.size() - size);
    ::deflate(&stream, Z_SYNC_FLUSH);
    size = out.size() - stream.avail_out;
  } while (stream.avail_out == 0);
  // RFC 7692, 7.2.3.6: an empty message is one 0x00 octet, what is left of an empty block.
  out.resize(size >= kTail.size() ? size - kTail.size() : 0);
  if (out.empty()) out.assign(1, '\0');
  if (!state_->isTakingOver) ::deflateReset(&stream);
  return out;
}

struct Inflater::State {
  z_stream stream{};
  bool isTakingOver = true;
  std::size_t piece = 0;
  std::string problem;
  ~State() { ::inflateEnd(&stream); }
};

Inflater::Inflater(int windowBits, bool isTakingOver) : state_(std::make_unique<State>()) {
  state_->isTakingOver = isTakingOver;
  // zlib accepts any distance within the output of one call: only small pieces make it see the agreed window.
  constexpr int kLargestWindow = 15;
  constexpr std::size_t kSmallPiece = 448, kAnyPiece = std::size_t{1} << 24;
  state_->piece = windowBits < kLargestWindow ? kSmallPiece : kAnyPiece;
  if (::inflateInit2(&state_->stream, -windowBits) != Z_OK) throw std::runtime_error("zlib: no decompressor");
}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;
const std::string& Inflater::problem() const { return state_->problem; }

std::optional<std::string> Inflater::inflate(std::string_view payload, std::size_t limit) {
  z_stream& stream = state_->stream;
  std::string out(std::max<std::size_t>(1024, payload.size() * 4), '\0');
  std::size_t size = 0;
  const auto run = [&](std::string_view input) {
    point(stream, input);
    for (;;) {
      if (size == out.size()) out.resize(out.size() * 2);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      const std::size_t room = std::min(out.size() - size, state_->piece);
      stream.avail_out = static_cast<uInt>(room);
      const int status = ::inflate(&stream, Z_SYNC_FLUSH);
      size += room - stream.avail_out;
      if (size > limit) {
        state_->problem = "more than " + std::to_string(limit) + " bytes come out";
        return false;
      }
      if (status == Z_STREAM_END) {
        // A final block ends the stream, not the message (RFC 7692, 7.2.3.5): a new one may begin.
        ::inflateReset(&stream);
        if (stream.avail_in == 0) return true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        state_->problem = stream.msg != nullptr ? stream.msg : "not a DEFLATE stream";
        return false;
      } else if (stream.avail_out != 0) {
        return stream.avail_in == 0;
      }
    }
  };
  if (!run(payload) || !run(kTail)) return std::nullopt;
  if (!state_->isTakingOver) ::inflateReset(&stream);
  out.resize(size);
  return out;
}

}  // namespace wstest
