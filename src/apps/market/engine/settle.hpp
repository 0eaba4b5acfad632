// What the market sends to the chain about a lease: ready, cancel, and the ends that the protocol
// lets the attestor or anyone bring about. Signed and paid for by the lease's attestor, or, where
// anybody may, by the first of our keys. Each looks at
// the account first, so that doing it twice does nothing twice; what was sent for it before comes
// to its end before anything else is signed. It must never decide whether: that was core/lease.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "apps/market/engine/attestors.hpp"
#include "apps/market/engine/log.hpp"
#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/lease/events.hpp"
#include "core/lease/record.hpp"
#include "core/solana/attempt.hpp"
#include "core/solana/fee.hpp"
#include "ports/attestor.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::engine {

struct SettleParts {
  ports::Chain& chain;
  ports::Clock& clock;
  Attestors attestors;
  base::PublicKey program;
  Log log;
  std::function<void(int ms)> pause;  // between looks at a sent transaction; empty: by sleeping
  solana::FeeLimits fees = {};
  // What was sent ("ready", "stop_dark") and what became of it ("confirmed", "expired").
  std::function<void(std::string_view what, std::string_view result)> count = {};
};

// What a piece of work remembers of what was sent for it, over restarts. Work without one is done
// by looking at the account alone.
struct Trail {
  std::optional<solana::Attempt> before = {};
  std::function<base::Result<void>(const solana::Attempt&)> keep = {};
  // That it failed is final: it can change nothing any more, and another may be signed.
  std::function<base::Result<void>()> forget = {};
};

class Settle {
 public:
  explicit Settle(SettleParts parts) : parts_(std::move(parts)) {}

  // What was sent, or nothing where there was nothing (left) to do.
  using Sent = std::optional<base::Signature>;

  // Without a look first: it is on the way between payment and login, and the record says FUNDED.
  base::Result<Sent> ready(const lease::Quote& quote, std::uint64_t opened_slot,
                           const Trail& trail);
  // The others by what the account says now; `proof` is the newest attestation, if there is one.
  base::Result<Sent> cancel(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                            const Trail& trail = {});
  base::Result<Sent> dark(const base::PublicKey& lease,
                          const std::optional<lease::Attestation>& proof, const Trail& trail);
  base::Result<Sent> end(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                         const std::optional<lease::Attestation>& proof, const Trail& trail);
  base::Result<Sent> claim(const base::PublicKey& lease,
                           const std::optional<lease::Attestation>& proof, const Trail& trail);
  base::Result<Sent> finish(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                            const std::optional<lease::Attestation>& proof = {},
                            const Trail& trail = {});

  // Ends every wait for a transaction, for a shutdown.
  void stop() { stop_.request_stop(); }

 private:
  struct OnChain {
    escrow::Lease lease{};
    escrow::LeaseAccounts accounts;
  };
  base::Result<std::optional<OnChain>> read(const base::PublicKey& lease);
  void count(std::string_view what, std::string_view result) const;
  // The Ed25519 instruction and claim; nothing where the attestation proves nothing new.
  std::vector<escrow::Call> claim_of(const base::PublicKey& lease, const OnChain& found,
                                     const std::optional<lease::Attestation>& proof) const;
  // forbidden where the lease's attestor is none of our keys.
  base::Result<ports::Attestor*> attestor_of(const char* what, const base::PublicKey& lease,
                                             const base::PublicKey& attestor) const;
  // Which of the attestor's words a transaction is.
  using Sign = std::function<base::Result<base::Signature>(base::ByteView message)>;
  struct Word {
    const char* what;
    ports::Attestor& payer;
    Sign sign;
  };
  base::Result<Sent> send(const Word& word, const base::PublicKey& lease,
                          const std::vector<escrow::Call>& calls, std::uint32_t units,
                          const Trail& trail);
  // What anybody may send: signed and paid for by the first of our keys.
  Word anybodys(const char* what) const;

  SettleParts parts_;
  std::stop_source stop_;
};

}  // namespace obelisk::engine
