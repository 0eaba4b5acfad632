#include "apps/market/engine/lease_engine.hpp"

#include "base/crypto.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::engine {
namespace {

constexpr std::chrono::milliseconds kStorePause{200};
constexpr std::chrono::seconds kGiveUpWait{5};
// After so many failures in a row it is the store that fails, and not one lease's record.
constexpr int kStoreIsAway = 3;
// Of the running leases, for which the chain's pushes and the watch are quick, so many are looked
// at each time: what a poll costs must not grow with them.
constexpr std::size_t kRunningAtOnce = 2000;
constexpr std::int64_t kForgetEveryMs = 600'000;
constexpr std::int64_t kKeepUnpaidMs = 86'400'000;
constexpr std::uint32_t kAgainMs = 250;

}  // namespace

Engine::Engine(EngineParts parts)
    : parts_(std::move(parts)),
      settle_({parts_.chain, parts_.clock, parts_.attestors, parts_.program, parts_.log,
               parts_.pause, parts_.fees, parts_.count_sent}),
      worker_({parts_.store, parts_.chain, parts_.clock, parts_.attestors, parts_.logins, settle_,
               view_, control_, parts_.program, nullptr,
               [this](const base::PublicKey& lease, lease::Event event) {
                 post_and_wait(lease, std::move(event));
               },
               [this](const base::PublicKey& host) { return another(host); }, parts_.log}),
      subscribers_(parts_.store),
      outbox_(
          parts_.store, parts_.clock,
          [this](ports::OutboxRow& row) {
            if (parts_.before_work) parts_.before_work(row);
            return worker_.run(row);
          },
          [this](const base::PublicKey& lease) { return book_.host_of(lease); }),
      book_({parts_.store, parts_.clock,
             [this](const lease::Record& record) { return context(record); },
             [this](const std::vector<ports::LeaseEventRow>& events, const lease::Record& record) {
               subscribers_.publish(events, record);
             },
             [this](const ports::OutboxRow& row) { outbox_.add(row); },
             [this](const base::PublicKey& lease) { subscribers_.publish_written(lease); },
             parts_.log}),
      strays_(settle_, view_, parts_.market, parts_.log),
      follower_({parts_.chain, parts_.clock, view_, parts_.program, parts_.market,
                 [this](const base::PublicKey& lease, lease::Event event) {
                   post(lease, std::move(event));
                 },
                 [this] {
                   {
                     const std::lock_guard lock(mutex_);
                     if (!std::exchange(tick_due_, true)) before_tick_ = inbox_.size();
                   }
                   changed_.notify_one();
                 },
                 [this] { return book_.some(looked_at_, kRunningAtOnce); }, parts_.log}) {}

Engine::~Engine() { stop(); }

base::Result<void> Engine::prepare(HostLink& link) {
  worker_.set_link(link);
  TRY_VOID(book_.load());
  TRY_VOID(outbox_.load());
  follower_.subscribe();
  return {};
}

base::Result<void> Engine::start(HostLink& link) {
  TRY_VOID(prepare(link));
  threaded_ = true;
  subscribers_.start();
  thread_ = std::thread([this] { run(); });
  outbox_.start();
  strays_.start();
  follower_.start();
  return {};
}

// In the order in which they feed each other, so that nobody waits for who is gone.
void Engine::stop() {
  worker_.stop();
  // From here on events may be dropped, so no work counts as done: it is done again after the
  // start.
  outbox_.freeze();
  settle_.stop();
  follower_.stop();
  strays_.stop();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  threaded_ = false;
  {
    const std::lock_guard lock(mutex_);
    for (Inbox::Item& item : inbox_.drain()) {
      if (item.done != nullptr) item.done->set_value();
    }
  }
  outbox_.stop();
  subscribers_.stop();
}

void Engine::post(const base::PublicKey& lease, lease::Event event) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    inbox_.put({lease, std::move(event)});
  }
  changed_.notify_one();
}

void Engine::post_and_wait(const base::PublicKey& lease, lease::Event event) {
  if (!threaded_) {
    while (!take(lease, event) && parts_.waits_for_store) {
      parts_.pause(static_cast<int>(kStorePause.count()));
    }
    return;
  }
  const auto done = hand_over(lease, std::move(event));
  if (done) done->get_future().wait();
}

std::shared_ptr<std::promise<void>> Engine::hand_over(const base::PublicKey& lease,
                                                      lease::Event event) {
  auto done = std::make_shared<std::promise<void>>();
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return nullptr;
    inbox_.put({lease, std::move(event), done});
  }
  changed_.notify_one();
  return done;
}

void Engine::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto is_due = [this] {
        const auto next_ms = inbox_.next_ms();
        return next_ms && *next_ms <= parts_.clock.steady_ms();
      };
      while (!ending_ && !tick_due_ && !is_due()) {
        // What waits aside says by itself when it is due; a tick comes sooner than that.
        changed_.wait_for(lock, kStorePause);
      }
      // What was handed over is taken in first: the work behind it already counts as done.
      if (ending_ && !is_due()) return;
    }
    do_next();
  }
}

bool Engine::do_next() {
  std::optional<Inbox::Item> item;
  bool tick = false;
  {
    const std::lock_guard lock(mutex_);
    // Proofs and ends depend on the tick: what comes after it fell due does not delay it.
    if (!tick_due_ || before_tick_ > 0) item = inbox_.take(parts_.clock.steady_ms());
    if (before_tick_ > 0) --before_tick_;
    if (!item) tick = std::exchange(tick_due_, false);
    if (tick) before_tick_ = 0;
  }
  if (item) {
    do_item(*std::move(item));
    return true;
  }
  if (tick) tick_all();
  return tick;
}

