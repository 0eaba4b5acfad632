// Prover: answers a market that asks for proofs of this host's cards. The whole memory only while
// no lease stands here, and not again and again; a sample before a lease's `ready`. All cards of a
// question at the same time, each in a process of its own: a dead card can hang inside its driver.
// It must never prove a card for a seed that it did not make itself of the nonce and the UUID, nor
// keep a lease waiting behind a proof of the whole memory.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/host/proving/card_answer.hpp"
#include "core/cards/card_proof.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

// Between two proofs of the whole memory: a market must not be able to keep the cards at work.
inline constexpr std::int64_t kWholeAgainMs = 600'000;
// Of one lease: as often as a market that is started again may ask for it.
inline constexpr int kSamplesPerLease = 5;

struct ProverParts {
  base::PublicKey market;
  ports::Signer& signer;
  ports::Clock& clock;
  // The cards that can be asked, by UUID: listed, and there is a libcuda for them.
  std::set<std::string> cards;
  // One proof; `whole` or a sample. Blocks; several at a time.
  std::function<base::Result<CardAnswer>(const std::string& uuid, const cards::Nonce& nonce,
                                         bool whole)>
      prove;
  std::function<bool()> is_idle;                                // no lease stands here
  std::function<bool(const base::PublicKey& lease)> is_coming;  // and is not open yet
  std::function<void(const std::string& message)> say;          // any thread
  std::function<void(const std::string& words)> log;
};

class Prover {
 public:
  explicit Prover(ProverParts parts);
  ~Prover();  // waits for what is under way
  Prover(const Prover&) = delete;
  Prover& operator=(const Prover&) = delete;

  // Returns at once; the answers come later, one for each card.
  void asked(const api::MarketProve& question);

 private:
  // Why it is not answered with a proof; empty: it is.
  std::string refusal(const api::MarketProve& question);  // mutex_ is held
  void answer(const std::string& uuid, const cards::Nonce& nonce, bool whole);
  void sorry(const std::string& nonce, const std::string& uuid, const std::string& why);
  void join_finished();  // mutex_ is held

  struct Work {
    std::jthread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };

  ProverParts parts_;
  std::mutex mutex_;
  std::optional<std::int64_t> whole_at_ms_;  // guarded by mutex_; steady
  std::map<base::PublicKey, int> samples_;   // guarded by mutex_
  std::vector<Work> working_;                // guarded by mutex_
};

}  // namespace obelisk::host
