// What can happen to a rental, and what the market then does about it. All of these are levels, not
// edges: an event that comes twice, late or never leaves nothing broken that the next one does not
// repair. They carry facts that were checked for their form; none of them carries a decision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/escrow/layout.hpp"
#include "core/lease/close.hpp"
#include "core/lease/record.hpp"

namespace obelisk::lease {

// The account as a node saw it at `processed`: good enough to prepare, never to decide on.
struct Seen {
  escrow::Lease account{};
  std::uint64_t slot = 0;
};

// The account at `confirmed`: opened, ready, extended, claimed or contested, whatever it says.
struct Confirmed {
  escrow::Lease account{};
  std::uint64_t slot = 0;
};

// At `confirmed` there is no account: never opened, vanished with a fork, or closed.
struct Absent {
  std::uint64_t slot = 0;
};

// `ssh` is there with running and open; its signature was checked.
struct HostSaid {
  HostState state = HostState::unknown;
  std::string message;
  std::optional<SshAccess> ssh;
  std::string boot_id;
};

// The host's connection broke. That proves nothing, and is a reason to look.
struct HostLost {};

// `alive_at_s`: chain time of the newest block seen when the login worked. `boot_mark`: the
// machine's boot and the container's start, as the login read them.
struct LoginWorked {
  std::uint32_t attempt = 0;
  base::UnixSeconds alive_at_s = 0;
  std::string boot_mark;
};

// `card_missing`: the machine does not show all cards, and none that is not quoted. Before `ready`
// that is a wrong machine; later its renter may have done that to it.
enum class LoginProblem : std::uint8_t { unreachable, wrong_host_key, wrong_card, card_missing };

struct LoginFailed {
  std::uint32_t attempt = 0;
  LoginProblem problem = LoginProblem::unreachable;
  std::string why;
};

struct ReadyLanded {
  base::Signature signature;
};

// The transaction did not land or was refused; the work is tried again as long as it can help.
struct ReadyFailed {
  std::string why;
};

// Who holds the attestor's key looked by itself and did not find the host dark: nothing was sent.
struct DarkRefused {
  std::string why;
};

struct Attested {
  base::UnixSeconds alive_until = 0;
  base::Signature signature;
};

// A stop or cancel signed by the renter went through our hands.
struct StopAsked {};

// Who asked for the quote says that it will not be paid.
struct GivenUp {};

// What the host says of a running lease for its renter to know, `idle` or `trouble`. It changes
// nothing: money and state go by logins and the chain alone.
struct Troubled {
  std::string kind;
  std::string text;
};

// What the chain kept of a closed lease; amounts are absent where it kept nothing. `never_opened`:
// all that ever happened at the address was read, and nobody opened what was quoted, or the fork
// with its opening in it lost. `provisional`: the close is confirmed and not yet final, so that it
// is read once more.
struct CloseRead {
  CloseFacts facts;
  bool never_opened = false;
  bool provisional = false;
};

// Time passed.
struct Tick {};

using Event =
    std::variant<Seen, Confirmed, Absent, HostSaid, HostLost, LoginWorked, LoginFailed, ReadyLanded,
                 ReadyFailed, DarkRefused, Attested, StopAsked, GivenUp, Troubled, CloseRead, Tick>;

// What the decision may rest on beside the record. Money's time is the chain's.
struct Context {
  base::UnixMillis now_ms = 0;               // our clock: only for what people are shown
  base::UnixSeconds chain_now_s = 0;         // the newest confirmed block's
  base::UnixSeconds watch_started_at_s = 0;  // chain time when this watch began
  // Failed logins mean something only while the watch itself is known to see the world: true if a
  // login to a lease of another host worked within the last 60 s, or, where no other host has a
  // live lease, the RPC node answered within the last 5 s.
  bool control_ok = false;
  std::uint64_t chain_slot = 0;  // of the block whose time is `chain_now_s`
  // What the newest block's time may be by now, though no node has shown it yet. A time without
  // logins is counted from here on, so that a node that is behind makes it no longer.
  base::UnixSeconds chain_may_be_s = 0;
};

enum class EffectKind : std::uint8_t {
  tell_host,         // send the host the wish of the record as it is then
  log_in,            // attempt `attempt`; `check_card`: also look at the cards
  send_ready,        //
  send_cancel,       // anyone may, after the deadline
  attest,            // sign `alive_until`
  give_attestation,  // to the host; the renter reads it from the API
  settle_dark,       // claim with the newest attestation, stop with how = 3
  settle_end,        // claim with the newest attestation, finish
  settle_claim,      // claim: the newest attestation proves a contested lease, or a part of its gap
  settle_finish,     // claim with the newest attestation, finish: the window is over
  read_close         // read amounts and signatures of the closed lease, or that it never was one
};

inline constexpr int kEffectKinds = 11;
std::string_view to_string(EffectKind kind);
std::optional<EffectKind> effect_kind_from(std::string_view name);

struct Effect {
  EffectKind kind = EffectKind::tell_host;
  std::uint32_t delay_ms = 0;
  std::uint32_t attempt = 0;          // log_in
  bool check_card = false;            // log_in
  base::UnixSeconds alive_until = 0;  // attest

  bool operator==(const Effect&) const = default;
};

// What people are told: `kind` is for programs and stable.
struct Note {
  std::string kind;
  std::string message;

  bool operator==(const Note&) const = default;
};

}  // namespace obelisk::lease
