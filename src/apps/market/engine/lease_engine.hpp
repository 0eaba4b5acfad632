// The engine of the market: follows the chain and the hosts, keeps every lease's life, and does
// what that life asks for. One thread decides, others work. main builds it, gives it to the API and
// the hub as `Leases`, and starts it once the hub exists. It survives kill -9 at any point: what
// was decided is written, and what is written is done.
#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "apps/market/engine/attestors.hpp"
#include "apps/market/engine/chain_follower.hpp"
#include "apps/market/engine/control.hpp"
#include "apps/market/engine/inbox.hpp"
#include "apps/market/engine/lease_book.hpp"
#include "apps/market/engine/outbox.hpp"
#include "apps/market/engine/seams.hpp"
#include "apps/market/engine/strays.hpp"
#include "apps/market/engine/subscribers.hpp"
#include "apps/market/engine/trouble_gate.hpp"
#include "apps/market/engine/worker.hpp"

namespace obelisk::engine {

// Everything must outlive the engine.
struct EngineParts {
  ports::Chain& chain;
  ports::Store& store;
  ports::Clock& clock;
  Attestors attestors;
  ports::Logins& logins;
  base::PublicKey program;
  base::PublicKey market;
  Log log;
  std::function<void(int ms)> pause;  // between looks at a sent transaction; empty: by sleeping
  solana::FeeLimits fees = {};
  // Called with each row of the outbox right before its work is done; may be empty.
  std::function<void(const ports::OutboxRow&)> before_work = {};
  // Without threads: wait by pause() for a store that fails, as the engine's thread does. Else the
  // event is dropped.
  bool waits_for_store = false;
  // Of what is sent, as SettleParts::count.
  std::function<void(std::string_view what, std::string_view result)> count_sent = {};
};

class Engine final : public Leases {
 public:
  explicit Engine(EngineParts parts);
  ~Engine() override;

  // Who makes cards show themselves before `ready`; without, nobody does. Before start().
  void check_cards_by(CardChecks& cards) { worker_.set_cards(cards); }

  // Reads what was left, then starts all threads. Hosts may connect from then on.
  base::Result<void> start(HostLink& link);
  void stop();

  void host_connected(const base::PublicKey& host) override;
  void host_said(const base::PublicKey& host, const api::HostLease& what) override;
  void host_troubled(const base::PublicKey& host, const api::HostTrouble& what) override;
  void host_gone(const base::PublicKey& host) override;
  std::string watch_key() const override { return parts_.logins.public_key(); }

  base::Result<void> register_quote(const lease::Quote& quote) override;
  void give_up(const base::PublicKey& lease) override;
  base::Result<std::optional<api::Lease>> lease(const base::PublicKey& address) override;
  base::Result<std::optional<lease::Record>> record(const base::PublicKey& address) override;
  base::Result<LeasePage> leases_of(const base::PublicKey& renter,
                                    const std::optional<ports::ListPlace>& after,
                                    std::size_t limit) override;
  base::Result<api::OutcomeList> outcomes(const ports::EndedAsked& asked) override;
  std::vector<lease::Record> served_by(const base::PublicKey& host) override;
  std::unique_ptr<ports::Subscription> subscribe(const base::PublicKey& lease,
                                                 std::uint64_t after_seq,
                                                 EventCallback callback) override;
  void stop_forwarded(const base::PublicKey& lease) override;
  std::optional<MarketTerms> market_terms() override { return view_.terms(); }
  base::UnixSeconds chain_now() override { return view_.time().unix_s; }
  bool chain_answers() override;

  EngineFigures figures() const {
    return {book_.by_state(), outbox_.figures(), strays_.count(), view_.time()};
  }

  // --- for tests, without threads ---
  base::Result<void> prepare(HostLink& link);
  void post(const base::PublicKey& lease, lease::Event event);
  void poll_chain() { follower_.poll_once(); }
  // Until nothing is left to do now.
  void pump();
  Strays& strays() { return strays_; }

 private:
  void post_and_wait(const base::PublicKey& lease, lease::Event event);
  // Kept until it is taken in; nothing where the engine ends.
  std::shared_ptr<std::promise<void>> hand_over(const base::PublicKey& lease, lease::Event event);
  void run();
  bool do_next();
  void do_item(Inbox::Item item);
  // False: the store did not answer, and nothing is decided.
  bool take(const base::PublicKey& lease, const lease::Event& event);
  void tick_all();
  void forget_old_quotes();
  // Tells the host now, or, where the store does not answer, as soon as it does.
  void tell(const base::PublicKey& lease);
  lease::Context context(const lease::Record& record) const;
  std::optional<lease::Record> another(const base::PublicKey& host) const;
  void note_ways(const api::HostLease& what);
  std::optional<lease::HostSaid> checked(const base::PublicKey& host,
                                         const api::HostLease& what) const;

  EngineParts parts_;
  ChainView view_;
  Control control_;
  Settle settle_;
  Worker worker_;
  Subscribers subscribers_;
  Outbox outbox_;
  LeaseBook book_;
  Strays strays_;
  ChainFollower follower_;
  TroubleGate gate_;

  // Hosts say it anew whenever they connect: nothing of it is kept over a restart.
  std::mutex ways_mutex_;
  std::map<base::PublicKey, std::vector<api::LeaseWay>> ways_;  // guarded by ways_mutex_

  std::mutex mutex_;
  std::condition_variable changed_;
  Inbox inbox_;                  // guarded by mutex_
  bool tick_due_ = false;        // guarded by mutex_
  std::size_t before_tick_ = 0;  // guarded by mutex_: what was there when the tick fell due
  bool ending_ = false;          // guarded by mutex_
  int failed_in_a_row_ = 0;      // of the engine's thread alone
  std::atomic<bool> threaded_ = false;
  base::PublicKey looked_at_;              // of the follower's thread alone
  base::PublicKey ticked_;                 // of the engine's thread alone
  std::optional<std::int64_t> forgot_ms_;  // of the engine's thread alone
  std::thread thread_;
};

}  // namespace obelisk::engine
