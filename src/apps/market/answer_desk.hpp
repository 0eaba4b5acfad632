// Answers that are given again: a write that names an idempotency key is done once, and its answer
// is kept for a day, over a restart. Any thread may call. It must never do a write a second time
// that it has an answer to, nor write an answer with a token in it to the store.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/message.hpp"
#include "apps/market/callers.hpp"
#include "ports/answer_store.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr char kIdempotencyHeader[] = "Idempotency-Key";
inline constexpr base::UnixMillis kAnswerLifeMs = 24 * 3'600'000;
inline constexpr std::size_t kMaxAnswers = 256;  // of a caller: the newest
inline constexpr std::size_t kMaxAllAnswers = 100'000;
inline constexpr std::size_t kMaxSecretAnswers = 256;

class AnswerDesk {
 public:
  using Work = std::function<base::Result<http::Response>()>;
  // Where an answer is kept: with the database, or, because it holds a token, only in this process.
  enum class Kept { stored, in_memory };

  AnswerDesk(ports::AnswerStore& store, ports::Clock& clock) : store_(store), clock_(clock) {}

  // The answer to a write: `work`'s, or the one that was given to the same before. What was not
  // done (an answer outside 200 to 299) is not kept: it may be tried again.
  base::Result<http::Response> once(const Caller& caller, const http::Request& request,
                                    const Work& work, Kept kept);
  // The same for an answer that comes later, kept in this process alone.
  class Ticket;
  struct Begun {
    std::optional<http::Response> given;  // it was answered before
    std::shared_ptr<Ticket> ticket;       // for finish(); null where no key was named
  };
  base::Result<Begun> begin(const Caller& caller, const http::Request& request);
  void finish(const Ticket& ticket, const http::Response& response);
  // Forgets what is over, every ten minutes; to be called every second or so.
  void sweep();

 private:
  using Name = std::pair<std::string, std::string>;  // caller, key
  class Turn;
  struct Asked {
    Name name;
    base::Hash hash;
  };
  static base::Result<std::optional<Asked>> asked(const Caller& caller,
                                                  const http::Request& request);
  base::Result<std::optional<http::Response>> before(const Asked& asked, Kept kept);
  base::Result<std::optional<ports::AnswerRow>> find(const Name& name, Kept kept);
  base::Result<ports::AnswerRow> keep(const ports::AnswerRow& row, Kept kept);

  ports::AnswerStore& store_;
  ports::Clock& clock_;
  std::mutex mutex_;
  std::atomic<base::UnixMillis> next_sweep_ms_ = 0;
  std::set<Name> under_way_;                  // guarded by mutex_
  std::map<Name, ports::AnswerRow> secrets_;  // guarded by mutex_
};

}  // namespace obelisk::market_app
