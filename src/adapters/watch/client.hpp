// The market's side of its watch: the keys as Attestors and the logins as Logins, each call one
// connection to the watch's unix socket. It must never wait without a bound, nor keep anything that
// the watch said but its keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/attestor.hpp"
#include "ports/logins.hpp"

namespace obelisk::watch_link {

struct Watch {
  std::vector<std::unique_ptr<ports::Attestor>> attestors;  // the current key first
  std::unique_ptr<ports::Logins> logins;
};

// Asks for the keys until an answer comes, at most so long. They stand until this process ends: a
// watch that is started with other keys needs the market started anew.
base::Result<Watch> open_watch(const std::string& socket, int wait_ms);

}  // namespace obelisk::watch_link
