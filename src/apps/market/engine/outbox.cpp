#include "apps/market/engine/outbox.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace obelisk::engine {
namespace {

// Logins to a silent host take seconds each and mostly wait: a host that goes dark with all its
// leases must not keep the watch from looking at each of them every few seconds.
constexpr std::array<int, kLanes> kThreads{1, 16, 32, 4, 4, 2};
constexpr std::chrono::milliseconds kLongestSleep{1000};

}  // namespace

Lane lane_of(const lease::Effect& effect) {
  switch (effect.kind) {
    case lease::EffectKind::tell_host: return Lane::quick;
    case lease::EffectKind::log_in: return effect.check_card ? Lane::check : Lane::login;
    case lease::EffectKind::send_ready: return Lane::ready;
    case lease::EffectKind::send_cancel: return Lane::chain;
    case lease::EffectKind::attest: return Lane::quick;
    case lease::EffectKind::give_attestation: return Lane::quick;
    case lease::EffectKind::settle_dark: return Lane::chain;
    case lease::EffectKind::settle_end: return Lane::chain;
    case lease::EffectKind::settle_claim: return Lane::chain;
    case lease::EffectKind::settle_finish: return Lane::chain;
    case lease::EffectKind::read_close: return Lane::history;
  }
  return Lane::chain;
}

int backoff_ms(std::uint32_t attempts) { return std::min(30'000, 250 << std::min(attempts, 7u)); }

ports::OutboxRow to_row(const lease::Effect& effect, const base::PublicKey& lease,
                        std::uint64_t version, std::size_t index, base::UnixMillis now_ms) {
  ports::OutboxRow row;
  row.id = lease.to_string() + ":" + std::to_string(version) + ":" + std::to_string(index);
  row.lease = lease;
  row.kind = std::string(to_string(effect.kind));
  row.payload = std::to_string(effect.attempt) + " " + (effect.check_card ? "1" : "0") + " " +
                std::to_string(effect.alive_until);
  row.due_ms = now_ms + effect.delay_ms;
  return row;
}

std::optional<lease::Effect> effect_of(const ports::OutboxRow& row) {
  const auto kind = lease::effect_kind_from(row.kind);
  if (!kind) return std::nullopt;
  lease::Effect out;
  out.kind = *kind;
  const char* at = row.payload.data();
  const char* const end = at + row.payload.size();
  int check = 0;
  const auto number = [&at, end](auto& value) {
    const auto [next, error] = std::from_chars(at, end, value);
    at = next < end ? next + 1 : next;
    return error == std::errc();
  };
  if (!number(out.attempt) || !number(check) || !number(out.alive_until)) return std::nullopt;
  out.check_card = check != 0;
  return out;
}

Outbox::~Outbox() { stop(); }

base::Result<void> Outbox::load() {
  TRY(const auto rows, store_.outbox_due(std::numeric_limits<base::UnixMillis>::max(),
                                         std::numeric_limits<std::size_t>::max()));
  for (const ports::OutboxRow& row : rows) add(row);
  return {};
}

void Outbox::start() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    for (int n = 0; n < kThreads[i]; ++n) {
      lanes_[i].threads.emplace_back([this, i] { run(lanes_[i]); });
    }
  }
}

void Outbox::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  for (LaneQueue& lane : lanes_) {
    lane.changed.notify_all();
    for (std::thread& thread : lane.threads) thread.join();
    lane.threads.clear();
  }
}

void Outbox::add(const ports::OutboxRow& row) {
  const auto effect = effect_of(row);
  const Lane which = effect ? lane_of(*effect) : Lane::quick;
  LaneQueue& lane = lanes_[static_cast<std::size_t>(which)];
  Work work{row, std::nullopt};
  const bool is_login = which == Lane::check || which == Lane::login;
  if (is_login && host_of_) work.host = host_of_(row.lease);
  const std::int64_t wait_ms =
      std::clamp<std::int64_t>(row.due_ms - clock_.now_ms(), 0, kLongestWaitMs);
  {
    const std::lock_guard lock(mutex_);
    lane.rows.emplace(clock_.steady_ms() + wait_ms, std::move(work));
  }
  lane.changed.notify_one();
}

std::optional<Outbox::Work> Outbox::take_due(LaneQueue& lane) {
  while (!lane.rows.empty() && lane.rows.begin()->first <= clock_.steady_ms()) {
    Work work = std::move(lane.rows.extract(lane.rows.begin()).mapped());
    if (!work.host) return work;
    int& under_way = lane.logins[*work.host];
    if (under_way < kLoginsPerHost) {
      ++under_way;
      return work;
    }
    lane.held[*work.host].push_back(std::move(work));
  }
  return std::nullopt;
}

void Outbox::finished(LaneQueue& lane, const std::optional<base::PublicKey>& host) {
  if (!host) return;
  const auto under_way = lane.logins.find(*host);
  if (--under_way->second == 0) lane.logins.erase(under_way);
  const auto held = lane.held.find(*host);
  if (held == lane.held.end()) return;
  lane.rows.emplace(clock_.steady_ms(), std::move(held->second.front()));
  held->second.pop_front();
  if (held->second.empty()) lane.held.erase(held);
}

void Outbox::run(LaneQueue& lane) {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (auto work = take_due(lane)) {
      lock.unlock();
      do_row(std::move(work->row));
      lock.lock();
      finished(lane, work->host);
      continue;
    }
    auto sleep = kLongestSleep;
    if (!lane.rows.empty()) {
      const std::chrono::milliseconds left(lane.rows.begin()->first - clock_.steady_ms());
      sleep = std::clamp(left, std::chrono::milliseconds(1), kLongestSleep);
    }
    lane.changed.wait_for(lock, sleep);
  }
}

OutboxFigures Outbox::figures() const {
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  OutboxFigures out;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const LaneQueue& lane = lanes_[i];
    out.rows[i] = lane.rows.size();
    if (!lane.rows.empty()) out.late_ms = std::max(out.late_ms, now_ms - lane.rows.begin()->first);
    for (const auto& [due_ms, work] : lane.rows) {
      out.most_attempts = std::max(out.most_attempts, work.row.attempts);
    }
    for (const auto& [host, held] : lane.held) {
      out.rows[i] += held.size();
      for (const Work& work : held) {
        out.most_attempts = std::max(out.most_attempts, work.row.attempts);
      }
    }
  }
  return out;
}

bool Outbox::pump() {
  bool any = false;
  for (LaneQueue& lane : lanes_) {
    for (;;) {
      std::optional<Work> work;
      {
        const std::lock_guard lock(mutex_);
        work = take_due(lane);
      }
      if (!work) break;
      any = true;
      do_row(std::move(work->row));
      const std::lock_guard lock(mutex_);
      finished(lane, work->host);
    }
  }
  return any;
}

void Outbox::do_row(ports::OutboxRow row) {
  const WorkResult result = worker_(row);
  if (frozen_) return;
  if (!result.retry_ms) {
    // Where this write fails, the work is done again after a restart: it is idempotent.
    (void)store_.outbox_done(row.id);
    return;
  }
  row.due_ms = clock_.now_ms() + *result.retry_ms;
  ++row.attempts;
  (void)store_.outbox_retry(row.id, row.due_ms);
  add(row);
}

}  // namespace obelisk::engine
