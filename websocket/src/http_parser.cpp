#include <algorithm>
#include <autobahn/websocket/http.hpp>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket::http {
namespace {

constexpr std::size_t kMaxChunkLine = 256;  // bytes of one chunk-size line

std::string bytes(std::size_t count) { return std::to_string(count) + " bytes"; }

}  // namespace

void MessageParser::fail(int status, std::string reason) {
  phase_ = Phase::bad;
  error_ = {status, std::move(reason)};
  pending_.clear();
}

void MessageParser::restart() {
  phase_ = Phase::startLine;
  headComplete_ = started_ = chunked_ = untilClose_ = false;
  headSize_ = fieldCount_ = bodyLeft_ = chunkOverhead_ = 0;
  pending_.clear();
  line_.clear();
  error_ = {};
}

ParseStatus MessageParser::feed(std::string_view& input) {
  if (!input.empty() && phase_ != Phase::complete && phase_ != Phase::bad) started_ = true;
  while (step(input)) {
  }
  if (phase_ == Phase::bad) return ParseStatus::bad;
  return phase_ == Phase::complete ? ParseStatus::complete : ParseStatus::partial;
}

// One line, field, or piece of the body. False when there is no more to do with what is there.
bool MessageParser::step(std::string_view& input) {
  switch (phase_) {
    case Phase::startLine: {
      // A TLS hello or another protocol is refused at its first byte, not when it happens to hold a LF.
      if (headSize_ == 0 && !input.empty() && input.front() != '\r' && !isToken(input.substr(0, 1))) {
        fail(400, "this is not HTTP: the first byte cannot begin a message");
        return false;
      }
      const auto line = takeLine(input, headSize_, startLineTooLong(), "start line");
      if (!line) return false;
      // RFC 9112 section 2.2: one empty line before a message is passed over.
      if (line->empty() && headSize_ == 2) return true;
      takeStartLine(*line);
      if (phase_ == Phase::startLine) phase_ = Phase::fields;
      return true;
    }
    case Phase::fields: {
      const auto line = takeLine(input, headSize_, 431, "head");
      if (!line) return false;
      if (!line->empty()) {
        takeField(*line, true);
      } else {
        takeHead();
      }
      return true;
    }
    case Phase::body:
      return takeBody(input);
    case Phase::chunkSize: {
      std::size_t used = pending_.size();
      const auto line = takeLine(input, used, 400, "chunk-size line");
      if (line) takeChunkSize(*line);
      return line.has_value();
    }
    case Phase::chunkEnd: {
      std::size_t used = pending_.size();
      const auto line = takeLine(input, used, 400, "chunk");
      if (!line) return false;
      phase_ = Phase::chunkSize;
      if (!line->empty()) fail(400, "chunk is longer than its declared size");
      return true;
    }
    case Phase::trailers: {
      const auto line = takeLine(input, chunkOverhead_, 431, "trailer section");
      if (!line) return false;
      if (!line->empty()) {
        takeField(*line, false);
      } else {
        phase_ = Phase::complete;
      }
      return true;
    }
    case Phase::complete:
    case Phase::bad:
      return false;
  }
  return false;
}

// Takes bytes up to and with the next LF; `used` counts them. The line lacks its CRLF, and is valid until the
// next call.
std::optional<std::string_view> MessageParser::takeLine(std::string_view& input, std::size_t& used,
                                                        int tooLong, std::string_view what) {
  const bool inChunk = phase_ == Phase::chunkSize || phase_ == Phase::chunkEnd;
  const std::size_t limit = inChunk ? kMaxChunkLine : limits_.maxHeadSize;
  const std::size_t feedAt = input.substr(0, limit - std::min(limit, used)).find('\n');
  if (feedAt == std::string_view::npos) {
    if (used + input.size() >= limit) {
      fail(tooLong, std::string(what) + " is larger than " + bytes(limit));
      return std::nullopt;
    }
    used += input.size();
    pending_ += input;
    input = {};
    return std::nullopt;
  }
  std::string_view line = input.substr(0, feedAt + 1);
  input.remove_prefix(line.size());
  used += line.size();
  if (!pending_.empty()) {
    pending_ += line;
    line_.swap(pending_);
    pending_.clear();
    line = line_;
  }
  if (!line.ends_with("\r\n")) {
    fail(400, std::string(what) + " has a line that ends in LF without CR");
    return std::nullopt;
  }
  return line.substr(0, line.size() - 2);
}

