// The watch's desk: what it is asked goes through its policy, on what it sees itself: its own node,
// its own logins, its own memory. Any thread may ask. It must never let a key out, nor sign before
// what the signature rests on is on disk.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/watch/memory.hpp"
#include "core/watch/chain_clock.hpp"
#include "core/watch/limits.hpp"
#include "core/watch/policy.hpp"
#include "core/watch/wire.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/logins.hpp"
#include "ports/signer.hpp"

namespace obelisk::watch_app {

// Everything must outlive the desk.
struct DeskParts {
  ports::Chain& chain;
  ports::Clock& clock;
  ports::Logins& logins;
  std::vector<ports::Signer*> keys;  // the current one first
  watch::Ground ground;
  Memory& memory;
  std::function<void(const std::string& words, const base::PublicKey* lease)> log = {};
  // Whether visitors get through the gateway of that address just now, to a machine of our own.
  // Null: no gateway is known. Then only another host's lease shows that we see the world.
  std::function<bool(const std::string& address)> reflects = {};
  // Of one transaction, all in all: two signatures and the most that a market may offer beside.
  std::uint64_t most_fee_lamports = 60'000;
};

class Desk {
 public:
  explicit Desk(DeskParts parts) : parts_(std::move(parts)) {}

  watch::Keys keys() const;
  base::Result<base::Signature> quote(const std::string& terms);
  base::Result<base::Signature> ready(const watch::QuoteWords& quote, base::ByteView message);
  base::Result<base::Signature> dark(base::ByteView message);
  base::Result<base::Signature> attestation(const base::PublicKey& key,
                                            const escrow::AttestationFields& fields);
  base::Result<base::Signature> settlement(base::ByteView message);
  base::Result<watch::LoginAnswer> log_in(const watch::QuoteWords& quote,
                                          const lease::SshAccess& ssh, bool check_card);

  // The chain's time and the market account, anew. Often, on a thread of its own.
  void look();
  // Forgets leases that are over. Now and then.
  void sweep();

 private:
  using Signature = base::Result<base::Signature>;
  struct Now {
    watch::LoginMoment moment;
    base::UnixSeconds started_at_s = 0;
    bool chain_answers = false;
  };
  struct Account {
    std::optional<escrow::Lease> lease;
    const escrow::Lease* get() const { return lease ? &*lease : nullptr; }
  };

  base::Result<void> take_turn(watch::Act act, const base::PublicKey& lease);
  ports::Signer* key_of(const base::PublicKey& key) const;
  base::Result<watch::Quoted> read(const watch::QuoteWords& quote) const;
  // Looks anew where the last answer is older than a moment.
  Now now();
  std::optional<escrow::Market> market_at(std::uint64_t rev);
  std::optional<escrow::Market> newest_market();
  base::Result<Account> account(const base::PublicKey& lease);
  base::Result<watch::Paid> read_paid(base::ByteView message, watch::Act act);
  Signature sign_paid(const watch::Paid& paid, const escrow::Lease& account,
                      base::ByteView message);
  watch::LoginAnswer log_in_at(const lease::Quote& quote, const watch::Quoted& quoted,
                               const lease::SshAccess& ssh, bool check_card);
  void take_in(const lease::Quote& quote, const watch::Quoted& quoted,
               const watch::LoginAnswer& answer, const lease::SshAccess& ssh, bool checked);
  bool has_control(const base::PublicKey& host, const std::string& address);
  bool worked_lately(const base::PublicKey& host, std::int64_t steady_ms) const;
  Signature refused(base::Error error, const base::PublicKey* lease) const;

  const DeskParts parts_;
  std::mutex mutex_;
  watch::ChainClock clock_;                         // guarded by mutex_
  std::map<std::uint64_t, escrow::Market> market_;  // by revision; guarded by mutex_
  watch::Limits limits_;                            // guarded by mutex_
  struct Quote {
    base::Hash hash;
    base::UnixSeconds expires_at_s = 0;
  };
  std::map<base::PublicKey, Quote> quoted_;  // by lease, until they expire; guarded by mutex_
};

}  // namespace obelisk::watch_app
