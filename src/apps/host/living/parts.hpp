// What sampling and answering need of the rest of the host, put together from it.
#pragma once

#include "apps/host/keeper.hpp"
#include "apps/host/living/answerer.hpp"
#include "apps/host/living/sampler.hpp"

namespace obelisk::host {

// Those that are wished for here.
std::vector<LivingLease> living_leases(const std::vector<LeaseRecord>& records);
// Its renter, once the way in is open to him; nothing before.
std::optional<base::PublicKey> open_renter(const std::vector<LeaseRecord>& records,
                                           const std::vector<api::HostLease>& states,
                                           const base::PublicKey& lease);

// Both, of one keeper. All that is named here outlives it.
struct LivingParts {
  const base::PublicKey& market;
  const base::PublicKey& host;
  ports::Containers& containers;
  ports::Clock& clock;
  const Keeper& keeper;
  std::function<bool()> is_connected;
  std::function<void(const std::string& message)> say;
  std::function<base::Result<void>(std::optional<base::UnixSeconds> from_s)> drain;
  ports::CardMonitor* cards = nullptr;  // null: nothing is known of cards
  CardEars* ears = nullptr;
};

class Living {
 public:
  explicit Living(const LivingParts& parts);

  void start() { sampler_.start(); }
  void asked(const api::MarketAsk& question) { answerer_.asked(question); }
  Sampler& sampler() { return sampler_; }

 private:
  Sampler sampler_;
  Answerer answerer_;
};

}  // namespace obelisk::host
