// What the watch has seen of one lease with its own eyes: where a login worked, on which machine,
// up to when, and since when none does. Pure. It must never count what somebody else says he saw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/lease/record.hpp"
#include "core/watch/login.hpp"

namespace obelisk::watch {

// Failures count together only if nothing was left unseen between them: who looked away knows of
// two moments, not of a minute. Longer than two logins that hang and the pause after them.
inline constexpr base::UnixSeconds kLongestLookAwayS = 30;

struct Seen {
  // --- kept on disk, so that a restart forgets none of it ---
  base::PublicKey lease;
  base::PublicKey host;
  base::Hash terms_hash;
  // The opening that `ready` was signed for; 0: none was. From then on machine and host key stay.
  std::uint64_t served_slot = 0;
  std::string boot_mark;                 // of the machine that the last login found
  std::string driver_name;               // what its processor was called before `ready`
  std::optional<lease::SshAccess> ssh;   // where the last login that worked went
  base::UnixSeconds forget_after_s = 0;  // no `ready` can come later for an unserved one

  // --- since the start of this process ---
  base::UnixSeconds alive_at_s = 0;        // chain time at the last login that worked
  std::optional<std::int64_t> worked_ms;   // when that was, by the steady clock
  std::optional<std::int64_t> checked_ms;  // the last that also found the cards as quoted
  base::UnixSeconds first_failure_s = 0;   // since the last login that worked
  base::UnixSeconds last_failure_s = 0;
};

// The same address, port, user and host key.
bool is_same_place(const lease::SshAccess& a, const lease::SshAccess& b);

// Another machine under a served lease, or another host key: a login there proves nothing.
bool is_another_machine(const Seen& seen, const LoginAnswer& answer,
                        const lease::SshAccess& access);

struct LoginMoment {
  base::UnixSeconds now_s = 0;     // the newest block's time
  base::UnixSeconds may_be_s = 0;  // what it may be by now, should our node be behind
  std::int64_t steady_ms = 0;
};

// True where something changed that the disk should know.
bool worked(Seen& seen, const LoginAnswer& answer, const lease::SshAccess& access,
            bool checked_cards, const LoginMoment& at);
// Without control the failure says nothing about the host.
void failed(Seen& seen, bool control_ok, const LoginMoment& at);

// What the disk keeps, as one canonical text, and back. invalid_input where it is damaged.
std::string to_text(const Seen& seen);
base::Result<Seen> seen_from(std::string_view text);

}  // namespace obelisk::watch
