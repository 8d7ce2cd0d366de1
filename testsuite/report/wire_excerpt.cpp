#include "report/wire_excerpt.hpp"

#include <algorithm>

#include "cases/printable.hpp"
#include "cases/verdict.hpp"
#include "wire/utf8.hpp"

namespace wstest {

namespace {

bool isFrame(const WireEntry& entry) {
  return entry.kind == WireEntry::Kind::sentFrame || entry.kind == WireEntry::Kind::receivedFrame;
}

bool isOctets(const WireEntry& entry) {
  return entry.kind == WireEntry::Kind::sentBytes || entry.kind == WireEntry::Kind::receivedBytes;
}

/// Valid text from the front; all of it but what may be a character that was cut off.
std::string_view textAtFront(std::string_view bytes) {
  std::size_t end = 0;
  while (const std::size_t size = characterSize(bytes.substr(end))) end += size;
  return bytes.substr(0, end);
}

bool hasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char each) {
    const auto byte = static_cast<std::uint8_t>(each);
    return (byte < 0x20 && each != '\r' && each != '\n' && each != '\t') || byte == 0x7F;
  });
}

std::string closeText(std::string_view body) {
  const unsigned code = static_cast<std::uint8_t>(body[0]) * 256u + static_cast<std::uint8_t>(body[1]);
  return std::to_string(code) + (body.size() > 2 ? " " + quote(body.substr(2), 130) : "");
}

}  // namespace

WireExcerpt excerptOf(const WireLog& wire, const ExcerptLimits& limits) {
  WireExcerpt excerpt;
  auto& entries = excerpt.entries;
  entries = wire.entries();
  if (!limits.hasOctets && std::ranges::any_of(entries, isFrame)) std::erase_if(entries, isOctets);
  if (entries.size() <= limits.entries) return excerpt;
  const std::size_t last = limits.entries / 4;
  const std::size_t first = limits.entries - last;
  excerpt.leftOut = entries.size() - limits.entries;
  excerpt.gapAt = first;
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(first),
                entries.end() - static_cast<std::ptrdiff_t>(last));
  return excerpt;
}

ShownPayload shownPayload(const WireEntry& entry, std::size_t limit) {
  const std::string_view bytes = std::string_view(entry.data).substr(0, limit);
  if (entry.kind == WireEntry::Kind::note) return {printable(entry.data)};
  if (isFrame(entry) && entry.opcode == opcode::close && bytes.size() >= 2) return {closeText(bytes)};
  const std::string_view text = textAtFront(bytes);
  const bool isCut = bytes.size() < entry.size;
  const bool isWhole = text.size() == bytes.size() || (isCut && bytes.size() - text.size() < 4);
  const bool isMeantAsText = isFrame(entry) && entry.opcode == opcode::text;
  if (!isWhole || (!isMeantAsText && hasControls(text))) return {hex(bytes), true};
  return {isFrame(entry) ? printable(text) : printableLines(text)};
}

}  // namespace wstest
