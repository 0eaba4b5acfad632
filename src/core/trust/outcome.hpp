// How one lease went, from what the chain keeps of it and from nothing else: anybody with a node
// comes to the same. It judges nobody; score.hpp adds up what this says.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/index/rows.hpp"

namespace obelisk::trust {

enum class Ending : std::uint8_t {
  kept,       // it became ready, and its renter or its time ended it
  left,       // its host ended it before its time
  dark,       // the watch ended it: nobody could log in
  disputed,   // its renter ended it, said it was not served since the last proof, and so it stayed
  missed,     // it never became ready, and was sent back by somebody after its minute
  withdrawn,  // its renter took the money back before it was ready: nobody's fault
};

struct Outcome {
  base::PublicKey lease;
  base::PublicKey host;
  Ending ending = Ending::kept;
  base::UnixSeconds opened_at_s = 0;
  std::optional<base::UnixSeconds> started_at_s;  // ready
  // Of one that became ready: so long it was to be served until it ended, and so long it was
  // proven to be, or granted by its renter.
  std::uint64_t due_s = 0;
  std::uint64_t served_s = 0;
  base::Lamports paid;      // for the time bought, without the bond
  base::Lamports refunded;  // of that

  // From the payment's block to ready's; nothing where it never became ready.
  std::optional<std::uint64_t> wait_s() const;

  bool operator==(const Outcome&) const = default;
};

// Of all steps of one lease's address, in any order: one outcome for each opening that is closed,
// oldest first. An opening of which a step or its event is missing has none.
std::vector<Outcome> outcomes_of(std::vector<index::StepRow> steps);

}  // namespace obelisk::trust