// Without the store nothing may be decided. Events wait; the chain does not forget.
void Engine::do_item(Inbox::Item item) {
  if (take(item.lease, item.event)) {
    failed_in_a_row_ = 0;
    if (item.done != nullptr) item.done->set_value();
    const std::lock_guard lock(mutex_);
    return inbox_.taken_in();
  }
  std::unique_lock lock(mutex_);
  inbox_.put_back(std::move(item), parts_.clock.steady_ms());
  if (++failed_in_a_row_ < kStoreIsAway || !threaded_) return;
  changed_.wait_for(lock, kStorePause, [this] { return ending_; });
}

bool Engine::take(const base::PublicKey& lease, const lease::Event& event) {
  switch (book_.handle(lease, event)) {
    case LeaseBook::Handled::yes: return true;
    case LeaseBook::Handled::unknown:
    case LeaseBook::Handled::ended:
      if (const auto* confirmed = std::get_if<lease::Confirmed>(&event)) {
        strays_.found(lease, confirmed->account);
      }
      return true;
    case LeaseBook::Handled::store_failed: break;
  }
  return false;
}

void Engine::tick_all() {
  book_.look_for_lost_quotes();
  int failed = 0;
  for (const base::PublicKey& lease : book_.some(ticked_, kRunningAtOnce)) {
    {
      const std::lock_guard lock(mutex_);
      if (inbox_.is_aside(lease)) continue;
    }
    if (take(lease, lease::Tick{})) continue;
    const std::lock_guard lock(mutex_);
    inbox_.put_back({lease, lease::Tick{}}, parts_.clock.steady_ms());
    if (++failed == kStoreIsAway) break;
  }
  forget_old_quotes();
}

// Quotes cost nothing to ask for, so they must not fill the disk.
void Engine::forget_old_quotes() {
  const std::int64_t steady_ms = parts_.clock.steady_ms();
  if (forgot_ms_ && steady_ms - *forgot_ms_ < kForgetEveryMs) return;
  forgot_ms_ = steady_ms;
  const auto forgotten = parts_.store.forget_unpaid(parts_.clock.now_ms() - kKeepUnpaidMs);
  if (!forgotten) parts_.log("Old quotes could not be forgotten: " + forgotten.error().message);
}

void Engine::pump() {
  bool any = true;
  while (any) {
    any = false;
    while (do_next()) any = true;
    if (outbox_.pump()) any = true;
    subscribers_.pump();
  }
}

lease::Context Engine::context(const lease::Record& record) const {
  const std::int64_t steady_ms = parts_.clock.steady_ms();
  const base::PublicKey& host = record.quote.host;
  const bool control =
      book_.another_host_is_live(host)
          ? control_.another_host_answered(host, steady_ms)
          : view_.answers(steady_ms) || control_.another_host_answered(host, steady_ms);
  const ports::ChainTime time = view_.time();
  return {parts_.clock.now_ms(),    time.unix_s, view_.started_at_s(), control, time.slot,
          view_.may_be_s(steady_ms)};
}

std::optional<lease::Record> Engine::another(const base::PublicKey& host) const {
  // One that fails itself proves nothing.
  return book_.another(host, [](const lease::Life& life) {
    return life.ssh.has_value() && life.last_failure_s == 0;
  });
}

void Engine::host_connected(const base::PublicKey& host) {
  for (const base::PublicKey& lease : book_.live_of(host)) {
    tell(lease);
    if (!worker_.give(lease)) {
      outbox_.add(to_row({lease::EffectKind::give_attestation, kAgainMs}, lease, 0, 1,
                         parts_.clock.now_ms()));
    }
  }
}

// Nobody else would do it again: this is no row of the store.
void Engine::tell(const base::PublicKey& lease) {
  if (worker_.tell(lease)) return;
  outbox_.add(to_row({lease::EffectKind::tell_host, kAgainMs}, lease, 0, 0, parts_.clock.now_ms()));
}

void Engine::host_gone(const base::PublicKey& host) {
  parts_.log("Host " + host.to_string() + " is not connected. Its leases run on.");
  for (const base::PublicKey& lease : book_.live_of(host)) post(lease, lease::HostLost{});
}

void Engine::give_up(const base::PublicKey& lease) {
  if (!threaded_) return post_and_wait(lease, lease::GivenUp{});
  // A store that cannot write must not hold up who asks.
  const auto done = hand_over(lease, lease::GivenUp{});
  if (done) (void)done->get_future().wait_for(kGiveUpWait);
}

void Engine::stop_forwarded(const base::PublicKey& lease) { post(lease, lease::StopAsked{}); }

bool Engine::chain_answers() { return view_.answers(parts_.clock.steady_ms()); }

std::unique_ptr<ports::Subscription> Engine::subscribe(const base::PublicKey& lease,
                                                       std::uint64_t after_seq,
                                                       EventCallback callback) {
  return subscribers_.add(lease, after_seq, std::move(callback));
}

base::Result<void> Engine::register_quote(const lease::Quote& quote) {
  const bool hashed = base::to_hex(base::sha256(base::view_of(quote.terms)).view()) == quote.id;
  const auto address = settlement::lease_address(parts_.program, quote.renter, quote.nonce);
  if (!hashed || address.address != quote.lease || quote.market != parts_.market) {
    return base::Error{base::Code::internal, "A quote does not fit together.",
                       "Nothing was charged. Report it.", 0};
  }
  return book_.insert(quote);
}

}  // namespace obelisk::engine
