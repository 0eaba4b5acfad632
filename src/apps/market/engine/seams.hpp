// The two seams between the market's engine and the rest of obelisk-market. `Leases` is what the
// HTTP API and the host hub may ask of the engine; `HostLink` is what the engine asks of the hub.
// All calls may come from any thread and none of them waits for a host, for ssh or for a
// transaction. Neither side may hold a lock of its own while it calls the other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/layout.hpp"
#include "core/lease/record.hpp"
#include "ports/chain.hpp"
#include "ports/list_place.hpp"
#include "ports/store.hpp"

namespace obelisk::engine {

// The hub's side: one WebSocket a host. Sending queues and returns at once. False: that host is not
// connected, and nothing was sent; the engine sends everything again at host_connected().
class HostLink {
 public:
  virtual ~HostLink() = default;
  virtual bool send_lease(const base::PublicKey& host, const api::MarketLease& wish) = 0;
  virtual bool send_attestation(const base::PublicKey& host,
                                const api::MarketAttestation& attestation) = 0;
};

// The Market account as the chain has it.
struct MarketTerms {
  escrow::Market account{};
  std::uint64_t slot = 0;        // of the answer it was read from
  base::UnixMillis read_ms = 0;  // when, by our own clock
};

// Some leases of a list, and where to go on; nothing there: that was the last page.
struct LeasePage {
  std::vector<api::Lease> leases;
  std::optional<ports::ListPlace> next;
};

// The engine's side.
class Leases {
 public:
  // What became of an event that was called back with. `later`: it was not taken, and comes again
  // in a moment with all that follows; `gone`: none has to come any more.
  enum class Heard { yes, later, gone };
  using EventCallback = std::function<Heard(const api::LeaseEvent&)>;

  virtual ~Leases() = default;

  // --- for the hub ---

  // The host proved its key and is connected: every wish for it goes out again, and the newest
  // attestation of each of its leases. Call it after send_lease() would reach the host.
  virtual void host_connected(const base::PublicKey& host) = 0;
  // A message of an authenticated host. A lease of another host, an unknown one, or an SSH address
  // whose signature is not the host's is logged and dropped: nothing of it has to be checked
  // before.
  virtual void host_said(const base::PublicKey& host, const api::HostLease& what) = 0;
  // What a host says is wrong with a lease of its, or that it is idle: an event of the lease while
  // it runs. Of another lease, or said too often, it is dropped.
  virtual void host_troubled(const base::PublicKey& host, const api::HostTrouble& what) = 0;
  // The connection is gone. Its leases run on: only logins decide whether a host is dark.
  virtual void host_gone(const base::PublicKey& host) = 0;
  // The watch's OpenSSH public key line, for MarketWelcome.watch_key.
  virtual std::string watch_key() const = 0;

  // --- for the API ---

  // Remembers a signed quote and holds its cards until it is paid or expires. Code::conflict: one
  // of the cards is held already; choose others. Call it before the quote is answered: from then on
  // an `open` that equals it is served.
  virtual base::Result<void> register_quote(const lease::Quote& quote) = 0;

  // Who asked for it will not pay: its cards are free when this returns, unless the store
  // cannot write: then in five seconds without an answer. Whatever is paid for it
  // after that is nobody's quote any more, and goes back to its renter. A quote that is paid stays
  // as it is; the caller reads what became of it.
  virtual void give_up(const base::PublicKey& lease) = 0;

  // Nothing where no quote of ours has that lease address.
  virtual base::Result<std::optional<api::Lease>> lease(const base::PublicKey& address) = 0;
  // The same with everything the market knows: accounts for a stop, the quote's own text, ...
  virtual base::Result<std::optional<lease::Record>> record(const base::PublicKey& address) = 0;
  // Newest first, unpaid quotes left out; those after a place where one is given.
  virtual base::Result<LeasePage> leases_of(const base::PublicKey& renter,
                                            const std::optional<ports::ListPlace>& after,
                                            std::size_t limit) = 0;
  // What ended last first, at most 1001; without a cursor.
  virtual base::Result<api::OutcomeList> outcomes(const ports::EndedAsked& asked) = 0;
  // What a host has that is paid and has not ended for good, in the order of addresses.
  virtual std::vector<lease::Record> served_by(const base::PublicKey& host) = 0;

  // Calls back with every event of the lease above `after_seq`, first those that were, then those
  // that come, in order, none twice. Callbacks run on a thread of the engine, one after the other;
  // they must be quick (queue it) and must not call the engine or destroy the subscription. After
  // the returned object is destroyed, no callback runs any more. Old events carry the lease as it
  // is now.
  virtual std::unique_ptr<ports::Subscription> subscribe(const base::PublicKey& lease,
                                                         std::uint64_t after_seq,
                                                         EventCallback callback) = 0;

  // A transaction signed by the renter that holds a stop or cancel of this lease was handed to the
  // cluster: nothing after this moment is attested, unless it does not land.
  virtual void stop_forwarded(const base::PublicKey& lease) = 0;

  // Nothing until the first answer from the chain.
  virtual std::optional<MarketTerms> market_terms() = 0;
  // Chain time of the newest confirmed block that was seen; 0 until the first answer.
  virtual base::UnixSeconds chain_now() = 0;
  // True while the chain answers: quotes made without it could not be seen paid.
  virtual bool chain_answers() = 0;
};

// A record as the API shows it; and one that has ended, among others.
api::Lease to_api(const lease::Record& record);
api::EndedLease ended_to_api(const lease::Record& record);

}  // namespace obelisk::engine
