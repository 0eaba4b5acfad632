// Series: what a lease used over time, from figures that are taken every ten seconds: each of the
// last hour, and means of two minutes of the last day. And for how long it has done nothing to
// speak of. Bounded, in memory alone, pure: time is a parameter. It must never call a lease idle
// for whose idleness a figure is missing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace obelisk::host {

inline constexpr base::UnixMillis kSampleEveryMs = 10'000;
inline constexpr std::size_t kSamplesKept = 360;  // an hour
inline constexpr base::UnixMillis kMeanOverMs = 120'000;
inline constexpr std::size_t kMeansKept = 720;  // a day

// A lease is busy where one of these is exceeded between two samples.
inline constexpr std::uint32_t kBusyCpuPercent = 5;      // of its cores, and
inline constexpr std::uint32_t kBusyCpuMilli = 50;       // of one core: a login takes some
inline constexpr std::uint32_t kBusyGpuPercent = 5;      // of any card of its
inline constexpr std::uint64_t kBusyBytesPerS = 20'000;  // in and out together

// One card as its driver describes it now.
struct GpuReading {
  std::string uuid;
  std::optional<std::uint32_t> use_percent = {};
  std::optional<std::uint64_t> memory_used_bytes = {};
  std::optional<std::uint64_t> memory_bytes = {};
  std::optional<std::uint32_t> milliwatts = {};
  std::optional<std::uint32_t> celsius = {};

  bool operator==(const GpuReading&) const = default;
};

// What was read at one moment. Counters grow; one that is smaller than before began anew.
struct Figures {
  base::UnixMillis at_ms = 0;  // of the wall clock, for people
  std::int64_t steady_ms = 0;  // what lies between two samples is counted by this
  std::optional<std::uint64_t> cpu_us = {};
  std::optional<std::uint64_t> memory_bytes = {};
  std::optional<std::uint64_t> processes = {};
  std::optional<std::uint64_t> disk_used_bytes = {};
  std::optional<std::uint64_t> received_bytes = {};
  std::optional<std::uint64_t> sent_bytes = {};
  std::vector<GpuReading> gpus = {};
};

struct Sample {
  base::UnixMillis at_ms = 0;
  std::uint32_t seconds = 0;  // it stands for so many before at_ms; 0: for none
  std::optional<std::uint64_t> cpu_milli = {};
  std::optional<std::uint64_t> memory_bytes = {};
  std::optional<std::uint64_t> processes = {};
  std::optional<std::uint64_t> disk_used_bytes = {};
  std::optional<std::uint64_t> received_bytes_per_s = {};
  std::optional<std::uint64_t> sent_bytes_per_s = {};
  std::vector<GpuReading> gpus = {};

  bool operator==(const Sample&) const = default;
};

class Series {
 public:
  // What the lease may use, and how many cards it has.
  Series(std::uint32_t cpu_milli, std::size_t cards) : cpu_milli_(cpu_milli), cards_(cards) {}

  void add(const Figures& figures);
  // Those after that time, the oldest first: means of what is older than an hour, then samples.
  std::vector<Sample> since(base::UnixMillis at_ms) const;
  // Seconds since it last did something, by the newest figures; nothing where one is missing that
  // could show it busy, or before the second sample.
  std::optional<std::int64_t> idle_s() const;
  std::uint32_t cpu_milli() const { return cpu_milli_; }

 private:
  bool is_busy(const Sample& sample) const;
  void keep_mean();

  std::uint32_t cpu_milli_;
  std::size_t cards_;
  std::optional<Figures> last_;
  std::deque<Sample> samples_;
  std::deque<Sample> means_;
  std::vector<Sample> gathered_;  // of the mean that is under way
  std::int64_t gathered_since_ms_ = 0;
  std::optional<std::int64_t> quiet_since_ms_;  // steady
};

// Of each figure the mean of those that are known, weighted by their seconds.
Sample mean_of(const std::vector<Sample>& samples);

}  // namespace obelisk::host
