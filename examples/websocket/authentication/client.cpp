// Shows a token or a session cookie to a server that asks for one.
#include <autobahn/websocket/client.hpp>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

int main(int argc, char** argv) {
  CLI::App app{"Connects with a token or a session cookie.", "authentication_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::string token;
  std::string session;
  app.add_option("--token", token, "bearer token, such as token-of-alice");
  app.add_option("--session", session, "session cookie, such as session-of-bob");
  return examples::run(app, argc, argv, [&] {
    Headers headers;
    if (!token.empty()) headers.add("Authorization", "Bearer " + token);
    if (!session.empty()) headers.add("Cookie", "session=" + session);
    WebSocketClientFactory factory(arguments.url, {}, {}, WebSocketClientFactory::defaultUserAgent(),
                                   headers);
    examples::Outcome outcome;
    factory.setProtocol<examples::FirstMessagePrinter>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
