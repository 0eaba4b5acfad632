// LogStream: podman's answer to a question for a container's output: pieces with eight bytes before
// each that say which stream and how long. The pieces are a renter's own bytes. It must never read
// past what is there, whatever the lengths say.
#pragma once

#include <string>
#include <string_view>

namespace obelisk::podman {

// The pieces of both streams, one after the other; what is broken off or is no such piece ends it.
std::string join_log_stream(std::string_view bytes);

}  // namespace obelisk::podman
