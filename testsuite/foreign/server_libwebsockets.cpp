// An echo server on libwebsockets, with permessage-deflate and a limit of size. UTF-8 is checked because we
// ask for it: that is an option of libwebsockets.
//   server_libwebsockets [CERTIFICATE KEY]
#include <libwebsockets.h>

#include <deque>
#include <iostream>
#include <new>
#include <string>

#include "walk.hpp"

namespace {

struct Message {
  std::string payload;  ///< behind LWS_PRE bytes, which lws_write() wants for itself
  bool isBinary = false;
};

/// Of one connection; libwebsockets gives the memory.
struct Session {
  std::string incoming;
  std::deque<Message> outgoing;
  std::size_t waiting = 0;  ///< bytes of `outgoing`
  /// While it compresses, libwebsockets goes on reading this after lws_write() has returned, until it asks
  /// for more.
  Message written{};
};

/// Bytes that are read at once, as in libwebsockets' own echo server. With its default of 4096 the rest of a
/// TLS record is read over compressed bytes that still wait to be inflated.
constexpr unsigned kReadSize = 32U << 10;

/// Reading stops while so much waits to be written.
constexpr std::size_t kEnough = std::size_t{1} << 20;

int receive(lws* connection, Session& session, const char* data, std::size_t size) {
  if (session.incoming.empty()) session.incoming.assign(LWS_PRE, '\0');
  session.incoming.append(data, size);
  if (session.incoming.size() > foreign::kLimit) {
    lws_close_reason(connection, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, nullptr, 0);
    return -1;
  }
  if (!lws_is_final_fragment(connection) || lws_remaining_packet_payload(connection) != 0) return 0;
  session.waiting += session.incoming.size();
  session.outgoing.push_back({std::move(session.incoming), lws_frame_is_binary(connection) != 0});
  session.incoming.clear();
  if (session.waiting > kEnough) lws_rx_flow_control(connection, 0);
  lws_callback_on_writable(connection);
  return 0;
}

int send(lws* connection, Session& session) {
  if (session.outgoing.empty()) return 0;
  Message& message = session.written = std::move(session.outgoing.front());
  session.outgoing.pop_front();
  session.waiting -= message.payload.size();
  auto* payload = reinterpret_cast<unsigned char*>(message.payload.data()) + LWS_PRE;
  const std::size_t size = message.payload.size() - LWS_PRE;
  const lws_write_protocol kind = message.isBinary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  if (lws_write(connection, payload, size, kind) < 0) return -1;
  if (session.waiting <= kEnough) lws_rx_flow_control(connection, 1);
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

}  // namespace

int main(int argc, char** argv) {
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"", onEvent, sizeof(Session), 0, 0, nullptr, 0}, {}};
  const lws_extension extensions[] = {
      {"permessage-deflate", lws_extension_callback_pm_deflate,
       "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
      {}};
  lws_context_creation_info info{};
  info.port = 0;
  info.iface = "127.0.0.1";
  info.pt_serv_buf_size = kReadSize;
  info.protocols = protocols;
  info.extensions = extensions;
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
  if (argc == 3) {
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = argv[1];
    info.ssl_private_key_filepath = argv[2];
  }
  lws_context* context = lws_create_context(&info);
  if (context == nullptr) return 1;
  lws_vhost* host = lws_get_vhost_by_name(context, "default");
  std::cout << "listening on 127.0.0.1:" << lws_get_vhost_listen_port(host) << std::endl;
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}
