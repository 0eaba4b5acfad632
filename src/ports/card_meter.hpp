// CardMeter: what one card really has, found out by using it: memory that is there at once, and how
// fast it is read, copied and reached from the host. Figures are this machine's own word; only the
// proof of memory can be checked elsewhere (core/cards/memory_proof.hpp). It must never change a
// setting of a card, and never leave anything on it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::ports {

struct CardMeterRequest {
  std::string uuid;                      // as the driver says it: "GPU-" or "MIG-", 36 more
  std::array<std::uint8_t, 32> seed{};   // of this card and this proof: nonce and uuid, hashed
  std::uint32_t share_percent = 90;      // of the card's memory to fill, 1 to 98
  std::uint64_t bytes_most = 0;          // fill no more than that; 0: the share alone counts
  bool proof_only = false;               // nothing of how fast it is
  std::int64_t time_limit_ms = 120'000;  // of the whole measurement, 1 to 3,600,000
  std::uint32_t rounds = cards::kMemoryRounds;  // 1 to cards::kMaxMemoryRounds
};

struct CardFigures {
  std::uint64_t memory_bytes = 0;  // all that the driver says the card has
  cards::MemoryTerms terms;        // what was proven: terms.bytes() of memory
  cards::MemoryProof proof;
  std::int64_t proof_ms = 0;  // from the first cell to the last sample
  // The medians of some passes, in bytes a second. Copied bytes count once, though each is read and
  // written. The last three are missing where the driver lacks what they need.
  std::uint64_t read_bytes_per_s = 0;  // 0 only where nothing but a proof was asked for
  std::optional<std::uint64_t> copy_bytes_per_s;
  std::optional<std::uint64_t> to_card_bytes_per_s;
  std::optional<std::uint64_t> from_card_bytes_per_s;
  std::int64_t elapsed_ms = 0;  // of everything, with the start of the driver
  bool simulated = false;       // from a script and not from a card: whoever shows it must say so
};

class CardMeter {
 public:
  virtual ~CardMeter() = default;
  // One measurement at a time on a card; it blocks its thread until the figures are there.
  //   invalid_input       the request is out of its ranges
  //   missing_dependency  no driver on this machine, or one that does not start
  //   not_found           the driver knows no card of that UUID
  //   conflict            the card is in use: less memory is free than asked for
  //   unsupported         card or driver are too old for our kernels
  //   unreachable         the card failed in the middle, or is gone
  //   timeout             it took longer than allowed
  //   refused             the card's answers contradict each other or cannot be
  virtual base::Result<CardFigures> measure(const CardMeterRequest& request) = 0;
};

}  // namespace obelisk::ports
