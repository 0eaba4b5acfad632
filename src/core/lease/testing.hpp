// Made-up but consistent rentals for tests: a quote, the account that equals it, and a driver that
// feeds events to step() and keeps what came out. Only tests include it.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "core/escrow/codec.hpp"
#include "core/lease/step.hpp"

namespace obelisk::lease::testing {

inline base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

inline Quote make_quote(std::uint8_t fill = 1) {
  Quote quote;
  base::Hash hash;
  hash.bytes.fill(fill);
  quote.id = base::to_hex(hash.view());
  quote.lease = key(static_cast<std::uint8_t>(100 + fill));
  quote.terms = "{\"n\":" + std::to_string(fill) + "}";
  quote.renter = key(2);
  quote.host = key(3);
  quote.market = key(4);
  quote.treasury = key(5);
  quote.attestor = key(6);
  quote.market_rev = 1;
  quote.nonce = fill;
  quote.card = "cpu";
  quote.card_name = "CPU";
  quote.card_uuids = {"cpu-" + std::to_string(fill)};
  quote.count = 1;
  quote.ssh_key = "ssh-ed25519 AAAA test";
  quote.seconds = 3600;
  quote.max_seconds = 7200;
  quote.rate_lamports_per_hour = 36'000'000;
  quote.fee_bps = 300;
  quote.ready_deadline_s = 60;
  quote.gap_limit_s = 180;
  quote.claim_window_s = 21'600;
  quote.disk_bytes = 1 << 30;
  quote.price = {36'000'000};
  quote.total = {39'000'000};
  quote.expires_at_s = 1060;
  quote.created_ms = 1'000'000;
  quote.remote_address = "127.0.0.1";
  return quote;
}

// As `open` would have written it at chain time 1000, slot 500.
inline escrow::Lease account_of(const Quote& quote) {
  escrow::Lease out{};
  out.kind = escrow::kLeaseKind;
  out.version = escrow::kVersion;
  out.state = escrow::State::funded;
  out.fee_bps = quote.fee_bps;
  out.ready_deadline_s = quote.ready_deadline_s;
  out.gap_limit_s = quote.gap_limit_s;
  out.claim_window_s = quote.claim_window_s;
  out.seconds = quote.seconds;
  out.max_seconds = quote.max_seconds;
  out.renter = escrow::to_key(quote.renter);
  out.host = escrow::to_key(quote.host);
  out.market = escrow::to_key(quote.market);
  out.treasury = escrow::to_key(quote.treasury);
  out.attestor = escrow::to_key(quote.attestor);
  base::Hash hash;
  const auto bytes = base::from_hex(quote.id);
  std::copy(bytes->begin(), bytes->end(), hash.bytes.begin());
  out.terms_hash = escrow::to_key(hash);
  out.nonce = quote.nonce;
  out.opened_slot = 500;
  out.rate = quote.rate_lamports_per_hour;
  out.opened_at = 1000;
  return out;
}

inline escrow::Lease active(escrow::Lease account, std::int64_t started_at) {
  account.state = escrow::State::active;
  account.started_at = started_at;
  account.proven_until = started_at;
  return account;
}

inline escrow::Lease closing(escrow::Lease account, std::int64_t stopped_at) {
  account.state = escrow::State::closing;
  account.stopped_at = stopped_at;
  account.window_ends = stopped_at + account.claim_window_s;
  return account;
}

inline HostSaid host_running(HostState state = HostState::running) {
  HostSaid said;
  said.state = state;
  said.ssh = SshAccess{"127.0.0.1", 2222, "root", "ssh-ed25519 HOSTKEY", {}};
  said.boot_id = "boot-1";
  return said;
}

// Keeps a record and what step() asked for; the chain's clock is a plain member.
struct Rental {
  Record record{make_quote(), {}};
  Context context{1'000'000, 1000, 0, true};
  Decision last;

  const Life& on(const Event& event) {
    last = step(record, event, context);
    record.life = last.life;
    return record.life;
  }
  bool asked(EffectKind kind) const {
    for (const Effect& effect : last.effects) {
      if (effect.kind == kind) return true;
    }
    return false;
  }
  bool noted(std::string_view kind) const {
    for (const Note& note : last.notes) {
      if (note.kind == kind) return true;
    }
    return false;
  }
  const Life& life() const { return record.life; }
  escrow::Lease account() const { return account_of(record.quote); }
  // A login that was asked for answers.
  const Life& login_works(std::string mark = "mark-1") {
    return on(LoginWorked{life().login_attempt, context.chain_now_s, std::move(mark)});
  }
  const Life& login_fails(LoginProblem problem = LoginProblem::unreachable) {
    return on(LoginFailed{life().login_attempt, problem, "no answer"});
  }
  void until_checking() {
    on(Seen{account(), 500});
    on(host_running());
    on(Confirmed{account(), 502});
  }
  // Ready at chain time 1002.
  void until_active() {
    until_checking();
    login_works();
    on(Confirmed{active(account(), 1002), 510});
  }
  void until_attested(base::UnixSeconds at) {
    context.chain_now_s = at;
    on(Tick{});
    login_works();
    on(Attested{at, {}});
  }
};

}  // namespace obelisk::lease::testing
