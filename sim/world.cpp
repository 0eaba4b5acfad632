#include "sim/world.hpp"

#include <algorithm>

#include "apps/market/watched_store.hpp"
#include "core/escrow/codec.hpp"
#include "core/escrow/open.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::sim {
namespace {

using ports::Commitment;

constexpr base::UnixSeconds kStartS = 1'700'000'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kQuietMs = 60'000;
constexpr std::int64_t kPollEveryMs = 1'000;
// A world that goes on for ever would be a bug of its own.
constexpr std::uint64_t kMostSteps = 400'000;

base::PublicKey key_from(Random& random) {
  return base::Keypair::from_seed(random.bytes32()).public_key();
}

class FixedPrice final : public ports::PriceSource {
 public:
  explicit FixedPrice(ports::Clock& clock) : clock_(clock) {}
  base::Result<ports::SolPrice> sol_usd() override {
    return ports::SolPrice{140'000'000, clock_.now_ms(), "fixed"};
  }

 private:
  ports::Clock& clock_;
};

// One for both ends of a world, so that everything in it has chances of its own.
Random seeded(std::uint64_t seed) {
  seed_crypto(seed ^ 0x5eed);
  return Random(seed * 0x2545f4914f6cdd1d + 1);
}

}  // namespace

// What lives and dies with the market's process.
struct World::Market {
  Market(World& world, engine::HostLink& link)
      : watch({*world.node_,
               world.stage_->clock,
               *world.hosts_,
               {world.attestor_.get()},
               {world.stage_->program, world.market_address_},
               *world.watch_memory_,
               [&world](const std::string& words, const base::PublicKey*) { world.say(words); }}),
        prices(world.stage_->clock),
        store(*world.store_),
        offers(store, world.stage_->clock, false),
        engine({*world.node_,
                store,
                world.stage_->clock,
                watch.attestor(),
                *watch.logins,
                world.stage_->program,
                world.market_address_,
                [&world](const std::string& words) { world.say(words); },
                [&world](int ms) { world.pause(ms); },
                {},
                {},
                true}),
        desk({engine, store, *world.node_, prices, watch.attestor(), world.stage_->clock, offers},
             {world.stage_->program, world.market_address_, false}) {
    is_ready = offers.load().ok() && engine.prepare(link).ok();
    // One fault is that the desk does not see what is held, another that it lets go too early.
    if (!world.stage_->is_planted(Plant::double_holds_card)) store.tell(events(world));
  }

  market_app::StoreEvents events(World& world) {
    auto out = offers.store_events();
    if (!world.stage_->is_planted(Plant::frees_cards_early)) return out;
    out.stepped = [stepped = out.stepped](const base::PublicKey& lease, const lease::Life& life) {
      lease::Life seen = life;
      if (seen.state == lease::State::active) seen.state = lease::State::ended;
      stepped(lease, seen);
    };
    return out;
  }

  Watch watch;
  FixedPrice prices;
  market_app::WatchedStore store;
  market_app::OfferDesk offers;
  engine::Engine engine;
  market_app::QuoteDesk desk;
  bool is_ready = false;
};

