#include "apps/host/living/sampler.hpp"

#include <algorithm>

#include "apps/host/cards_now.hpp"

namespace obelisk::host {
namespace {

constexpr std::chrono::seconds kLookForNewEvery{3};

std::uint32_t narrow(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

std::optional<std::uint32_t> narrow(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(narrow(*value)) : std::nullopt;
}

api::GpuReading to_api(const GpuReading& card) {
  api::GpuReading out;
  out.uuid = card.uuid.substr(0, 80);
  if (card.use_percent) out.use_percent = std::min(*card.use_percent, 100u);
  out.memory_used_bytes = card.memory_used_bytes;
  out.memory_bytes = card.memory_bytes;
  out.milliwatts = card.milliwatts;
  if (card.celsius) out.celsius = std::min(*card.celsius, 1000u);
  return out;
}

api::Reading to_api(const Sample& sample) {
  api::Reading out;
  out.at_ms = static_cast<std::uint64_t>(sample.at_ms);
  out.seconds = std::min(sample.seconds, 86'400u);
  out.cpu_milli = narrow(sample.cpu_milli);
  out.memory_bytes = sample.memory_bytes;
  out.processes = narrow(sample.processes);
  out.disk_used_bytes = sample.disk_used_bytes;
  out.received_bytes_per_s = sample.received_bytes_per_s;
  out.sent_bytes_per_s = sample.sent_bytes_per_s;
  if (sample.gpus.empty()) return out;
  out.gpus.emplace();
  for (const GpuReading& card : sample.gpus) {
    if (out.gpus->size() < 16) out.gpus->push_back(to_api(card));
  }
  return out;
}

}  // namespace

Sampler::~Sampler() = default;

void Sampler::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex waiting;
    std::unique_lock lock(waiting);
    std::int64_t due_ms = 0;
    do {
      const std::int64_t now_ms = parts_.clock.steady_ms();
      if (now_ms < due_ms) {
        look_at_new();
        continue;
      }
      due_ms = now_ms + kSampleEveryMs;
      look();
    } while (
        !changed_.wait_for(lock, stop, kLookForNewEvery, [&] { return stop.stop_requested(); }));
  });
}

void Sampler::look() {
  const std::vector<LivingLease> leases = parts_.leases();
  for (const LivingLease& lease : leases) look_at(lease);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(rows_, [&](const auto& row) {
      return std::ranges::find(leases, row.first, &LivingLease::lease) == leases.end();
    });
  }
  say_what_is_unsaid();
}

void Sampler::look_at_new() {
  for (const LivingLease& lease : parts_.leases()) {
    bool is_new = false;
    {
      const std::lock_guard lock(mutex_);
      is_new = !rows_.contains(lease.lease);
    }
    if (is_new) look_at(lease);
  }
}

void Sampler::look_at_cards(const LivingLease& lease, Figures& now, Seen& seen) {
  if (parts_.cards == nullptr) return;
  for (std::size_t i = 0; i < lease.cards.size(); ++i) {
    const std::string& uuid = lease.cards[i];
    const auto reading = parts_.cards->read(uuid);
    if (!reading) continue;  // the driver does not answer: that is no word about the card
    seen.cards.push_back(seen_card(uuid, *reading));
    if (reading->is_lost) continue;
    GpuReading card;
    card.uuid = uuid;
    card.use_percent = reading->busy_percent;
    card.memory_used_bytes = reading->memory_used_bytes;
    if (i < lease.card_memory_bytes.size()) card.memory_bytes = lease.card_memory_bytes[i];
    card.milliwatts = reading->power_mw;
    card.celsius = reading->temperature_c;
    now.gpus.push_back(std::move(card));
  }
  if (parts_.ears != nullptr) seen.xids = parts_.ears->take(lease.cards);
}

