// 12 and 13: permessage-deflate at work. Echoes of many sizes, kinds of data and agreed parameters.
#include <array>

#include "cases/exchange.hpp"
#include "cases/test_data.hpp"

namespace wstest {
namespace {

/// One step of a sub-group.
struct Step {
  std::size_t size;
  std::size_t fragmentSize;  ///< of the compressed message; 0: one frame
};
constexpr std::array<Step, 18> kSteps{{{16, 0},
                                       {64, 0},
                                       {256, 0},
                                       {1024, 0},
                                       {4096, 0},
                                       {8192, 0},
                                       {16384, 0},
                                       {32768, 0},
                                       {65536, 0},
                                       {131072, 0},
                                       {8192, 256},
                                       {16384, 256},
                                       {32768, 256},
                                       {65536, 256},
                                       {131072, 256},
                                       {131072, 1024},
                                       {131072, 4096},
                                       {131072, 32768}}};

/// The data's next `size` bytes, from its beginning again after its end.
std::string_view slice(const std::string& data, std::size_t& position, std::size_t size,
                       std::string& buffer) {
  const std::string_view all = data;
  if (position + size <= all.size()) {
    const auto part = all.substr(position, size);
    position = (position + size) % all.size();
    return part;
  }
  buffer = all.substr(position);
  position = size - buffer.size();
  buffer += all.substr(0, position);
  return buffer;
}

std::string difference(const Event& got, std::string_view sent, bool isBinary) {
  if (got.kind != Event::Kind::message) return "not a message but " + describe(got);
  if (got.isBinary != isBinary)
    return std::string("sent as ") + (isBinary ? "binary" : "text") + ", came as the other";
  if (got.payload.size() != sent.size()) {
    return std::to_string(sent.size()) + " bytes were sent, " + std::to_string(got.payload.size()) + " came";
  }
  return got.payload == sent ? "" : "the bytes differ";
}

void echoMany(Exchange& x, const DataSet& set, const Step& step) {
  x.expectClose({.byMe = true, .codes = {1000}, .isClean = true});
  x.keepEvents(false);
  if (!x.deflate()) {
    x.finish();
    return x.unimplemented("the peer does not agree to the permessage-deflate asked for");
  }
  const int count = x.amount(1000, 10);
  std::size_t position = 0;
  std::string buffer;
  for (int i = 1; i <= count; ++i) {
    const std::string_view sent = slice(set.data(), position, step.size, buffer);
    x.sendMessage(sent, set.isBinary, step.fragmentSize);
    const std::string which = "message " + std::to_string(i) + " of " + std::to_string(count) + ": ";
    if (x.receive(x.patience().whole) != Received::event) {
      return x.fail(which + (x.violation().empty() ? "no echo" : x.violation()));
    }
    const std::string wrong = difference(x.last(), sent, set.isBinary);
    if (!wrong.empty()) return x.fail(which + wrong);
  }
  x.pass(std::to_string(count) + " messages were echoed with " + x.deflate()->text());
  if (!x.finish()) x.fail("more messages came than were sent");
  x.judgeClose();
}

void addSteps(Catalog& catalog, const std::string& group, const DataSet& set,
              const std::vector<DeflateParameters>& offers) {
  int number = 0;
  for (const Step& step : kSteps) {
    std::string description = "Send 1000 compressed messages of " + std::to_string(step.size) +
                              " bytes, each after the echo of the one before";
    description +=
        step.fragmentSize == 0 ? "." : ", in fragments of " + std::to_string(step.fragmentSize) + " bytes.";
    auto& made =
        catalog.add(group + "." + std::to_string(++number), std::move(description),
                    "Every message comes back as it was sent. Unimplemented without permessage-deflate.",
                    "RFC 7692, 7", [&set, step](Exchange& x) { echoMany(x, set, step); });
    made.deflate = offers;
    made.isTimed = true;
  }
}

/// What a client offers: (server_no_context_takeover, server_max_window_bits), with its own side left open.
DeflateParameters offer(bool serverNoContextTakeover, int serverMaxWindowBits) {
  return {serverNoContextTakeover, true, serverMaxWindowBits, -1};
}

}  // namespace

void addCompression(Catalog& catalog) {
  catalog.group("12", "WebSocket Compression (different payloads)");
  int number = 0;
  for (const auto set : {&jsonData, &bitmapData, &proseData, &htmlData, &pdfData}) {
    const std::string id = "12." + std::to_string(++number);
    catalog.group(id, std::string(set().title));
    addSteps(catalog, id, set(), {offer(false, 0)});
  }

  catalog.group("13", "WebSocket Compression (different parameters)");
  const std::array<std::vector<DeflateParameters>, 7> parameters{
      {{offer(false, 0)},
       {offer(true, 0)},
       {offer(false, 9)},
       {offer(false, 15)},
       {offer(true, 9)},
       {offer(true, 15)},
       {offer(true, 9), offer(true, 0), offer(false, 0)}}};
  number = 0;
  for (const auto& offers : parameters) {
    const std::string id = "13." + std::to_string(++number);
    std::string title;
    for (const auto& each : offers) title += (title.empty() ? "" : ", ") + each.text();
    catalog.group(id, title);
    addSteps(catalog, id, jsonData(), offers);
  }
}

}  // namespace wstest
