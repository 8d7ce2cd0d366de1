// Who of a topic's subscribers may get an event.
#pragma once

#include <autobahn/wamp/message_pubsub.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "session.hpp"

namespace autobahn::inline v0::wamp::router {

/// The black and white lists of a publication (advanced profile, subscriber black- and whitelisting): a
/// receiver must be on each white list that there is and on no black list. Long lists cost little more than
/// short ones.
class ReceiverFilter {
 public:
  explicit ReceiverFilter(const message::Receivers& receivers);

  bool admits(const Session& session) const;
  /// True when a list names sessions, whose IDs mean nothing after they have left.
  bool namesSessions() const { return exclude_.sessions || eligible_.sessions; }
  /// The lists as they stand in a PUBLISH.
  message::Receivers lists() const;
  /// Octets that the lists take.
  std::size_t octets() const;

 private:
  // One list, sorted.
  template <class T>
  using Names = std::optional<std::vector<T>>;
  struct Lists {
    Names<Id> sessions;
    Names<std::string> authids;
    Names<std::string> authroles;
  };

  Lists exclude_;
  Lists eligible_;
};

}  // namespace autobahn::inline v0::wamp::router
