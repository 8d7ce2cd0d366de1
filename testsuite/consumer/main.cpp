// The smallest program of somebody else's project: public headers, both libraries, one call into each.
#include <autobahn/util/version.hpp>
#include <autobahn/websocket/close_code.hpp>
#include <iostream>

int main() {
  std::cout << "autobahn " << autobahn::util::version()
            << ", 1000 = " << autobahn::websocket::closeCodeName(1000) << '\n';
  return autobahn::util::version().empty() || autobahn::websocket::closeCodeName(1000).empty() ? 1 : 0;
}
