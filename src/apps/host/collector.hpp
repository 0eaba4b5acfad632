// The collector looks at this host's leases on chain every second or so: claims what attestations
// prove where a lease is closing, ends one that ran out while the market is silent, and has
// destroyed what is closed. It tells a lease's terminals that its end comes. It must never send
// anything else.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "apps/host/keeper.hpp"
#include "core/escrow/instructions.hpp"
#include "core/host/end_notice.hpp"
#include "core/solana/fee.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/containers.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

struct CollectorParts {
  base::PublicKey program;
  ports::Chain& chain;
  ports::Clock& clock;
  ports::Signer& signer;  // the payout wallet
  ports::Signer& payer;   // of network fees; may be the same
  Keeper& keeper;
  ports::Containers& containers;  // told of the end
  std::function<void(const std::string& words)> log;
  solana::FeeLimits fees = {};
};

class Collector {
 public:
  explicit Collector(CollectorParts parts);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // One look at every lease; what the thread does again and again.
  void look();
  // Stops every lease that runs here, for a host that goes away for good: paid to the last proof,
  // the rest goes back to the renters in the same transactions.
  void stop_all();

 private:
  struct Seen {
    bool on_chain = false;             // confirmed at least once
    std::int64_t closed_since_ms = 0;  // steady clock; 0: not closed
    std::int64_t tried_at_ms = 0;
    EndTold told;                     // to the lease's terminals
    base::UnixSeconds ends_at_s = 0;  // as the lease can read it; 0: it cannot yet
  };

  // Whether something else may be sent at once: what was sent before has come to its end.
  bool send(const LeaseRecord& record, const std::vector<escrow::Call>& calls);
  void collect(const LeaseRecord& record, const escrow::Lease& lease, base::UnixSeconds now);
  void tell_of_end(const LeaseRecord& record, const escrow::Lease& lease, base::UnixSeconds now);
  void look_at(const LeaseRecord& record, const std::optional<ports::Account>& account,
               base::UnixSeconds now);

  CollectorParts parts_;
  std::stop_source stop_;
  std::map<base::PublicKey, Seen> seen_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace obelisk::host