void MessageParser::takeField(std::string_view line, bool keep) {
  if (++fieldCount_ > limits_.maxHeaders) {
    return fail(431, "more than " + std::to_string(limits_.maxHeaders) + " header fields");
  }
  if (line.front() == ' ' || line.front() == '\t') return fail(400, "header line is folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return fail(400, "header line has no colon");
  const std::string_view name = line.substr(0, colon);
  // Also refuses a space before the colon (RFC 9112 section 5.1).
  if (!isToken(name)) return fail(400, "header name is not a token");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!isFieldValue(value)) return fail(400, "header " + std::string(name) + " holds a control character");
  if (keep) headers().add(std::string(name), std::string(value));
}

bool MessageParser::frameBody(int minorVersion) {
  const bool hasCoding = headers().contains("Transfer-Encoding");
  const std::size_t lengths = headers().count("Content-Length");
  if (!hasCoding && lengths == 0) return false;
  // RFC 9112 section 6.3: whoever sends these may be trying to smuggle a second message.
  if (hasCoding && lengths != 0) {
    fail(400, "Transfer-Encoding together with Content-Length");
  } else if (lengths > 1) {
    fail(400, "more than one Content-Length");
  } else if (hasCoding && minorVersion == 0) {
    fail(400, "Transfer-Encoding in HTTP/1.0");
  } else if (hasCoding && !equalsIgnoreCase(headers().joined("Transfer-Encoding"), "chunked")) {
    fail(501, "Transfer-Encoding is not chunked");
  } else if (hasCoding) {
    chunked_ = true;
    phase_ = Phase::chunkSize;
  } else {
    const auto length = parseNumber(headers().get("Content-Length"));
    if (!length) {
      fail(400, "Content-Length is not a number");
    } else if (*length > limits_.maxBodySize) {
      fail(413, "body is larger than " + bytes(limits_.maxBodySize));
    } else {
      bodyLeft_ = static_cast<std::size_t>(*length);
      phase_ = bodyLeft_ == 0 ? Phase::complete : Phase::body;
    }
  }
  return true;
}

bool MessageParser::takeBody(std::string_view& input) {
  if (input.empty()) return false;
  const std::size_t size = untilClose_ ? input.size() : std::min(bodyLeft_, input.size());
  if (size > limits_.maxBodySize - body().size()) {
    fail(413, "body is larger than " + bytes(limits_.maxBodySize));
    return false;
  }
  body().append(input.substr(0, size));
  input.remove_prefix(size);
  if (untilClose_) return false;
  bodyLeft_ -= size;
  if (bodyLeft_ != 0) return false;
  phase_ = chunked_ ? Phase::chunkEnd : Phase::complete;
  return true;
}

// RFC 9112 section 7.1. Extensions are passed over, but are not unlimited in sum.
void MessageParser::takeChunkSize(std::string_view line) {
  const std::size_t end = std::min(line.find_first_of("; \t"), line.size());
  const auto size = parseNumber(line.substr(0, end), 16);
  const std::string_view extension = trim(line.substr(end));
  if (!size || !isFieldValue(extension) || (!extension.empty() && extension.front() != ';')) {
    return fail(400, "chunk size is not a hexadecimal number");
  }
  chunkOverhead_ += line.size() - end;
  if (chunkOverhead_ > limits_.maxHeadSize) return fail(431, "chunk extensions are too large");
  if (*size > limits_.maxBodySize - body().size()) {
    return fail(413, "body is larger than " + bytes(limits_.maxBodySize));
  }
  bodyLeft_ = static_cast<std::size_t>(*size);
  phase_ = bodyLeft_ == 0 ? Phase::trailers : Phase::body;
}

}  // namespace autobahn::inline v0::websocket::http
