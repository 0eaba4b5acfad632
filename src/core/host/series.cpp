#include "core/host/series.hpp"

#include <algorithm>
#include <ranges>

namespace obelisk::host {
namespace {

using Figure = std::optional<std::uint64_t>;

// So much each second, times `scale`. A counter that began anew counts from zero.
Figure rate(const Figure& before, const Figure& now, std::int64_t ms, std::uint64_t scale) {
  if (!before || !now || ms <= 0) return std::nullopt;
  const std::uint64_t grown = *now >= *before ? *now - *before : *now;
  return static_cast<std::uint64_t>(static_cast<double>(grown) * static_cast<double>(scale) /
                                    static_cast<double>(ms));
}

Sample sample_of(const std::optional<Figures>& before, const Figures& now) {
  Sample out;
  out.at_ms = now.at_ms;
  out.memory_bytes = now.memory_bytes;
  out.processes = now.processes;
  out.disk_used_bytes = now.disk_used_bytes;
  out.gpus = now.gpus;
  if (!before) return out;
  const std::int64_t ms = now.steady_ms - before->steady_ms;
  out.seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>((ms + 500) / 1000, 0, 86'400));
  out.cpu_milli = rate(before->cpu_us, now.cpu_us, ms, 1);  // microseconds in a millisecond
  out.received_bytes_per_s = rate(before->received_bytes, now.received_bytes, ms, 1000);
  out.sent_bytes_per_s = rate(before->sent_bytes, now.sent_bytes, ms, 1000);
  return out;
}

// The mean of one figure over those samples that have it.
template <class T>
class Mean {
 public:
  void add(const std::optional<T>& value, std::uint32_t seconds) {
    const double weight = std::max(seconds, 1u);
    if (!value) return;
    sum_ += static_cast<double>(*value) * weight;
    weight_ += weight;
  }
  std::optional<T> get() const {
    return weight_ == 0 ? std::nullopt : std::optional(static_cast<T>(sum_ / weight_ + 0.5));
  }

 private:
  double sum_ = 0;
  double weight_ = 0;
};

template <class T, class Item>
std::optional<T> mean(const std::vector<std::pair<const Item*, std::uint32_t>>& items,
                      std::optional<T> Item::* figure) {
  Mean<T> out;
  for (const auto& [item, seconds] : items) out.add(item->*figure, seconds);
  return out.get();
}

std::vector<GpuReading> mean_gpus(const std::vector<Sample>& samples) {
  std::vector<GpuReading> out;
  for (const GpuReading& card : samples.back().gpus) {
    std::vector<std::pair<const GpuReading*, std::uint32_t>> same;
    for (const Sample& sample : samples) {
      const auto at = std::ranges::find(sample.gpus, card.uuid, &GpuReading::uuid);
      if (at != sample.gpus.end()) same.emplace_back(&*at, sample.seconds);
    }
    GpuReading one = card;
    one.use_percent = mean(same, &GpuReading::use_percent);
    one.memory_used_bytes = mean(same, &GpuReading::memory_used_bytes);
    one.milliwatts = mean(same, &GpuReading::milliwatts);
    one.celsius = mean(same, &GpuReading::celsius);
    out.push_back(std::move(one));
  }
  return out;
}

template <class T>
void keep(std::deque<T>& in, T item, std::size_t most) {
  in.push_back(std::move(item));
  while (in.size() > most) in.pop_front();
}

}  // namespace

Sample mean_of(const std::vector<Sample>& samples) {
  Sample out;
  if (samples.empty()) return out;
  std::vector<std::pair<const Sample*, std::uint32_t>> all;
  for (const Sample& sample : samples) {
    all.emplace_back(&sample, sample.seconds);
    out.seconds += sample.seconds;
  }
  out.at_ms = samples.back().at_ms;
  out.cpu_milli = mean(all, &Sample::cpu_milli);
  out.memory_bytes = mean(all, &Sample::memory_bytes);
  out.processes = mean(all, &Sample::processes);
  out.disk_used_bytes = mean(all, &Sample::disk_used_bytes);
  out.received_bytes_per_s = mean(all, &Sample::received_bytes_per_s);
  out.sent_bytes_per_s = mean(all, &Sample::sent_bytes_per_s);
  out.gpus = mean_gpus(samples);
  return out;
}

void Series::add(const Figures& figures) {
  const Sample sample = sample_of(last_, figures);
  if (is_busy(sample)) {
    quiet_since_ms_.reset();
  } else if (!quiet_since_ms_) {
    quiet_since_ms_ = last_->steady_ms;
  }
  if (gathered_.empty()) gathered_since_ms_ = figures.steady_ms;
  gathered_.push_back(sample);
  keep(samples_, sample, kSamplesKept);
  last_ = figures;
  keep_mean();
}

void Series::keep_mean() {
  const bool whole = last_->steady_ms - gathered_since_ms_ >= kMeanOverMs - kSampleEveryMs;
  if (!whole && gathered_.size() < kSamplesKept) return;
  keep(means_, mean_of(gathered_), kMeansKept);
  gathered_.clear();
}

// Before the second sample nothing is known, and what is not known may be work.
bool Series::is_busy(const Sample& sample) const {
  if (!sample.cpu_milli || !sample.received_bytes_per_s || !sample.sent_bytes_per_s) return true;
  const std::uint64_t cpu =
      std::max<std::uint64_t>(std::uint64_t{cpu_milli_} * kBusyCpuPercent / 100, kBusyCpuMilli);
  if (*sample.cpu_milli > cpu) return true;
  if (*sample.received_bytes_per_s + *sample.sent_bytes_per_s > kBusyBytesPerS) return true;
  if (sample.gpus.size() < cards_) return true;
  return std::ranges::any_of(sample.gpus, [](const GpuReading& card) {
    return card.use_percent.value_or(100) > kBusyGpuPercent;
  });
}

std::vector<Sample> Series::since(base::UnixMillis at_ms) const {
  std::vector<Sample> out;
  const base::UnixMillis fine = samples_.empty() ? 0 : samples_.front().at_ms;
  for (const Sample& one : means_) {
    if (one.at_ms > at_ms && one.at_ms < fine) out.push_back(one);
  }
  for (const Sample& one : samples_) {
    if (one.at_ms > at_ms) out.push_back(one);
  }
  return out;
}

std::optional<std::int64_t> Series::idle_s() const {
  if (samples_.size() < 2) return std::nullopt;
  const Sample& now = samples_.back();
  const bool is_known = now.cpu_milli && now.received_bytes_per_s && now.sent_bytes_per_s &&
                        now.gpus.size() >= cards_ &&
                        std::ranges::all_of(now.gpus, [](const GpuReading& card) {
                          return card.use_percent.has_value();
                        });
  if (!is_known) return std::nullopt;
  return quiet_since_ms_ ? (last_->steady_ms - *quiet_since_ms_) / 1000 : 0;
}

}  // namespace obelisk::host
