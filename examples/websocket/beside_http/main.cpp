// A page, a small REST resource and a WebSocket on sub-paths of one port (with --tls-cert: of one TLS port).
//   GET /            the page          GET, PUT, DELETE /notes/NAME   a note
//   GET /notes       names of notes    ws://…/changes                 tells of every change
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/static_files.hpp>
#include <map>
#include <memory>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Changes final : public WebSocketServerProtocol {};

http::Response text(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

/// The REST resource. All is on one loop here; with several it would need a lock.
class Notes {
 public:
  explicit Notes(WebSocketServerFactory& factory) : factory_(factory) {}

  http::Response respond(const http::Request& request) {
    constexpr std::string_view kPrefix = "/notes/";
    const std::string path = request.path();
    if (path == "/notes") return list();
    const std::string name = path.substr(kPrefix.size());
    if (name.empty()) throw ConnectionDeny(ConnectionDeny::kNotFound, "a note has a name");
    if (request.method == "GET") return read(name);
    if (request.method == "PUT") return write(name, request.body);
    if (request.method == "DELETE") return remove(name);
    throw ConnectionDeny(405, "GET, PUT or DELETE", {{"Allow", "GET, PUT, DELETE"}});
  }

 private:
  http::Response list() const {
    std::string names;
    for (const auto& [name, note] : notes_) names += name + '\n';
    return text(200, names);
  }
  http::Response read(const std::string& name) const {
    const auto found = notes_.find(name);
    if (found == notes_.end()) throw ConnectionDeny(ConnectionDeny::kNotFound, "no such note");
    return text(200, found->second);
  }
  http::Response write(const std::string& name, const std::string& note) {
    if (notes_.size() >= 1000 && !notes_.contains(name)) throw ConnectionDeny(507, "too many notes");
    const bool isNew = notes_.insert_or_assign(name, note).second;
    tell((isNew ? "added " : "changed ") + name);
    return text(isNew ? 201 : 200, "");
  }
  http::Response remove(const std::string& name) {
    if (notes_.erase(name) == 0) throw ConnectionDeny(ConnectionDeny::kNotFound, "no such note");
    tell("removed " + name);
    http::Response response;
    response.status = 204;
    return response;
  }
  void tell(std::string change) { factory_.broadcast(factory_.prepareMessage(std::move(change))); }

  WebSocketServerFactory& factory_;
  std::map<std::string, std::string> notes_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A page, a REST resource and a WebSocket on one port.", "beside_http"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  std::string root = EXAMPLE_FOLDER "/page";
  app.add_option("--root", root, "folder of the page (default: that of the sources)")
      ->check(CLI::ExistingDirectory);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    factory.setProtocolAt<Changes>("/changes");
    Notes notes(factory);
    const StaticFiles files(root);
    factory.setHttpHandler([&](const http::Request& request, const TransportDetails&) -> HttpDecision {
      const std::string path = request.path();
      if (path == "/notes" || path.starts_with("/notes/")) return notes.respond(request);
      if (auto found = files.respond(request)) return std::move(*found);
      throw ConnectionDeny(ConnectionDeny::kNotFound, "there is / and /notes and /changes");
    });
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
