// Payments of renters and hosts: signed, sent, and sent again with a new blockhash until they
// landed, were refused, or their sender lost patience. They know nothing of the market.
#pragma once

#include <memory>
#include <vector>

#include "core/escrow/instructions.hpp"
#include "sim/stage.hpp"

namespace obelisk::sim {

class Payments {
 public:
  explicit Payments(Stage& stage) : stage_(stage) {}

  // `signer` pays and outlives the world. `tries`: how often it is signed anew.
  void send(KeySigner& signer, std::vector<escrow::Call> calls, int tries);
  // Sends what is due, looks at what was sent.
  void step();
  bool is_any() const { return !under_way_.empty(); }

 private:
  struct UnderWay {
    KeySigner* signer = nullptr;
    std::vector<escrow::Call> calls;
    int tries = 0;
    base::Signature signature;
    std::int64_t look_ms = 0;
  };
  // True once its fate is known.
  bool go_on(UnderWay& payment);

  Stage& stage_;
  std::vector<UnderWay> under_way_;
};

}  // namespace obelisk::sim
