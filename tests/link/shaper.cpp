#include "shaper.hpp"

#include <algorithm>

namespace obelisk::link {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kChances = 3;  // that each packet takes: loss, reorder, jitter
constexpr std::int64_t kNsPerUs = 1'000;
constexpr std::uint64_t kNsPerS = 1'000'000'000;

}  // namespace

// SplitMix64 at a place of its own for each packet: no setting shifts the chances of another.
std::uint64_t Shaper::chance(std::uint64_t which) const {
  const std::uint64_t place = (offered_ - 1) * kChances + which + 1;
  std::uint64_t z = seed_ + place * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void Shaper::set(const Settings& settings) {
  settings_ = settings;
  if (!settings_.cut) return;
  counters_.dropped_cut += waiting_.size();
  waiting_ = {};
  waiting_bytes_ = 0;
  on_line_.clear();
  line_free_ns_ = in_order_ns_ = 0;
}

// False: as many wait already as may.
bool Shaper::enter_line(std::size_t bytes, std::int64_t now_ns) {
  while (!on_line_.empty() && on_line_.front() <= now_ns) on_line_.pop_front();
  const std::int64_t begins_ns = std::max(now_ns, line_free_ns_);
  if (begins_ns > now_ns && on_line_.size() >= settings_.queue_packets) return false;
  line_free_ns_ = begins_ns;
  if (settings_.rate_bits_per_s > 0) {
    line_free_ns_ += static_cast<std::int64_t>(bytes * 8 * kNsPerS / settings_.rate_bits_per_s);
  }
  if (begins_ns > now_ns) on_line_.push_back(begins_ns);
  return true;
}

// Once the line has taken it.
std::int64_t Shaper::leaves_at() {
  const auto jitter_us =
      static_cast<std::int64_t>(chance(2) % static_cast<std::uint64_t>(settings_.jitter_us + 1));
  const std::int64_t after_ns = (settings_.delay_us + jitter_us) * kNsPerUs;
  const std::int64_t leaves_ns = std::max(line_free_ns_ + after_ns, in_order_ns_);
  if (chance(1) % kMillion < settings_.reorder_ppm) return leaves_ns + settings_.hold_us * kNsPerUs;
  in_order_ns_ = leaves_ns;
  return leaves_ns;
}

void Shaper::count_carried(std::uint64_t number, std::size_t bytes) {
  ++counters_.carried;
  counters_.carried_bytes += bytes - header_bytes_;
  if (number < newest_out_) ++counters_.reordered;
  newest_out_ = std::max(newest_out_, number);
}

bool Shaper::offer(std::span<const std::byte> packet, std::int64_t now_ns) {
  ++offered_;
  if (settings_.cut) {
    ++counters_.dropped_cut;
    return false;
  }
  if (chance(0) % kMillion < settings_.loss_ppm) {
    ++counters_.dropped_loss;
    return false;
  }
  if (waiting_bytes_ + packet.size() > most_waiting_bytes_) {
    ++counters_.dropped_full;
    return false;
  }
  if (!enter_line(packet.size() - header_bytes_, now_ns)) {
    ++counters_.dropped_queue;
    return false;
  }
  const std::int64_t leaves_ns = leaves_at();
  // One that is due but was not taken yet goes first.
  if (leaves_ns <= now_ns && (waiting_.empty() || waiting_.top().leaves_ns > now_ns)) {
    count_carried(offered_, packet.size());
    return true;
  }
  waiting_bytes_ += packet.size();
  waiting_.push({leaves_ns, offered_, Packet(packet.begin(), packet.end())});
  return false;
}

std::optional<std::int64_t> Shaper::next_ns() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.top().leaves_ns;
}

std::optional<Packet> Shaper::take(std::int64_t now_ns) {
  if (waiting_.empty() || waiting_.top().leaves_ns > now_ns) return std::nullopt;
  const std::int64_t late_us = (now_ns - waiting_.top().leaves_ns) / kNsPerUs;
  counters_.latest_us = std::max(counters_.latest_us, late_us);
  const std::uint64_t number = waiting_.top().number;
  Packet packet = std::move(waiting_.top().packet);
  waiting_.pop();
  waiting_bytes_ -= packet.size();
  count_carried(number, packet.size());
  return packet;
}

Counters Shaper::counters() const {
  Counters out = counters_;
  out.waiting = waiting_.size();
  return out;
}

}  // namespace obelisk::link
