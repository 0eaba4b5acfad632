// LeaseRow: one lease as its host sees it: what was promised, what the chain has of it, and what it
// earned. Pure. It must never guess an amount: without the account there is none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/host/records.hpp"
#include "base/lamports.hpp"
#include "base/time.hpp"
#include "core/escrow/layout.hpp"
#include "core/host/health.hpp"

namespace obelisk::host {

struct LeaseRow {
  base::PublicKey lease;
  std::string card;  // empty: its terms cannot be read
  std::uint32_t count = 0;
  api::Wanted want = api::Wanted::gone;             // the market's last word
  std::optional<base::UnixSeconds> proven_until_s;  // by the newest attestation that is here
  // From the account; nothing where no node was asked, or none is there (any more).
  std::optional<escrow::State> state;
  std::optional<base::UnixSeconds> started_at_s;
  std::optional<base::UnixSeconds> ends_at_s;
  std::optional<base::Lamports> earned;  // up to what is proven, the market's fee taken off
};

LeaseRow row_of(const LeaseRecord& record, const std::optional<escrow::Lease>& account);

struct Status {
  bool running = false;
  std::string program;  // base58; empty: nobody knows yet
  std::string market;
  std::optional<base::UnixSeconds> drain_from_s;
  bool node_asked = false;
  std::vector<LeaseRow> leases;
  std::vector<CardNow> cards;  // that the driver shows
};

// {running, program, market, drain_from, leases[{lease, card, count, want, state, started_at,
// proven_until, ends_at, earned_lamports}], cards[as health.hpp]}; what is not known is null.
std::string to_json(const Status& status);
std::vector<std::string> to_lines(const Status& status);

}  // namespace obelisk::host
