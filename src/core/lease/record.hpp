// Record: one rental as the market remembers it: the quote, which never changes, and its life,
// which only step() changes. Money's truth is the chain; what stands here is an index of it and
// what the market itself did. It must never hold a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"

namespace obelisk::lease {

// The states of a rental, as the API names them. Each arrow is in allowed() of states.hpp.
//
//            open seen         open confirmed,      login worked         ready confirmed
//                              as quoted
//   quoted -----------> preparing -------> checking --------> starting --------> active
//     |  <-- fork ---------  |                |                  |                 |
//     |                      |                | host failed,     | deadline        | end,
//     | not there in time    |                | deadline passed  | passed          | dark
//     v                      v                v                  v                 |
//   ended <-------------- stopping <------------------------------------------------+
//     ^       closed         |  CLOSING seen                                       |
//     +------------------ contested <----------------------------------------------+
//
// An account that is not as quoted ends the record at once, through stopping: it is never served.
// A close seen on chain leads from everywhere through stopping, where the amounts are read, and
// read again once it is final, to ended. So does a quote that nobody seems to have paid in time:
// that it was never opened is for the history of its address to say. stopping returns to active
// where the chain says that nobody stopped: our cancel came after `ready`, the renter extended at
// the last second, or the fork with the close in it lost; and to quoted where it lost with the
// opening too. What the chain already says is followed at once, so that a market that was away
// skips what it missed.
enum class State : std::uint8_t {
  quoted,
  preparing,
  checking,
  starting,
  active,
  stopping,
  contested,
  ended
};

enum class Outcome : std::uint8_t {
  none,
  never_paid,
  not_ready,
  cancelled,
  stopped_by_renter,
  stopped_by_host,
  host_dark,
  ran_to_the_end
};

// What the host last said of the container.
enum class HostState : std::uint8_t { unknown, starting, running, open, failed, gone };

// What the market wants of the host. The last wish counts; it is sent again whenever the host
// connects.
enum class Wanted : std::uint8_t { nothing, running, open, gone };

std::string_view to_string(State state);
std::string_view to_string(Outcome outcome);
std::string_view to_string(HostState state);
std::string_view to_string(Wanted wanted);

// Everything that was agreed, as it was agreed.
struct Quote {
  std::string id;  // SHA-256 of `terms`, hex: the terms_hash that the lease carries
  base::PublicKey lease;
  std::string terms;          // canonical JSON, the very bytes that are hashed
  base::Signature signature;  // the attestor's, of OBELISKQ and the hash
  base::PublicKey renter;
  base::PublicKey host;
  base::PublicKey market;
  base::PublicKey treasury;
  base::PublicKey attestor;
  std::uint64_t market_rev = 0;
  std::uint64_t nonce = 0;
  std::string card;  // catalogue id
  std::string card_name;
  // The cards that are held for it, as the host listed them. For the card `cpu` the uuid is the
  // host's name of it.
  std::vector<std::string> card_uuids;
  std::string driver_name;  // what the driver (or /proc/cpuinfo) calls the card
  std::uint32_t count = 0;
  bool simulated = false;
  std::string ssh_key;  // one line, as authorized_keys has it
  std::uint32_t seconds = 0;
  std::uint32_t max_seconds = 0;
  std::uint64_t rate_lamports_per_hour = 0;
  std::uint16_t fee_bps = 0;
  std::uint32_t ready_deadline_s = 0;
  std::uint32_t gap_limit_s = 0;
  std::uint32_t claim_window_s = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t ram_bytes = 0;
  std::uint32_t cpu_milli = 0;
  base::Lamports price;                // for `seconds`
  base::Lamports total;                // the largest possible debit
  base::UnixSeconds expires_at_s = 0;  // chain time
  base::UnixMillis created_ms = 0;
  std::string remote_address;  // who asked, for fair sharing only
  std::string response;        // the JSON of the API's Quote as it was answered; may be empty

  bool operator==(const Quote&) const = default;
};

struct SshAccess {
  std::string address;
  std::uint32_t port = 0;
  std::string user;
  std::string host_key;
  base::Signature host_key_signature;

  bool operator==(const SshAccess&) const = default;
};

struct Attestation {
  base::UnixSeconds alive_until = 0;
  base::Signature signature;

  bool operator==(const Attestation&) const = default;
};

// Times ending in _s are chain seconds; 0 is "not yet".
struct Life {
  State state = State::quoted;
  Outcome outcome = Outcome::none;
  std::uint64_t version = 0;  // grows with every write
  std::string message;        // the state in words

  // What the chain says, confirmed unless the state is `preparing`.
  std::uint64_t chain_slot = 0;  // of the newest confirmed answer that was taken in
  std::uint64_t opened_slot = 0;
  base::UnixSeconds opened_at_s = 0;
  base::UnixSeconds started_at_s = 0;
  std::uint32_t seconds = 0;  // bought; grows with extend
  base::UnixSeconds proven_until_s = 0;
  base::UnixSeconds stopped_at_s = 0;
  base::UnixSeconds window_ends_s = 0;
  bool closed = false;               // no account is there (any more); its history is being read
  base::UnixSeconds deadline_s = 0;  // ready after this is refused; later anyone may cancel

  // The host's side.
  Wanted wanted = Wanted::nothing;
  HostState host_state = HostState::unknown;
  std::string host_message;
  std::optional<SshAccess> ssh;
  std::string boot_id;

  // Logins of the watch. `boot_mark` is what the first one saw: another one is another machine.
  std::uint32_t login_attempt = 0;
  bool login_pending = false;
  base::UnixSeconds login_asked_at_s = 0;
  base::UnixSeconds last_login_s = 0;
  base::UnixSeconds first_failure_s = 0;  // since the last login that worked
  base::UnixSeconds last_failure_s = 0;
  std::string boot_mark;
  std::optional<Attestation> attestation;

  base::UnixSeconds stop_asked_at_s = 0;  // a signed stop went through our hands
  bool cancel_asked = false;              // an effect for it is under way
  bool settle_asked = false;

  std::optional<base::Lamports> host_lamports;
  std::optional<base::Lamports> fee_lamports;
  std::optional<base::Lamports> refunded_lamports;  // bond included
  std::optional<base::Signature> open_signature;
  std::optional<base::Signature> ready_signature;
  std::optional<base::Signature> stop_signature;

  base::UnixMillis confirmed_ms = 0;    // when `open` was first seen confirmed
  base::UnixMillis first_login_ms = 0;  // when the watch's first login worked
  base::UnixMillis ended_ms = 0;

  bool operator==(const Life&) const = default;

  // Closed, and what became of the money is read; a fork may still take it back.
  bool is_over() const { return closed && stop_signature.has_value(); }
  // When the bought time is over; 0 before `ready`.
  base::UnixSeconds ends_at_s() const { return started_at_s == 0 ? 0 : started_at_s + seconds; }
};

struct Record {
  Quote quote;
  Life life;

  bool operator==(const Record&) const = default;
};

}  // namespace obelisk::lease
