// CardProofs: asks hosts to prove their cards, checks the answers, and remembers what was proven.
// The whole memory once a card is listed that nobody saw proven: until the answer is there, the
// host offers nothing. A sample before a lease's `ready`. Checking costs a tenth of a second of the
// processor, so it has a thread of its own and a bounded queue. It must never believe a size, a
// seed or a time that a host says: all three are what was asked, or its own clock's.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/market/engine/card_checks.hpp"
#include "apps/market/log.hpp"
#include "core/cards/card_proof.hpp"
#include "core/market/listing.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::market_app {

// From the question to the answer, by the market's clock. How long real cards take is not measured
// yet: docs/card-proof.md.
inline constexpr std::int64_t kWholeProofMs = 150'000;
inline constexpr std::int64_t kSampleProofMs = 20'000;
inline constexpr std::size_t kMaxProofsQueued = 512;
inline constexpr std::size_t kMaxLeaseSamples = 10'000;
// Hosts of which something is remembered: more than a market has room for at once. One that is
// forgotten is asked again.
inline constexpr std::size_t kMaxHostsKnown = 50'000;

struct CardProofParts {
  ports::Clock& clock;
  base::PublicKey market;
  // The market's own key: what it saw proven it takes back from a host that carries it.
  ports::Signer& own_key;
  Log& log;
  // To the host, where it is connected.
  std::function<void(const base::PublicKey& host, const std::string& message)> send;
  std::function<void(const base::PublicKey& host, const base::Error& why)> notice;
  // What the host offers is another now. Neither is called with a lock held.
  std::function<void(const base::PublicKey& host)> changed;
};

class CardProofs final : public engine::CardChecks {
 public:
  explicit CardProofs(CardProofParts parts);
  ~CardProofs() override;
  CardProofs(const CardProofs&) = delete;
  CardProofs& operator=(const CardProofs&) = delete;

  // --- for the hub ---
  // A listing was taken; `said` is what the host carries of earlier proofs.
  void listed(const market::Listing& listing, const std::vector<api::ProvenCard>& said);
  void host_gone(const base::PublicKey& host);
  void answered(const base::PublicKey& host, const api::HostCardProof& answer);
  // Gives up on what was not answered in time; to be called every second or so.
  void sweep();

  // --- for the offers ---
  // It is being asked, or what it answered was wrong.
  bool is_withheld(const base::PublicKey& host) const;
  // 0: nothing is.
  std::uint64_t proven_bytes(const base::PublicKey& host, const std::string& uuid) const;

  // --- for the engine ---
  void ask(const lease::Quote& quote) override;
  engine::CardSaid said(const lease::Quote& quote) override;

 private:
  struct Card {
    std::uint64_t listed_bytes = 0;
    bool answered = false;  // and is being checked
  };
  using Cards = std::map<std::string, Card>;  // by UUID
  struct Asked {
    base::PublicKey host;
    cards::Nonce nonce{};
    std::int64_t at_ms = 0;  // steady
    Cards cards;             // that have not come to their end
    bool simulated = false;
    std::optional<base::PublicKey> lease;  // of a sample
    std::string wrong;                     // why, where something is
  };
  struct Job {
    Asked asked;  // as it was when the answer came
    std::uint64_t listed_bytes = 0;
    api::HostCardProof answer;
  };
  using Key = std::pair<base::PublicKey, std::string>;  // host and nonce, in hex

  void run(const std::stop_token& stop);
  void check(const Job& job);
  base::Result<std::uint32_t> chunks_of(const Job& job) const;
  void proven(const Job& job, std::uint32_t chunks);
  void refuted(const Job& job, const base::Error& why);
  void finish(const Key& key, const std::string& uuid, const std::string& wrong);
  void close(std::map<Key, Asked>::iterator at);  // mutex_ is held
  static Cards proven_of(const lease::Quote& quote);
  std::string send_question(Asked asked);  // mutex_ is held; the message
  bool is_good(const base::PublicKey& host, const api::ProvenCard& card) const;

  CardProofParts parts_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Key, Asked> open_;                                               // guarded by mutex_
  std::map<base::PublicKey, std::map<std::string, cards::Proven>> proven_;  // guarded by mutex_
  std::set<base::PublicKey> tried_;                      // in this connection; guarded by mutex_
  std::set<base::PublicKey> refuted_;                    // guarded by mutex_
  std::map<base::PublicKey, engine::CardSaid> samples_;  // by lease; guarded by mutex_
  std::deque<base::PublicKey> sample_order_;             // guarded by mutex_
  std::deque<Job> queue_;                                // guarded by mutex_
  std::jthread thread_;
};

}  // namespace obelisk::market_app
