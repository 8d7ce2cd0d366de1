// 10: a message that a sender has cut by itself.
#include "cases/classic.hpp"

namespace wstest {

void addAutoFragmentation(Catalog& catalog) {
  catalog.group("10", "Miscellaneous");
  catalog.group("10.1", "Automatic fragmentation");
  catalog.add("10.1.1",
              "A text message of 65536 bytes in fragments of 1300: a text frame and 50 continuations.",
              std::string(kEchoed), "RFC 6455, 5.4", [](Exchange& x) {
                const std::string payload(65536, '*');
                expectEvents(x, {textMessage(payload)});
                x.sendMessage(payload, false, 1300);
                x.settle();
              });
}

}  // namespace wstest
