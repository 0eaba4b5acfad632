// The card catalogue: every kind of card this version can list, what its maker says it does, and
// the price it starts with. Figures are the data sheet's, never ours: what a host measured is kept
// elsewhere. It must never guess: a card whose name is not exactly known is no card of the table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace obelisk::cards {

inline constexpr std::string_view kCpuId = "cpu";

struct Card {
  std::string_view id;    // how commands name it: "rtx-4090"
  std::string_view name;  // how people name it: "RTX 4090"
  // Every name the driver (NVML) gives this card, after an optional "NVIDIA "; unused ones empty.
  std::string_view driver_names[2];
  std::uint32_t memory_gib = 0;
  std::uint32_t bandwidth_gb_per_s = 0;  // 10^9 bytes
  // Dense FP16/BF16 matrix rate with FP32 sums, 10^9 operations a second.
  std::uint32_t fp16_gflops = 0;
  std::uint32_t compute_capability = 0;  // 89 is 8.9
  std::string_view source;
  std::optional<std::uint64_t> list_micro_usd_per_hour;  // nothing: on demand, a host says
  // Of an instance of a cut card: the id of the whole one; else empty.
  std::string_view part_of = {};

  std::uint64_t memory_bytes() const { return std::uint64_t{memory_gib} << 30; }
  std::uint64_t bandwidth_bytes_per_s() const { return bandwidth_gb_per_s * 1'000'000'000ull; }
  std::uint32_t fp16_tflops() const { return (fp16_gflops + 500) / 1000; }
};

// In the order a list shows them: whole cards by what they cost, instances of cut ones, the `cpu`
// kind last.
std::span<const Card> catalogue();
// Null for an id that is not in the table.
const Card* find_card(std::string_view id);
// The card that a driver's product name means. Exact but for the "NVIDIA " that older drivers leave
// out: "RTX 4090" must not take in the "RTX 4090 D" or a laptop's. Null for every other name.
const Card* match_driver_name(std::string_view driver_name);
// Whether a driver may report so much memory for this card: ECC and firmware take a part of what
// the data sheet says, nothing adds to it. Always true for a card without memory of its own.
bool plausible_memory(const Card& card, std::uint64_t memory_bytes);
// "a40, rtx-3090, ...": what to say to somebody who asked for a card that does not exist. Of the
// instances, which are many, one stands for all.
std::string known_ids();

}  // namespace obelisk::cards
