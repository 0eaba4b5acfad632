// A request as Beast read it, as the plain value that handlers see.
#pragma once

#include <optional>

#include "adapters/http/detail/socket_loop.hpp"
#include "adapters/http/message.hpp"

namespace obelisk::http {

// Takes the body out of it. Nothing where its target is no path.
std::optional<Request> to_request(SocketLoop::OpeningRequest& message);

}  // namespace obelisk::http
