// What a login of the watch has to show: the address a host named, the host key it signed, and what
// the one small command printed. Pure. What comes back was written by a stranger: it is bounded,
// read line by line, and never run or shown whole.
#pragma once

#include <string>
#include <string_view>

#include "core/lease/events.hpp"
#include "core/lease/record.hpp"

namespace obelisk::watch {

struct LoginAnswer {
  bool ok = false;
  lease::LoginProblem problem = lease::LoginProblem::unreachable;  // where not ok
  std::string why;                                                 // where not ok, in words
  std::string boot_mark;  // where ok, and where a card is wrong or missing
  // Chain time of the newest block that whoever logged in had seen by then; 0: it does not say.
  base::UnixSeconds alive_at_s = 0;
};

// What the login's command printed, against what was quoted.
LoginAnswer judge(const lease::Quote& quote, bool check_card, std::string_view output);

// A login that shows the container to be there. A running one may show fewer cards: its renter may
// have broken what shows them, and must not lose the machine for it.
bool shows_life(const LoginAnswer& answer, bool before_ready);

// Whether these may stand on an ssh command line and in a known_hosts file.
bool is_sane(const lease::SshAccess& access);

// "OBELISKS", the lease, the key line: what the host's own key signs, so that nobody else can show
// a machine of theirs in its name.
bool is_signed_by(const base::PublicKey& host, const base::PublicKey& lease,
                  const lease::SshAccess& access);

}  // namespace obelisk::watch
