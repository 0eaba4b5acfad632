// The keeper brings leases to where the market wants them: made, opened to the renter, destroyed.
// It converges instead of obeying: a wish may come twice, late, or after a crash, and ends in the
// same state. A lease is worked on by one thread at a time. It must never let a renter in before
// `open` was wished, and never serve what admission refused.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/host/admission.hpp"
#include "apps/host/doors.hpp"
#include "apps/host/records.hpp"
#include "ports/chain.hpp"
#include "ports/containers.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

struct KeeperParts {
  Ground ground;
  ports::Containers& containers;
  ports::Chain& chain;
  ports::Signer& signer;
  Doors& doors;
  Records& records;
  std::function<void(const api::HostLease&)> report;  // any thread
  std::function<void(const std::string& words)> log;
  // What is offered, and was a moment ago; empty: the ground's listing.
  std::function<api::Listing()> promised = {};
  // Writes over a card's memory once its lease is gone; until that worked nobody gets the card.
  // Empty: no card has any.
  std::function<base::Result<void>(const std::string& uuid)> clear_card = {};
};

class Keeper {
 public:
  explicit Keeper(KeeperParts parts);
  ~Keeper();  // finishes what is under way and joins; leases run on

  // Finds the leases that an earlier process of ours served, and serves them again.
  void adopt();
  void wish(const api::MarketLease& wish, const std::string& watch_key);
  void attestation(const base::PublicKey& lease, const api::Attestation& attestation);
  // What was sent to the chain for it last, kept over restarts; nothing: that has come to its end.
  base::Result<void> sent(const base::PublicKey& lease,
                          const std::optional<solana::Attempt>& attempt);
  // The ways to a lease through gateways have changed. Any thread; returns at once.
  void ways_changed(const base::PublicKey& lease);
  // The market's last word on everything, for a fresh connection.
  std::vector<api::HostLease> states() const;
  std::vector<LeaseRecord> records() const;
  // Ends every lease here and waits for it: only for a host that goes away for good.
  void wipe_all();

 private:
  struct Job {
    LeaseRecord record;
    api::HostLease said;          // what was last reported
    std::set<std::string> cards;  // held here
    bool had_cards = false;       // they were its own, and may hold what it left in them
    bool is_served = false;       // by this process: its door is open
    bool adopted = false;         // an earlier process of ours served it already
    bool queued = false;
    bool under_way = false;
    bool again = false;  // a wish came while it was worked on
  };

  void work();
  void enqueue(const base::PublicKey& lease, Job& job);
  void converge(const base::PublicKey& lease);
  base::Result<void> clear_cards(const base::PublicKey& lease);
  base::Result<void> bring_up(const base::PublicKey& lease, const LeaseRecord& record, bool open);
  std::optional<base::Result<void>> let_in(const base::PublicKey& lease, const LeaseRecord& record,
                                           bool open);
  base::Result<void> destroy(const base::PublicKey& lease);
  base::Result<ports::Container> start_container(const LeaseRecord& record,
                                                 const ports::ContainerSpec& spec);
  bool is_adopted(const base::PublicKey& lease) const;
  void try_again(const base::PublicKey& lease);
  base::Result<void> save(const base::PublicKey& lease);
  base::Result<void> check_active(const base::PublicKey& lease);
  base::Result<void> remember_opening(const base::PublicKey& lease, std::uint64_t opened_slot);
  base::Result<Admitted> admitted_before(const LeaseRecord& record);
  base::Result<Admitted> ask_admission(const LeaseRecord& record);
  // Cards held by other leases here: those that stay, or those that are being destroyed.
  std::set<std::string> cards_of_others(const LeaseRecord& record, bool leaving) const;
  bool take_cards(const LeaseRecord& record, const Admitted& admitted);
  base::Result<Doors::Door> open_door(const base::PublicKey& lease, const LeaseRecord& record,
                                      const ports::Container& container);
  std::vector<api::LeaseWay> ways_of(const base::PublicKey& lease) const;
  api::SshAccess access(const base::PublicKey& lease, const ports::Container& container,
                        const Doors::Door& door);
  void say(const base::PublicKey& lease, api::HostLeaseState state, const std::string& words,
           std::optional<api::SshAccess> ssh = {}, const std::string& boot_id = {});
  void publish(const api::HostLease& message);

  KeeperParts parts_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<base::PublicKey, Job> jobs_;  // guarded by mutex_
  std::deque<base::PublicKey> queue_;    // guarded by mutex_
  bool ending_ = false;                  // guarded by mutex_
  std::vector<std::thread> workers_;
};

}  // namespace obelisk::host
