// The engine with all its threads and a real clock: nothing here may depend on how they take turns.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>

#include "adapters/clock/system_clock.hpp"
#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/key_attestor.hpp"
#include "adapters/fake/memory_store.hpp"
#include "apps/market/engine/lease_engine.hpp"
#include "apps/market/engine/testing.hpp"
#include "core/lease/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

// The fakes of testing.hpp are for one thread.
class SafeLogins final : public ports::Logins {
 public:
  watch::LoginAnswer log_in(const lease::Quote&, const lease::SshAccess&, bool) override {
    return {true, {}, {}, "boot/1"};
  }
  const std::string& public_key() const override { return line_; }

 private:
  std::string line_ = "ssh-ed25519 AAAA watch";
};

// A hub whose host makes every machine at once and says so from another thread.
class EagerHost final : public HostLink {
 public:
  explicit EagerHost(ports::Signer& host) : host_(host) {}
  // Once the engine is stopped: what the host still has to say reaches nobody.
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  bool send_lease(const base::PublicKey& host, const api::MarketLease& wish) override {
    const std::lock_guard lock(mutex_);
    const auto state = wish.want == api::Wanted::gone      ? api::HostLeaseState::gone
                       : wish.want == api::Wanted::running ? api::HostLeaseState::running
                                                           : api::HostLeaseState::open;
    threads_.emplace_back([this, host, state, lease = wish.lease] {
      lease::Quote quote;
      quote.lease = lease;
      engine->host_said(host, testing::running(quote, host_, state));
    });
    return true;
  }
  bool send_attestation(const base::PublicKey&, const api::MarketAttestation&) override {
    return true;
  }
  Engine* engine = nullptr;

 private:
  ports::Signer& host_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

TEST(EngineThreads, ManyRentalsAtOnceEndWell) {
  constexpr int kRentals = 12;
  const base::PublicKey program = key(200);
  clock::SystemClock clock;
  fake::FakeChain chain(program, 1000);
  escrow::Market market{};
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  chain.put_market(key(4), market);
  fake::MemoryStore store;
  testing::KeySigner attestor(61);
  fake::KeyAttestor watch(attestor);
  testing::KeySigner host(62);
  SafeLogins logins;
  EagerHost link(host);
  Engine engine(
      {chain, store, clock, watch, logins, program, key(4), [](const std::string&) {}, {}});
  link.engine = &engine;
  ASSERT_TRUE(engine.start(link).ok());

  std::mutex mutex;
  std::condition_variable changed;
  int ended = 0;
  std::vector<std::unique_ptr<ports::Subscription>> subscriptions;
  std::vector<std::thread> renters;
  for (int i = 0; i < kRentals; ++i) {
    lease::Quote quote = lease::testing::make_quote(static_cast<std::uint8_t>(i + 1));
    quote.host = host.public_key();
    quote.attestor = attestor.public_key();
    quote.nonce = static_cast<std::uint64_t>(i);
    quote.terms = std::to_string(i);
    quote.id = base::to_hex(base::sha256(base::view_of(quote.terms)).view());
    quote.lease = settlement::lease_address(program, quote.renter, quote.nonce).address;
    ASSERT_TRUE(engine.register_quote(quote).ok());
    subscriptions.push_back(engine.subscribe(quote.lease, 0, [&, quote](const auto& event) {
      const std::lock_guard lock(mutex);
      if (event.kind == "ready_confirmed") {
        renters.emplace_back([&, quote] {
          const auto accounts = escrow::accounts_of(quote.lease, *chain.lease(quote.lease));
          const auto stopped = chain.submit(
              quote.renter, {escrow::encode_stop(program, accounts, escrow::StopHow::served)});
          EXPECT_TRUE(stopped.ok());
        });
      }
      if (event.kind == "ended") ++ended;
      changed.notify_all();
      return Leases::Heard::yes;
    }));
    chain.open(quote.lease, lease::testing::account_of(quote));
  }
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(60), [&] { return ended == kRentals; }));
  }
  subscriptions.clear();
  for (std::thread& renter : renters) renter.join();
  engine.stop();
  link.join();
  EXPECT_TRUE(store.held_cards()->empty());
  const auto records = store.ended({100}).value();
  EXPECT_EQ(records.size(), static_cast<std::size_t>(kRentals));
  for (const lease::Record& record : records) {
    EXPECT_EQ(record.life.outcome, lease::Outcome::stopped_by_renter);
    EXPECT_TRUE(record.life.refunded_lamports.has_value());
  }
}

// A stop in the middle of everything returns, and nothing is left running.
TEST(EngineThreads, StopsWhileWorkIsUnderWay) {
  const base::PublicKey program = key(200);
  for (int round = 0; round < 20; ++round) {
    clock::SystemClock clock;
    fake::FakeChain chain(program, 1000);
    fake::MemoryStore store;
    testing::KeySigner attestor(61);
    fake::KeyAttestor watch(attestor);
    testing::KeySigner host(62);
    SafeLogins logins;
    EagerHost link(host);
    Engine engine(
        {chain, store, clock, watch, logins, program, key(4), [](const std::string&) {}, {}});
    link.engine = &engine;
    ASSERT_TRUE(engine.start(link).ok());
    lease::Quote quote = lease::testing::make_quote();
    quote.host = host.public_key();
    quote.attestor = attestor.public_key();
    quote.id = base::to_hex(base::sha256(base::view_of(quote.terms)).view());
    quote.lease = settlement::lease_address(program, quote.renter, quote.nonce).address;
    ASSERT_TRUE(engine.register_quote(quote).ok());
    chain.open(quote.lease, lease::testing::account_of(quote));
    for (int i = 0; i < round * 50; ++i) std::this_thread::yield();
    engine.stop();
    link.join();
  }
}

}  // namespace
}  // namespace obelisk::engine
