#include "figures.hpp"

#include <functional>

#include "service.hpp"

namespace router_tool {

using namespace autobahn::wamp;

namespace {

using Labels = std::string;

Labels label(const char* name, std::string_view value) { return std::string(name) + '=' + labelValue(value); }

void value(std::ostream& out, const char* name, const Labels& labels, std::uint64_t figure) {
  out << name << '{' << labels << "} " << figure << '\n';
}

/// A figure of each realm, or of each listener.
template <class Each>
struct Figure {
  const char* name;
  const char* kind;
  const char* what;
  std::uint64_t (*of)(const Each&);
};

template <class Each, std::size_t kCount, class LabelOf>
void writeAll(std::ostream& out, const Figure<Each> (&figures)[kCount], const std::vector<Each>& all,
              LabelOf labelOf) {
  for (const Figure<Each>& figure : figures) {
    describe(out, figure.name, figure.kind, figure.what);
    for (const Each& each : all) value(out, figure.name, labelOf(each), figure.of(each));
  }
}

// ---- Realms

constexpr Figure<RealmStatistics> kRealmFigures[] = {
    {"autobahn_router_sessions", "gauge", "Sessions that have joined.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.sessions; }},
    {"autobahn_router_sessions_suspended", "gauge", "Of these, without a transport.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.suspended; }},
    {"autobahn_router_subscriptions", "gauge", "Topics and patterns that are subscribed to.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.subscriptions; }},
    {"autobahn_router_registrations", "gauge", "Procedures and patterns that are registered.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.registrations; }},
    {"autobahn_router_retained_topics", "gauge", "Topics with retained events.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.retainedTopics; }},
    {"autobahn_router_calls_pending", "gauge", "Calls without an answer yet.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.pendingCalls; }},
    {"autobahn_router_calls_waiting", "gauge", "Of these, calls that wait for a callee that is not busy.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.waitingCalls; }},
    {"autobahn_router_events_delivered_total", "counter", "Events sent, each receiver counted.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.eventsDelivered(); }},
    {"autobahn_router_calls_rerouted_total", "counter", "Times that a call went on to another callee.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.calls.rerouted; }},
    {"autobahn_router_limits_reached_total", "counter", "Requests and sessions that ended at a limit.",
     [](const RealmStatistics& realm) -> std::uint64_t { return realm.limitsReached; }},
};

constexpr struct {
  const char* name;
  std::uint64_t CallStatistics::*figure;
} kOutcomes[] = {{"result", &CallStatistics::results},    {"error", &CallStatistics::errors},
                 {"canceled", &CallStatistics::canceled}, {"timed_out", &CallStatistics::timedOut},
                 {"failed", &CallStatistics::failed},     {"abandoned", &CallStatistics::abandoned},
                 {"refused", &CallStatistics::refused}};

Labels realmLabel(const RealmStatistics& realm) { return label("realm", realm.realm); }

void writeCalls(std::ostream& out, const std::vector<RealmStatistics>& realms) {
  constexpr const char* kName = "autobahn_router_calls_total";
  describe(out, kName, "counter", "Calls that have ended, by how.");
  for (const RealmStatistics& each : realms) {
    for (const auto& outcome : kOutcomes) {
      value(out, kName, realmLabel(each) + ',' + label("outcome", outcome.name), each.calls.*outcome.figure);
    }
  }
}

// Kinds that there have been: most realms see few of the fifty.
void writeMessages(std::ostream& out, const std::vector<RealmStatistics>& realms) {
  constexpr const char* kName = "autobahn_router_messages_total";
  describe(out, kName, "counter", "Messages from and to sessions, by kind.");
  for (const RealmStatistics& each : realms) {
    for (std::size_t i = 0; i < each.messages.size(); ++i) {
      const auto [received, sent] = each.messages[i];
      const Labels labels = realmLabel(each) + ',' + label("kind", messageTypes()[i].name);
      if (received > 0) value(out, kName, labels + ",direction=\"received\"", received);
      if (sent > 0) value(out, kName, labels + ",direction=\"sent\"", sent);
    }
  }
}

void writeOutcomes(std::ostream& out, const char* name, const Labels& labels,
                   const RealmFigures::Outcomes& both) {
  value(out, name, labels + ",outcome=\"granted\"", both.granted);
  value(out, name, labels + ",outcome=\"refused\"", both.refused);
}

using Doors = std::vector<std::pair<std::string, const RealmFigures*>>;

void writeDoors(std::ostream& out, const Doors& doors) {
  constexpr const char* kJoins = "autobahn_router_joins_total";
  describe(out, kJoins, "counter", "Attempts to join, by authentication method.");
  for (const auto& each : doors) {
    for (std::size_t i = 0; i < kMethods.size(); ++i) {
      const Labels labels = label("realm", each.first) + ',' + label("method", kMethods[i]);
      writeOutcomes(out, kJoins, labels, each.second->joins[i]);
    }
  }
  constexpr const char* kRequests = "autobahn_router_requests_total";
  describe(out, kRequests, "counter",
           "Calls, registrations, subscriptions and publications, by whether they were permitted.");
  for (const auto& each : doors) {
    for (std::size_t i = 0; i < kActionCount; ++i) {
      const Labels labels =
          label("realm", each.first) + ',' + label("action", actionName(static_cast<Action>(i)));
      writeOutcomes(out, kRequests, labels, each.second->requests[i]);
    }
  }
}

// ---- Listeners

using Listener = RouterListenerMetrics;

constexpr Figure<Listener> kListenerFigures[] = {
    {"autobahn_router_listener_transports", "gauge", "Connections to a WebSocket port, of all protocols.",
     [](const Listener& each) -> std::uint64_t { return each.webSocket.transports; }},
    {"autobahn_router_listener_websockets", "gauge", "Open WebSocket connections.",
     [](const Listener& each) -> std::uint64_t { return each.webSocket.connections; }},
    {"autobahn_router_listener_rawsockets", "gauge", "RawSocket connections.",
     [](const Listener& each) -> std::uint64_t { return each.rawSockets; }},
    {"autobahn_router_listener_longpollers", "gauge", "Long-poll transports.",
     [](const Listener& each) -> std::uint64_t { return each.longPollers; }},
    {"autobahn_router_listener_queued_bytes", "gauge", "Octets that wait for WebSocket clients to read them.",
     [](const Listener& each) -> std::uint64_t { return each.webSocket.queuedOctets; }},
    {"autobahn_router_listener_longest_queue_bytes", "gauge", "The most of them for one client.",
     [](const Listener& each) -> std::uint64_t { return each.webSocket.longestQueue; }},
    {"autobahn_router_listener_accepted_total", "counter", "Connections accepted at a WebSocket port.",
     [](const Listener& each) { return each.webSocket.transportsAccepted; }},
    {"autobahn_router_listener_opened_total", "counter", "WebSocket connections that were opened.",
     [](const Listener& each) { return each.webSocket.connectionsOpened; }},
    {"autobahn_router_listener_not_opened_total", "counter",
     "Connections that ended without a WebSocket; plain HTTP among them.",
     [](const Listener& each) { return each.webSocket.handshakesFailed; }},
    {"autobahn_router_listener_received_bytes_total", "counter", "Octets from WebSocket clients.",
     [](const Listener& each) { return each.webSocket.traffic.incomingOctetsWireLevel; }},
    {"autobahn_router_listener_sent_bytes_total", "counter", "Octets to WebSocket clients.",
     [](const Listener& each) { return each.webSocket.traffic.outgoingOctetsWireLevel; }},
};

Labels listenerLabel(const Listener& listener) { return label("listener", listener.url); }

void writeCloses(std::ostream& out, const std::vector<Listener>& listeners) {
  constexpr const char* kName = "autobahn_router_listener_closed_total";
  describe(out, kName, "counter", "WebSocket connections that have ended, by close code.");
  for (const Listener& each : listeners) {
    for (const auto& entry : each.webSocket.closeCodes) {
      value(out, kName, listenerLabel(each) + ',' + label("code", std::to_string(entry.first)), entry.second);
    }
  }
}

}  // namespace

std::string labelValue(std::string_view text) {
  std::string made = "\"";
  for (const char each : text) {
    if (each == '\\' || each == '"') made += '\\';
    made += each == '\n' ? std::string("\\n") : std::string(1, each);
  }
  return made + '"';
}

void describe(std::ostream& out, const char* name, const char* kind, const char* what) {
  out << "# HELP " << name << ' ' << what << "\n# TYPE " << name << ' ' << kind << '\n';
}

void writeRealms(std::ostream& out, Service& service) {
  const std::vector<RealmStatistics> realms = service.server().router().statistics().realms;
  writeAll(out, kRealmFigures, realms, realmLabel);
  writeCalls(out, realms);
  writeMessages(out, realms);
  Doors doors;
  for (const RealmStatistics& each : realms) {
    const auto door = service.doors().find(each.realm);
    if (door != service.doors().end()) doors.emplace_back(each.realm, &door->second.figures());
  }
  writeDoors(out, doors);
}

void writeListeners(std::ostream& out, const std::vector<RouterListenerMetrics>& listeners) {
  writeAll(out, kListenerFigures, listeners, listenerLabel);
  writeCloses(out, listeners);
}

}  // namespace router_tool
