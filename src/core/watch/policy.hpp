// What the watch signs, and what it does not: for each kind of thing one question, answered from
// what it has seen itself. Pure. Who asks is taken for an enemy: nothing that only he says counts.
//
// What it must never allow (the protocol's section 7):
// - a quote of another market, under other terms than the chain's, or a second one for an address;
// - `ready` for an account that differs from the quote, for a nonce served before, or without a
//   login of its own that found the machine as quoted;
// - a second as served that no login of its own proved, or one past an end or stop it has seen;
// - a host called dark that it did not fail to reach for over a minute while it reached others, or
//   within gap_limit_s of its own start.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/watch/paid.hpp"
#include "core/watch/quoted.hpp"
#include "core/watch/seen.hpp"

namespace obelisk::watch {

// A quote holds its offer for 60 s; the rest is for a node that is behind.
inline constexpr base::UnixSeconds kLongestQuoteS = 120;
// A login this old is no look at the machine any more: before `ready` it is made again.
inline constexpr std::int64_t kCheckedForMs = 15'000;
// Failed logins over more than this mean a dark host.
inline constexpr base::UnixSeconds kDarkAfterS = 60;

struct QuoteView {
  const escrow::Market* account = nullptr;  // null: it was not seen lately
  base::UnixSeconds now_s = 0;
  std::optional<base::Hash> before;  // what was quoted for this address already
};
base::Result<void> may_quote(const Ground& ground, const base::PublicKey& key,
                             const market::Terms& terms, const base::Hash& hash,
                             const QuoteView& view);

struct ReadyView {
  const escrow::Lease* account = nullptr;  // null: our node shows none
  const escrow::Market* market = nullptr;  // at the quoted revision; null: never seen
  base::UnixSeconds now_s = 0;
  const Seen* seen = nullptr;  // null: it never logged in there
  std::int64_t steady_ms = 0;
};
base::Result<void> may_ready(const Quoted& quoted, std::uint64_t opened_slot,
                             const ReadyView& view);

struct AttestView {
  const escrow::Lease* account = nullptr;
  const Seen* seen = nullptr;
};
base::Result<void> may_attest(const Ground& ground, const base::PublicKey& key,
                              const escrow::AttestationFields& fields, const AttestView& view);

struct DarkView {
  const escrow::Lease* account = nullptr;
  const Seen* seen = nullptr;
  base::UnixSeconds now_s = 0;
  base::UnixSeconds started_at_s = 0;  // chain time when this watch began to see
  bool control_ok = false;             // another host answered lately, where there is another
};
base::Result<void> may_stop_dark(const Ground& ground, const base::PublicKey& key,
                                 const DarkView& view);

// What anybody may send and the key pays the fee of.
struct SettleView {
  const escrow::Lease* account = nullptr;
  base::UnixSeconds now_s = 0;
};
base::Result<void> may_settle(const Ground& ground, const Paid& paid, const SettleView& view);

}  // namespace obelisk::watch
