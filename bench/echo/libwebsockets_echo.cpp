// An echo server on libwebsockets: one thread, large buffers, UTF-8 checked because we ask for it,
// permessage-deflate where it is offered. libwebsockets sends one message each time the socket is writable.
#include <libwebsockets.h>

#include <array>
#include <deque>
#include <new>
#include <stdexcept>
#include <string>

#include "server_program.hpp"

namespace {

constexpr std::size_t kBufferSize = 128 << 10;

struct Message {
  std::string payload;  // behind LWS_PRE bytes, which lws_write() wants for itself
  bool isBinary = false;
};

/// Of one connection; libwebsockets gives the memory.
struct Session {
  std::string incoming;
  std::deque<Message> outgoing;
  Message written;  // compressing reads it until it asks for more
};

int receive(lws* connection, Session& session, const char* data, std::size_t size) {
  if (session.incoming.empty()) session.incoming.assign(LWS_PRE, '\0');
  session.incoming.append(data, size);
  if (!lws_is_final_fragment(connection) || lws_remaining_packet_payload(connection) != 0) return 0;
  session.outgoing.push_back({std::move(session.incoming), lws_frame_is_binary(connection) != 0});
  session.incoming.clear();
  lws_callback_on_writable(connection);
  return 0;
}

int send(lws* connection, Session& session) {
  if (session.outgoing.empty()) return 0;
  Message& message = session.written = std::move(session.outgoing.front());
  session.outgoing.pop_front();
  auto* payload = reinterpret_cast<unsigned char*>(message.payload.data()) + LWS_PRE;
  const lws_write_protocol kind = message.isBinary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  if (lws_write(connection, payload, message.payload.size() - LWS_PRE, kind) < 0) return -1;
  if (!session.outgoing.empty()) lws_callback_on_writable(connection);
  return 0;
}

int onEvent(lws* connection, lws_callback_reasons reason, void* user, void* in, std::size_t size) {
  auto* session = static_cast<Session*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      new (session) Session;
      return 0;
    case LWS_CALLBACK_RECEIVE:
      return receive(connection, *session, static_cast<const char*>(in), size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return send(connection, *session);
    case LWS_CALLBACK_CLOSED:
      session->~Session();
      return 0;
    default:
      return lws_callback_http_dummy(connection, reason, user, in, size);
  }
}

void serve(const bench::Serving& serving) {
  lws_set_log_level(LLL_ERR, nullptr);
  const std::array<lws_protocols, 2> protocols{
      lws_protocols{"", onEvent, sizeof(Session), kBufferSize, 0, nullptr, 0}, lws_protocols{}};
  const std::array<lws_extension, 2> extensions{
      lws_extension{"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
      lws_extension{}};
  lws_context_creation_info info{};
  info.port = serving.port;
  info.iface = "127.0.0.1";
  info.protocols = protocols.data();
  info.extensions = extensions.data();
  info.pt_serv_buf_size = kBufferSize;
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
  if (serving.isTls()) {
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = serving.certificate.c_str();
    info.ssl_private_key_filepath = serving.key.c_str();
  }
  lws_context* context = lws_create_context(&info);
  if (context == nullptr) throw std::runtime_error("libwebsockets does not start");
  bench::announce(
      static_cast<std::uint16_t>(lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"))));
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}

}  // namespace

int main(int argc, char** argv) { return bench::serve("bench_libwebsockets_echo", argc, argv, serve); }
