// /metrics, /health and the page's status: the router's figures in their formats.
#include <dirent.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <autobahn/util/version.hpp>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

#include "figures.hpp"
#include "service.hpp"
#include "web.hpp"

namespace router_tool {

using namespace autobahn;

namespace {

double uptime(Service& service) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - service.start()).count();
}

void single(std::ostream& out, const char* name, const char* kind, const char* what, double value) {
  describe(out, name, kind, what);
  out << name << ' ' << value << '\n';
}

double residentOctets() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double openDescriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  if (!folder) return 0;
  double count = -3;  // ".", "..", and the folder itself
  while (::readdir(folder.get()) != nullptr) ++count;
  return count;
}

double processorSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void process(std::ostream& out) {
  single(out, "process_cpu_seconds_total", "counter", "User and system time.", processorSeconds());
  single(out, "process_resident_memory_bytes", "gauge", "Resident memory.", residentOctets());
  single(out, "process_open_fds", "gauge", "Open file descriptors.", openDescriptors());
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void key(Writer& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}
void text(Writer& writer, std::string_view value) {
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void realm(Writer& writer, const wamp::RealmStatistics& statistics, const RealmFigures& figures) {
  const auto number = [&](std::string_view name, std::uint64_t value) {
    key(writer, name);
    writer.Uint64(value);
  };
  writer.StartObject();
  key(writer, "name");
  text(writer, statistics.realm);
  number("sessions", statistics.sessions);
  number("subscriptions", statistics.subscriptions);
  number("registrations", statistics.registrations);
  number("pendingCalls", statistics.pendingCalls);
  number("events", statistics.eventsDelivered());
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < wamp::kActionCount; ++i) {
    number(actionName(static_cast<wamp::Action>(i)), figures.requests[i].granted);
    refused += figures.requests[i].refused;
  }
  number("refused", refused);
  writer.EndObject();
}

}  // namespace

std::string metricsText(Service& service, const std::vector<wamp::RouterListenerMetrics>& listeners) {
  std::ostringstream out;
  out.precision(15);
  describe(out, "autobahn_router_info", "gauge", "The program.");
  out << "autobahn_router_info{version=" << labelValue(util::version()) << "} 1\n";
  single(out, "autobahn_router_uptime_seconds", "gauge", "Since the start.", uptime(service));
  single(out, "autobahn_router_connections", "gauge", "WAMP connections, joined or not.",
         static_cast<double>(service.server().connectionCount()));
  writeRealms(out, service);
  writeListeners(out, listeners);
  process(out);
  return out.str();
}

std::string statusJson(Service& service, const std::string& webSocketPath) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  key(writer, "version");
  text(writer, util::version());
  key(writer, "uptime");
  writer.Double(uptime(service));
  key(writer, "webSocketPath");
  text(writer, webSocketPath);
  key(writer, "connections");
  writer.Uint64(service.server().connectionCount());
  key(writer, "realms");
  writer.StartArray();
  for (const wamp::RealmStatistics& each : service.server().router().statistics().realms) {
    const auto door = service.doors().find(each.realm);
    if (door != service.doors().end()) realm(writer, each, door->second.figures());
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string healthJson(Service& service) {
  std::ostringstream out;
  out << R"({"status": "ok", "uptime": )" << uptime(service)
      << ", \"connections\": " << service.server().connectionCount() << "}\n";
  return out.str();
}

}  // namespace router_tool