void Sampler::look_at(const LivingLease& lease) {
  // One that is being made has no figures yet; the next look finds it.
  const auto usage = parts_.containers.usage(lease.lease.to_string());
  if (!usage) return;
  Figures now{.at_ms = parts_.clock.now_ms(),
              .steady_ms = parts_.clock.steady_ms(),
              .cpu_us = usage->cpu_us,
              .memory_bytes = usage->memory_bytes,
              .processes = usage->processes,
              .disk_used_bytes = usage->disk_used_bytes,
              .received_bytes = usage->received_bytes,
              .sent_bytes = usage->sent_bytes};
  Seen seen;
  seen.disk_used_bytes = usage->disk_used_bytes;
  seen.disk_bytes = usage->disk_bytes;
  seen.oom_kills = usage->oom_kills;
  look_at_cards(lease, now, seen);
  const std::lock_guard lock(mutex_);
  auto [at, is_new] = rows_.try_emplace(
      lease.lease,
      Row{Series(lease.cpu_milli, lease.cards.size()), TroubleWatch(lease.cards), {}, {}});
  if (is_new) seen.xids.clear();  // they were the lease before's
  Row& row = at->second;
  row.series.add(now);
  row.newest = *usage;
  for (const Trouble& trouble : row.troubles.look(seen, now.at_ms)) {
    tell(lease.lease, trouble, std::string(to_string(trouble.kind)));
  }
  if (const auto changed = row.idle.look(row.series.idle_s())) tell_idle(lease.lease, *changed);
}

void Sampler::tell_idle(const base::PublicKey& lease, bool is_idle) {
  Trouble news;
  news.text = is_idle ? "It has done nothing for ten minutes." : "It is at work again.";
  news.is_over = !is_idle;
  tell(lease, news, "idle");
}

void Sampler::tell(const base::PublicKey& lease, const Trouble& trouble, const std::string& kind) {
  api::HostTrouble message;
  message.type = "trouble";
  message.lease = lease;
  message.kind = kind;
  if (!trouble.card.empty()) message.card = trouble.card.substr(0, 80);
  message.text =
      (trouble.text + (trouble.action.empty() ? "" : " " + trouble.action)).substr(0, 300);
  message.over = trouble.is_over;
  message.at_ms = static_cast<std::uint64_t>(parts_.clock.now_ms());
  unsaid_.push_back(api::to_json(message));
  if (unsaid_.size() > kMaxUnsaid) unsaid_.pop_front();
}

void Sampler::say_what_is_unsaid() {
  if (!parts_.is_connected()) return;
  std::deque<std::string> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(unsaid_);
  }
  for (const std::string& message : messages) parts_.say(message);
}

base::Result<api::Readings> Sampler::readings(const base::PublicKey& lease,
                                              base::UnixMillis since_ms) {
  api::Readings out;
  out.lease = lease;
  out.at_ms = static_cast<std::uint64_t>(parts_.clock.now_ms());
  const auto living = parts_.leases();
  const bool is_living = std::ranges::find(living, lease, &LivingLease::lease) != living.end();
  const std::lock_guard lock(mutex_);
  const auto at = rows_.find(lease);
  if (at == rows_.end()) {
    // In its first second it has no figures yet, which is no fault of the renter's.
    if (is_living) return out;
    return base::Error{base::Code::not_found, "Nothing is read of such a lease here.",
                       "Ask again in a few seconds, if it is being made."};
  }
  const Row& row = at->second;
  out.cpu_milli = row.series.cpu_milli();
  out.memory_limit_bytes = row.newest.memory_limit_bytes;
  out.disk_bytes = row.newest.disk_bytes;
  out.oom_kills = row.newest.oom_kills;
  if (const auto idle_s = row.series.idle_s()) out.idle_s = static_cast<std::uint64_t>(*idle_s);
  std::size_t bytes = 0;
  for (const Sample& sample : row.series.since(since_ms)) {
    api::Reading one = to_api(sample);
    bytes += api::to_json(one).size() + 1;
    out.more = bytes > kMaxReadingsBytes;
    if (out.more) break;
    out.rows.push_back(std::move(one));
  }
  return out;
}

}  // namespace obelisk::host
