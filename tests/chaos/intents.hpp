// Intents: payments that were decided, each of which has to land exactly once; what was signed for
// one is on disk before it is sent. It must never forget an intent, nor let go of an attempt that
// may still land.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "core/solana/attempt.hpp"

namespace obelisk::chaos {

enum class Kind : std::uint8_t { transfer, open, ready, extend, stop, cancel };

struct Intent {
  int id = 0;
  Kind kind{};
  std::optional<int> after;  // only once that one is final
  base::PublicKey to;        // of a transfer
  std::uint64_t lamports = 0;
  std::uint64_t nonce = 0;    // of the others: which lease
  std::uint32_t seconds = 0;  // of open and extend
};

// What the file of --plan says.
struct Plan {
  base::PublicKey program;
  base::PublicKey market;
  base::PublicKey host;
  base::PublicKey treasury;
  std::uint64_t rate_lamports_per_hour = 0;
  std::vector<Intent> intents;
};
base::Result<Plan> read_plan(const std::string& file);

// Any thread.
class Intents {
 public:
  static base::Result<Intents> open(const std::string& file, const Plan& plan);

  // One that is neither done nor in hand and whose predecessor is done.
  std::optional<Intent> take();
  void give_back(const Intent& intent);
  bool all_done();

  base::Result<std::optional<solana::Attempt>> attempt_of(const Intent& intent);
  base::Result<void> keep(const Intent& intent, const solana::Attempt& attempt);
  // It landed and failed there: another may be signed.
  base::Result<void> forget_attempt(const Intent& intent);
  base::Result<void> done(const Intent& intent, const base::Signature& signature);

 private:
  struct Held {
    Intent intent;
    bool in_hand = false;
    bool done = false;
  };
  Intents(sqlite::Database database, std::vector<Held> all)
      : database_(std::move(database)), all_(std::move(all)) {}
  Intents(const Intents&) = delete;

 public:
  Intents(Intents&& other) noexcept
      : database_(std::move(other.database_)), all_(std::move(other.all_)) {}

 private:
  std::mutex mutex_;
  sqlite::Database database_;
  std::vector<Held> all_;  // by id
};

}  // namespace obelisk::chaos
