// Payer: does what intents say through our own sending, until each is final. It must never decide
// by itself that a payment is lost: it goes on until it is final or somebody ends it.
#pragma once

#include <atomic>
#include <functional>

#include "core/solana/message.hpp"
#include "intents.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::chaos {

class Payer {
 public:
  struct Parts {
    const Plan& plan;
    Intents& intents;
    ports::Chain& chain;
    ports::Clock& clock;
    ports::Signer& renter;
    ports::Signer& attestor;
    // A line for whoever watches: what became of an intent.
    std::function<void(const Intent&, const char* what, const std::string& detail)> say;
  };

  explicit Payer(const Parts& parts) : parts_(parts) {}

  // Until all are done, with so many at once.
  void run(int threads);

 private:
  void work();
  // False: to be tried again after a moment.
  bool pay(const Intent& intent);
  base::Result<std::vector<solana::Instruction>> instructions_for(const Intent& intent);
  base::Result<std::vector<solana::Instruction>> open(const Intent& intent);
  base::Result<std::vector<solana::Instruction>> on_lease(const Intent& intent);

  const Parts parts_;
};

}  // namespace obelisk::chaos
