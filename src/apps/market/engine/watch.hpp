// The watch: logs into a lease as its renter would, with a key of its own, and says what it found.
// It trusts the pinned host key alone, runs one small command, and gives up in time. What comes
// back was written by a stranger: it is bounded, read line by line, and never run or shown whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/lease/events.hpp"
#include "core/lease/record.hpp"

namespace obelisk::engine {

struct LoginAnswer {
  bool ok = false;
  lease::LoginProblem problem = lease::LoginProblem::unreachable;  // where not ok
  std::string why;                                                 // where not ok, in words
  std::string boot_mark;  // where ok, and where a card is wrong or missing
};

// One login, from start to end. Any thread; several at once.
class Logins {
 public:
  virtual ~Logins() = default;
  virtual LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                             bool check_card) = 0;
  // The public key line that lets the watch in.
  virtual const std::string& public_key() const = 0;
};

struct WatchOptions {
  std::string state_dir;  // its key and the pinned host keys, mode 0700
  std::string ssh = "/usr/bin/ssh";
  std::string ssh_keygen = "/usr/bin/ssh-keygen";
  int timeout_ms = 8'000;
};

// Makes the key on the first start.
base::Result<std::unique_ptr<Logins>> make_watch(const WatchOptions& options);

// --- the pure parts, for tests ---

// What the login's command printed, against what was quoted.
LoginAnswer judge(const lease::Quote& quote, bool check_card, std::string_view output);
// Whether these may stand on an ssh command line and in a known_hosts file.
bool is_sane(const lease::SshAccess& access);
std::vector<std::string> ssh_argv(const WatchOptions& options, const std::string& known_hosts,
                                  const lease::SshAccess& access, bool check_card);

}  // namespace obelisk::engine
