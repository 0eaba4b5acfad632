// Answerer: what the market asks of a lease here or of this host, answered once each: readings at
// once, the rest on threads of their own, bounded in number. It must never show a renter's output
// or run anything without that renter's own signature, nor stop serving without the owner's,
// whoever the market is by now.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/host/living/sampler.hpp"
#include "apps/host/living/signed_calls.hpp"

namespace obelisk::host {

inline constexpr std::size_t kMaxAnswersUnderWay = 32;

struct AnswererParts {
  base::PublicKey market;
  base::PublicKey host;  // this one's own key
  ports::Containers& containers;
  ports::Clock& clock;
  Sampler& sampler;
  // Who may log in to that lease now; nothing while nobody may.
  std::function<std::optional<base::PublicKey>(const base::PublicKey& lease)> renter_of;
  std::function<void(const std::string& message)> say;  // any thread
  // From when nothing new is served; nothing: the cards are offered again. Any thread.
  std::function<base::Result<void>(std::optional<base::UnixSeconds> from_s)> drain;
};

class Answerer {
 public:
  explicit Answerer(AnswererParts parts);
  ~Answerer();  // ends the commands that run
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  // Returns at once.
  void asked(const api::MarketAsk& question);

 private:
  using Answer = base::Result<api::HostAnswer>;
  struct Work {
    std::jthread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  Answer answer_slowly(const api::MarketAsk& question, const std::stop_token& stop);
  Answer logs(const api::MarketAsk& question);
  Answer execute(const api::MarketAsk& question, const std::stop_token& stop);
  Answer maintain(const api::MarketAsk& question);
  base::Result<CheckedCall> checked(const api::MarketAsk& question, const char* method,
                                    const std::string& what);
  void say(const std::string& id, const Answer& answer);

  AnswererParts parts_;
  SignedCalls calls_;
  std::mutex mutex_;
  std::vector<Work> working_;  // guarded by mutex_
};

}  // namespace obelisk::host
