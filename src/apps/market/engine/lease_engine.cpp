#include "apps/market/engine/lease_engine.hpp"

#include "base/crypto.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::engine {
namespace {

constexpr std::chrono::milliseconds kStorePause{200};
constexpr std::int64_t kForgetEveryMs = 600'000;
constexpr std::int64_t kKeepUnpaidMs = 86'400'000;
constexpr std::uint32_t kAgainMs = 250;

}  // namespace

Engine::Engine(EngineParts parts)
    : parts_(std::move(parts)),
      settle_({parts_.chain, parts_.clock, parts_.attestor, parts_.program, parts_.log,
               parts_.pause, parts_.fees}),
      worker_({parts_.store, parts_.chain, parts_.clock, parts_.attestor, parts_.logins, settle_,
               view_, control_, parts_.program, nullptr,
               [this](const base::PublicKey& lease, lease::Event event) {
                 post_and_wait(lease, std::move(event));
               },
               [this](const base::PublicKey& host) { return another(host); }, parts_.log}),
      subscribers_(parts_.store),
      outbox_(parts_.store, parts_.clock,
              [this](ports::OutboxRow& row) {
                if (parts_.before_work) parts_.before_work(row);
                return worker_.run(row);
              }),
      book_({parts_.store, parts_.clock,
             [this](const lease::Record& record) { return context(record); },
             [this](const std::vector<ports::LeaseEventRow>& events, const lease::Record& record) {
               subscribers_.publish(events, record);
             },
             [this](const ports::OutboxRow& row) { outbox_.add(row); }, parts_.log}),
      strays_(settle_, view_, parts_.market, parts_.log),
      follower_({parts_.chain, parts_.clock, view_, parts_.program, parts_.market,
                 [this](const base::PublicKey& lease, lease::Event event) {
                   post(lease, std::move(event));
                 },
                 [this] {
                   {
                     const std::lock_guard lock(mutex_);
                     tick_due_ = true;
                   }
                   changed_.notify_one();
                 },
                 [this] { return book_.live_addresses(); }, parts_.log}) {}

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
    for (Item& item : items_) {
      if (item.done != nullptr) item.done->set_value();
    }
    items_.clear();
  }
  outbox_.stop();
  subscribers_.stop();
}

void Engine::post(const base::PublicKey& lease, lease::Event event) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    items_.push_back({lease, std::move(event), nullptr});
  }
  changed_.notify_one();
}

void Engine::post_and_wait(const base::PublicKey& lease, lease::Event event) {
  if (!threaded_) return take(lease, event);
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    items_.push_back({lease, std::move(event), &done});
  }
  changed_.notify_one();
  done.get_future().wait();
}

void Engine::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || tick_due_ || !items_.empty(); });
      // What was handed over is taken in first: the work behind it already counts as done.
      if (ending_ && items_.empty()) return;
    }
    do_next();
  }
}

bool Engine::do_next() {
  std::optional<Item> item;
  bool tick = false;
  {
    const std::lock_guard lock(mutex_);
    if (!items_.empty()) {
      item = std::move(items_.front());
      items_.pop_front();
    } else {
      tick = std::exchange(tick_due_, false);
    }
  }
  if (item) {
    take(item->lease, item->event);
    if (item->done != nullptr) item->done->set_value();
    return true;
  }
  if (tick) tick_all();
  return tick;
}

void Engine::take(const base::PublicKey& lease, const lease::Event& event) {
  for (;;) {
    switch (book_.handle(lease, event)) {
      case LeaseBook::Handled::yes: return;
      case LeaseBook::Handled::unknown:
      case LeaseBook::Handled::ended:
        if (const auto* confirmed = std::get_if<lease::Confirmed>(&event)) {
          strays_.found(lease, confirmed->account);
        }
        return;
      case LeaseBook::Handled::store_failed: break;
    }
    // Without the store nothing may be decided. Events wait; the chain does not forget.
    if (!threaded_ && parts_.waits_for_store) {
      parts_.pause(static_cast<int>(kStorePause.count()));
      continue;
    }
    std::unique_lock lock(mutex_);
    if (!threaded_ || ending_) return;
    changed_.wait_for(lock, kStorePause, [this] { return ending_; });
  }
}

void Engine::tick_all() {
  for (const base::PublicKey& lease : book_.live_addresses()) take(lease, lease::Tick{});
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
  return {parts_.clock.now_ms(), time.unix_s, view_.started_at_s(), control, time.slot};
}

std::optional<lease::Record> Engine::another(const base::PublicKey& host) const {
  for (const lease::Record& record : book_.live()) {
    const bool live = record.life.state == lease::State::active && record.life.ssh;
    // One that fails itself proves nothing.
    if (record.quote.host != host && live && record.life.last_failure_s == 0) return record;
  }
  return std::nullopt;
}

void Engine::host_connected(const base::PublicKey& host) {
  for (const lease::Record& record : book_.live()) {
    if (record.quote.host != host) continue;
    tell(record.quote.lease);
    if (!worker_.give(record.quote.lease)) {
      outbox_.add(to_row({lease::EffectKind::give_attestation, kAgainMs}, record.quote.lease, 0, 1,
                         parts_.clock.now_ms()));
    }
  }
}

// Nobody else would do it again: this is no row of the store.
void Engine::tell(const base::PublicKey& lease) {
  if (worker_.tell(lease)) return;
  outbox_.add(
      to_row({lease::EffectKind::tell_host, kAgainMs}, lease, 0, 0, parts_.clock.now_ms()));
}

void Engine::host_gone(const base::PublicKey& host) {
  parts_.log("Host " + host.to_string() + " is not connected. Its leases run on.");
  for (const lease::Record& record : book_.live()) {
    if (record.quote.host == host) post(record.quote.lease, lease::HostLost{});
  }
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
