// For tests: a quote that a made-up key signed, the market account it was quoted under, and the
// lease that equals it. Only tests include it.
#pragma once

#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/terms_testing.hpp"
#include "core/settlement/settlement.hpp"
#include "core/watch/quoted.hpp"

namespace obelisk::watch::testing {

inline base::Keypair keypair(std::uint8_t fill) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(fill);
  return base::Keypair::from_seed(seed);
}

inline constexpr base::UnixSeconds kNow = 1'794'999'960;  // the example's quote holds 40 s more

struct Example {
  base::Keypair attestor = keypair(11);
  base::Keypair host = keypair(12);
  base::Keypair renter = keypair(13);
  Ground ground{market::testing::key(1), market::testing::key(2)};
  market::Terms terms = made_terms();
  std::string text = market::terms_text(terms);
  base::Hash hash = market::terms_hash(text);
  base::Signature signature = attestor.sign(market::quote_message(hash));
  escrow::Market market = made_market();

  Quoted quoted() const {
    const auto is_ours = [this](const base::PublicKey& key) {
      return key == attestor.public_key();
    };
    return *read_quoted(ground, is_ours, text, signature);
  }
  base::PublicKey lease() const {
    return settlement::lease_address(ground.program, terms.renter, terms.nonce).address;
  }
  // As `open` leaves it.
  escrow::Lease account(std::int64_t opened_at = kNow) const {
    escrow::Lease out{};
    out.kind = escrow::kLeaseKind;
    out.version = escrow::kVersion;
    out.state = escrow::State::funded;
    out.fee_bps = market.fee_bps;
    out.ready_deadline_s = market.ready_deadline_s;
    out.gap_limit_s = market.gap_limit_s;
    out.claim_window_s = market.claim_window_s;
    out.seconds = terms.seconds;
    out.max_seconds = terms.max_seconds;
    out.renter = escrow::to_key(terms.renter);
    out.host = escrow::to_key(terms.host);
    out.market = escrow::to_key(terms.market);
    out.treasury = market.treasury;
    out.attestor = market.attestor;
    out.terms_hash = escrow::to_key(hash);
    out.nonce = terms.nonce;
    out.opened_slot = 500;
    out.rate = terms.lamports_per_hour;
    out.opened_at = opened_at;
    return out;
  }
  escrow::Lease active(std::int64_t started_at = kNow) const {
    escrow::Lease out = account(started_at);
    out.state = escrow::State::active;
    out.started_at = started_at;
    out.proven_until = started_at;
    return out;
  }
  // A machine's address, its key signed by the host.
  lease::SshAccess ssh(const std::string& address = "10.0.0.1") const {
    lease::SshAccess out{address, 2222, "root", "ssh-ed25519 AAAAHOST", {}};
    base::Writer message;
    message.put("OBELISKS");
    message.put(lease().view());
    message.put(out.host_key);
    out.host_key_signature = host.sign(message.bytes());
    return out;
  }

 private:
  market::Terms made_terms() const {
    auto out = market::testing::example();
    out.attestor = attestor.public_key();
    out.host = host.public_key();
    out.renter = renter.public_key();
    out.expires_at = kNow + 40;
    return out;
  }
  escrow::Market made_market() const {
    escrow::Market out{};
    out.kind = escrow::kMarketKind;
    out.version = escrow::kVersion;
    out.fee_bps = terms.fee_bps;
    out.ready_deadline_s = 60;
    out.gap_limit_s = 180;
    out.claim_window_s = 21'600;
    out.rev = terms.market_rev;
    out.treasury = escrow::to_key(market::testing::key(9));
    out.attestor = escrow::to_key(attestor.public_key());
    return out;
  }
};

}  // namespace obelisk::watch::testing
