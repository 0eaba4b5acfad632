// NodeHealth: the pool's NodeChoice behind a lock and over a clock, since many threads ask at once.
// Internal to this folder. It must never hold its lock while a node is asked.
#pragma once

#include <mutex>

#include "core/solana/node_choice.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

class NodeHealth {
 public:
  NodeHealth(std::size_t count, ports::Clock& clock, const solana::NodeLimits& limits = {})
      : clock_(clock), choice_(count, limits) {}

  std::vector<std::size_t> order(solana::Ask ask) {
    const std::lock_guard lock(mutex_);
    return choice_.order(ask, clock_.steady_ms());
  }
  // What became of one question: nothing to blame the node for, or the error it ended in.
  void saw(std::size_t node, const base::Error* error) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_ms = clock_.steady_ms();
    if (error != nullptr && error->code == base::Code::rate_limited) {
      choice_.limited(node, now_ms);
    } else if (error != nullptr && is_fault(error->code)) {
      choice_.failed(node, now_ms);
    } else {
      choice_.answered(node, now_ms);
    }
  }
  void told_to_wait(std::size_t node, int retry_ms) {
    const std::lock_guard lock(mutex_);
    choice_.told_to_wait(node, retry_ms, clock_.steady_ms());
  }
  std::int64_t steady_ms() const { return clock_.steady_ms(); }
  std::size_t at_work() {
    const std::lock_guard lock(mutex_);
    return choice_.at_work(clock_.steady_ms());
  }
  std::uint64_t newest(ports::Commitment commitment) {
    const std::lock_guard lock(mutex_);
    return choice_.newest(depth_of(commitment));
  }
  // A node that names an unbelievable slot is left alone like one that does not answer.
  solana::Freshness judge(std::size_t node, ports::Commitment commitment, std::uint64_t slot,
                          std::uint64_t known) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_ms = clock_.steady_ms();
    const auto out = choice_.judge(node, depth_of(commitment), slot, known, now_ms);
    if (out == solana::Freshness::unbelievable) choice_.failed(node, now_ms);
    return out;
  }

  // Whether an error speaks of the way to a node and not of what was asked.
  static bool is_fault(base::Code code) {
    return code == base::Code::unreachable || code == base::Code::timeout ||
           code == base::Code::internal || code == base::Code::forbidden;
  }
  // Whether another node may answer what this one did not.
  static bool moves_on(base::Code code) {
    return is_fault(code) || code == base::Code::rate_limited || code == base::Code::unsupported;
  }

 private:
  static solana::Depth depth_of(ports::Commitment commitment) {
    switch (commitment) {
      case ports::Commitment::processed: return solana::Depth::processed;
      case ports::Commitment::confirmed: return solana::Depth::confirmed;
      case ports::Commitment::finalized: return solana::Depth::finalized;
    }
    return solana::Depth::processed;
  }

  ports::Clock& clock_;
  std::mutex mutex_;
  solana::NodeChoice choice_;
};

}  // namespace obelisk::solana_rpc
