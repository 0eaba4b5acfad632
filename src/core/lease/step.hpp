// The life of a rental as one pure function: what is remembered, what happened, what is known; out
// come the new life, the work to do and the words for people. It reads no clock and does no work.
//
// What it must never do (the protocol's section 7):
// - send `ready` before the account is confirmed, every field of it equals the quote, the nonce was
//   never served and a login on the pinned host key worked;
// - open the renter's way in before `ready` is confirmed;
// - attest a second that no login proved, or one past a stop or the end;
// - call a host dark within gap_limit_s of the watch's own start, or while the watch may be the one
//   that is cut off.
#pragma once

#include <vector>

#include "core/lease/events.hpp"

namespace obelisk::lease {

// How often a live lease is attested, in chain seconds.
inline constexpr base::UnixSeconds kAttestEveryS = 60;
// How often a host that does not answer is tried.
inline constexpr base::UnixSeconds kRetryDarkS = 5;
// Of the logins to a running lease each of so many also looks at its cards.
inline constexpr std::uint32_t kLoginsPerCardCheck = 10;
// Failed logins over more than this mean a dark host.
inline constexpr base::UnixSeconds kDarkAfterS = 60;
// Called dark and not found so: it is called that again no sooner than so much later.
inline constexpr base::UnixSeconds kRefusedDarkS = 15;
// Longer than a login that hangs and the pause after it.
inline constexpr base::UnixSeconds kLongestLookAwayS = 20;
// How long the host keeps the container after the end or a contested stop.
inline constexpr base::UnixSeconds kLastLoginS = 10;
// After a lost connection the host has this long to be back before the watch looks.
inline constexpr std::uint32_t kLostLookMs = 2000;
// A login that says nothing for so long is asked again; it proves nothing either way.
inline constexpr base::UnixSeconds kLoginLostS = 60;
// A forwarded stop that has not landed by then never will: its blockhash is too old.
inline constexpr base::UnixSeconds kStopLandingS = 90;
// Confirmed blocks are this far ahead of an `open` that could still appear.
inline constexpr base::UnixSeconds kOpenLandingS = 5;
// An account missing from a confirmed answer that much newer than its opening is gone.
inline constexpr std::uint64_t kForkSlots = 8;
// What was confirmed is given up only where so many slots later the chain still says otherwise: by
// then either is final.
inline constexpr std::uint64_t kLostForkSlots = 32;

struct Decision {
  Life life;
  std::vector<Effect> effects;
  std::vector<Note> notes;
};

// An event that changes nothing gives back the same life, no effects and no notes.
Decision step(const Record& record, const Event& event, const Context& context);

}  // namespace obelisk::lease
