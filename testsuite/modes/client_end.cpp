#include "modes/client_end.hpp"

#include <iostream>

#include "cases/printable.hpp"

namespace wstest {

int ClientEnd::exitCode(const std::string& url) const {
  if (!wasOpen) throw std::runtime_error("cannot connect to " + url + ": " + reason);
  const std::string& fault = problem.empty() ? reason : problem;
  if (isDone && problem.empty()) return 0;
  std::cerr << "wstest: " << (fault.empty() ? "the connection ended early" : printable(fault)) << std::endl;
  return 1;
}

void EndingClient::onClose(bool /*wasClean*/, std::uint16_t code, const std::string& reason) {
  // 1001 of ours: Ctrl-C, which ends a client in order.
  if (localCloseCode() == static_cast<std::uint16_t>(autobahn::websocket::CloseCode::goingAway))
    end_->isDone = true;
  end_->reason = end_->wasOpen ? "the connection ended with " + std::to_string(code) + " " + reason : reason;
}

void EndingClient::conclude(std::string problem) {
  end_->isDone = true;
  end_->problem = std::move(problem);
  sendClose();
}

}  // namespace wstest