World::World(std::uint64_t seed, Plant plant, std::function<void(const std::string&)> trace)
    : seed_(seed),
      trace_(std::move(trace)),
      calm_ms_(seeded(seed).between(kHourMs / 2, 8 * kHourMs)),
      random_(seeded(seed).next()) {
  const base::PublicKey program = key_from(random_);
  stage_ = std::make_unique<Stage>(random_.next(), plant, program, kStartS, calm_ms_);
  stage_->chain.travel_ms = [this]() -> std::optional<std::int64_t> {
    if (stage_->strikes(Ill::network_loses)) return std::nullopt;
    if (stage_->strikes(Ill::network_slow)) return random_.between(2'000, 70'000);
    return random_.between(100, 1'200);
  };
  store_ = std::make_unique<SimStore>(*stage_);
  node_ = std::make_unique<Node>(*stage_);
  node_->life_of = [this](const base::PublicKey& lease) -> const lease::Life* {
    const auto at = store_->records().find(lease);
    return at == store_->records().end() ? nullptr : &at->second.life;
  };
  // Most nodes that are behind are so by some seconds; some hang for minutes.
  if (random_.percent(25)) {
    stage_->chain.set_behind_slots(static_cast<std::uint64_t>(random_.between(40, 600)));
  }
  payments_ = std::make_unique<Payments>(*stage_);
  put_market(random_);
  const auto hosts = static_cast<std::size_t>(random_.between(1, 4));
  hosts_ = std::make_unique<Hosts>(*stage_, *store_, *payments_, hosts);
  const auto renters = static_cast<std::size_t>(random_.between(1, 5));
  renters_ = std::make_unique<Renters>(*stage_, *store_, *payments_, renters);
  ledger_ = std::make_unique<LedgerBook>(stage_->chain, program);
  truth_watch_ = stage_->chain.watch_program(
      program, Commitment::confirmed, [this](const auto& changed, std::uint64_t) {
        const auto lease = changed ? escrow::parse_lease(changed->account.data) : std::nullopt;
        if (lease && lease->started_at != 0) stage_->truth[changed->address].was_active = true;
      });
}

World::~World() = default;

void World::put_market(Random& random) {
  attestor_ = std::make_unique<KeySigner>(base::Keypair::from_seed(random.bytes32()));
  operator_ = std::make_unique<KeySigner>(base::Keypair::from_seed(random.bytes32()));
  treasury_ = key_from(random);
  terms_.fee_bps = static_cast<std::uint16_t>(random.between(0, 1000));
  terms_.ready_deadline_s =
      static_cast<std::uint32_t>(random.percent(70) ? 60 : random.between(30, 600));
  terms_.gap_limit_s =
      static_cast<std::uint32_t>(random.percent(70) ? 180 : random.between(60, 600));
  terms_.claim_window_s = static_cast<std::uint32_t>(random.between(600, 7'200));
  terms_.attestor = escrow::to_key(attestor_->public_key());
  escrow::Market market{};
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  market.rev = 1;
  market.operator_key = escrow::to_key(operator_->public_key());
  escrow::set_terms(market, terms_, escrow::to_key(treasury_));
  const auto address = settlement::market_address(stage_->program, operator_->public_key());
  market_address_ = address.address;
  market.bump = address.bump;
  fake::Cluster& chain = stage_->chain;
  const auto wallet = [&](const base::PublicKey& key, std::uint64_t lamports) {
    chain.put_account(key, {{lamports}, escrow::system_program(), {}});
  };
  wallet(attestor_->public_key(), 10'000'000'000);
  wallet(operator_->public_key(), 1'000'000'000);
  wallet(treasury_, escrow::kSmallestFirstPayment);
  chain.put_account(
      market_address_,
      {{escrow::kMarketRentLamports}, stage_->program, escrow::encode_market(market)});
  if (random.percent(30)) operate_ms_ = random.between(0, calm_ms_);
}

void World::say(const std::string& words) {
  if (!trace_) return;
  trace_(std::to_string(stage_->now_ms() / 1000) + "." +
         std::to_string(stage_->now_ms() % 1000 / 100) + " s: " + words);
}

// While the market waits for something, what follows the chain goes on, as its thread would.
void World::pause(int ms) {
  stage_->pass(ms);
  if (market_ == nullptr || stage_->now_ms() - polled_ms_ < kPollEveryMs) return;
  polled_ms_ = stage_->now_ms();
  market_->engine.poll_chain();
}

template <class Act>
void World::guarded(Act act) {
  if (market_ == nullptr) return;
  try {
    act();
  } catch (const Crash&) {
    die("at a write");
  }
}

void World::die(const char* how) {
  say(std::string("The market dies ") + how + ".");
  ++stage_->totals.events;
  hosts_->meet(nullptr, nullptr);
  renters_->meet(nullptr, nullptr);
  market_.reset();
  store_->live_on();
  node_->die_at_send(false);
  const bool is_long = !calm_since_s_ && random_.percent(25);
  boot_ms_ = stage_->now_ms() +
             (is_long ? random_.between(60'000, 900'000) : random_.between(300, 20'000));
}

void World::boot() {
  boot_ms_.reset();
  try {
    watch_memory_ = from_disk(watch_memory_.get());
    market_ = std::make_unique<Market>(*this, *hosts_);
  } catch (const Crash&) {
    market_.reset();
  }
  if (market_ == nullptr || !market_->is_ready) return die("as it starts");
  say("The market starts.");
  hosts_->meet(&market_->engine, &market_->offers);
  renters_->meet(&market_->engine, &market_->desk);
}

// A fork is worth waiting for something that it takes back.
void World::fork_now() {
  if (!fork_wanted_) return;
  const bool deep = *fork_wanted_ == Break::deep_fork;
  const auto slots = static_cast<std::uint64_t>(deep ? random_.between(3, 31) : 2);
  const fake::Cluster& chain = stage_->chain;
  if (chain.landed_count() == 0) return;
  if (chain.landed().back().record.slot + slots <= chain.tip()) return;
  fork_wanted_.reset();
  ++stage_->totals.events;
  say("A fork takes back " + std::to_string(slots) + " slots.");
  stage_->chain.fork(slots, random_.percent(60));
}

void World::break_things() {
  while (const auto what = stage_->trouble.next_break(stage_->now_ms())) {
    switch (*what) {
      case Break::crash_at_write: store_->die_in(random_.between(0, 12)); break;
      case Break::crash_at_send: node_->die_at_send(true); break;
      case Break::crash_now:
        if (market_ != nullptr) die("of itself");
        break;
      case Break::clock_set:
        stage_->clock.step_wall_ms(random_.percent(50) ? kHourMs : -kHourMs);
        say("The market's clock is set.");
        break;
      case Break::shallow_fork:
      case Break::deep_fork: fork_wanted_ = *what; break;
    }
  }
  fork_now();
  if (stage_->is_planted(Plant::mints_lamport) && stage_->plant_random.percent(1)) {
    stage_->chain.mint_for_test(treasury_);
  }
}

// The operator changes the terms, which touches no lease that is there.
void World::operate() {
  if (stage_->now_ms() < operate_ms_) return;
  operate_ms_ =
      random_.percent(50) ? stage_->now_ms() + random_.between(60'000, 600'000) : INT64_MAX;
  if (operate_ms_ > calm_ms_) operate_ms_ = INT64_MAX;
  terms_.fee_bps = static_cast<std::uint16_t>(random_.between(0, 1000));
  terms_.paused = operate_ms_ != INT64_MAX && random_.percent(50) ? 1 : 0;
  payments_->send(
      *operator_,
      {escrow::encode_update_market(stage_->program,
                                    {operator_->public_key(), market_address_, treasury_, terms_})},
      3);
}

bool World::is_hot() const {
  if (market_ == nullptr) return false;
  if (stage_->chain.is_moving() || hosts_->is_busy() || payments_->is_any()) return true;
  for (const auto& [address, record] : store_->records()) {
    const lease::Life& life = record.life;
    switch (life.state) {
      case lease::State::preparing:
      case lease::State::checking:
      case lease::State::starting: return true;
      case lease::State::stopping:
        // Where only the deadline is waited for, it may be a while.
        if (life.outcome != lease::Outcome::not_ready || life.closed) return true;
        break;
      case lease::State::active:
        if (life.last_failure_s != 0) return true;
        break;
      case lease::State::quoted:
      case lease::State::contested:
      case lease::State::ended: break;
    }
  }
  return false;
}

std::int64_t World::how_long() {
  const std::int64_t now_ms = stage_->now_ms();
  if (is_hot()) return random_.between(200, 1'500);
  std::int64_t until_ms = now_ms + kQuietMs;
  const auto at_most = [&](std::int64_t at_ms) { until_ms = std::min(until_ms, at_ms); };
  if (boot_ms_) at_most(*boot_ms_);
  at_most(hosts_->next_ms());
  if (!calm_since_s_) {
    at_most(renters_->next_ms());
    at_most(operate_ms_);
    at_most(calm_ms_);
    if (const auto next = stage_->trouble.next_ms(now_ms)) at_most(*next);
    if (stage_->trouble.is_any(now_ms)) at_most(now_ms + 5'000);
  }
  return std::max<std::int64_t>(until_ms - now_ms, 200);
}

void World::step() {
  ++steps_;
  stage_->pass(how_long());
  if (!calm_since_s_ && stage_->trouble.is_calm(stage_->now_ms())) {
    calm_since_s_ = stage_->chain.true_time_s();
    hosts_->calm_down();
    store_->live_on();
    node_->die_at_send(false);
    fork_wanted_.reset();
    say("It is calm from here on.");
  }
  break_things();
  operate();
  if (market_ == nullptr && boot_ms_ && stage_->now_ms() >= *boot_ms_) boot();
  node_->wake();
  guarded([this] {
    market_->engine.poll_chain();
    market_->engine.pump();
    market_->engine.strays().help_one();
  });
  const auto people = [this] {
    hosts_->step();
    renters_->step(!calm_since_s_);
  };
  if (market_ == nullptr) {
    people();
  } else {
    guarded(people);
  }
  payments_->step();
  guarded([this] { market_->engine.pump(); });
  ledger_->read_on(stage_->wrong);
}

Look World::look() {
  return {*stage_,
          *store_,
          *hosts_,
          *ledger_,
          market_address_,
          calm_since_s_,
          stage_->chain.true_time_s(),
          is_over_};
}

void World::fail(std::string promise, std::string what) {
  say("BROKEN " + promise + ": " + what);
  if (failure_) return;
  failure_ = Failure{seed_, steps_, stage_->chain.true_time_s() - kStartS, std::move(promise),
                     std::move(what)};
}

bool World::check() {
  for (const Wrong& wrong : stage_->wrong) fail(std::string(wrong.promise), wrong.what);
  const Look now = look();
  for (const Promise& promise : promises()) {
    if (const auto what = promise.broken(now)) fail(std::string(promise.name), *what);
  }
  return !failure_;
}

void World::count_leases() {
  Totals& totals = stage_->totals;
  for (const auto& [which, opening] : ledger_->openings()) {
    ++totals.leases;
    if (opening.account.started_at == 0) continue;
    const base::UnixSeconds end = opening.closed ? opening.closed_s : stage_->chain.true_time_s();
    const base::UnixSeconds bought = opening.account.started_at + opening.account.seconds;
    totals.served_s +=
        static_cast<std::uint64_t>(std::min(end, bought) - opening.account.started_at);
  }
  totals.events += stage_->chain.landed_count();
}

Outcome World::run() {
  while (steps_ < kMostSteps) {
    step();
    if (!check()) break;
    if (!calm_since_s_ || market_ == nullptr || payments_->is_any() || !is_settled(look())) {
      continue;
    }
    if (store_->outbox_size() == 0) break;
    // Work whose end could not be written is done again after a start, and not before.
    if (std::exchange(restarted_at_the_end_, true)) continue;
    die("to be started again");
  }
  if (steps_ >= kMostSteps) fail("every_record_ends", "the world goes on for ever");
  is_over_ = true;
  if (!failure_) check();
  count_leases();
  return {stage_->totals, failure_};
}

}  // namespace obelisk::sim
