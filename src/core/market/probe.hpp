// The probe: the one thing the watch may ask of a lease. It logs in with its own key and says a
// word; the host has tied that key to a command of the host's, which answers in lines of
// "name=value" and ends. The watch never gets a shell in a renter's machine.
#pragma once

#include <string>
#include <string_view>

namespace obelisk::market {

// Lives it, and since when: "boot=" and "start=", which change when machine or container restart.
inline constexpr std::string_view kProbeAlive = "alive";
// The same and what card it has: "cpu=", "gpu=" with a UUID for each GPU its driver shows, and
// "mig=" with one for each instance of a cut one.
inline constexpr std::string_view kProbeCard = "card";

// The command a host ties to the watch's key, for the lease's own shell. It has no quotation mark
// and no line break: it stands between quotation marks in authorized_keys (sshd(8)).
std::string probe_command();

}  // namespace obelisk::market
