// Logins: the watch's way into a lease, as its renter would come, with a key of its own. It trusts
// the pinned host key alone, runs one small command, and gives up in time. It must never get a
// shell in a renter's machine.
#pragma once

#include <string>

#include "core/watch/login.hpp"

namespace obelisk::ports {

// One login, from start to end. Any thread; several at once.
class Logins {
 public:
  virtual ~Logins() = default;
  virtual watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                                    bool check_card) = 0;
  // The public key line that lets the watch in.
  virtual const std::string& public_key() const = 0;
};

}  // namespace obelisk::ports
