// What systemd is told (sd_notify(3), without its library).
#pragma once

#include <string>

namespace router_tool {

/// Sends "READY=1", "STOPPING=1", … when there is somebody to tell ($NOTIFY_SOCKET).
void notifySystemd(const std::string& state);
/// "RELOADING=1" with the time that systemd wants beside it.
void notifyReloading();

}  // namespace router_tool
