#include "sim/payments.hpp"

#include "core/settlement/settlement.hpp"

namespace obelisk::sim {
namespace {

constexpr std::uint32_t kUnits = 10'000;
constexpr std::int64_t kLookAgainMs = 15'000;

}  // namespace

void Payments::send(KeySigner& signer, std::vector<escrow::Call> calls, int tries) {
  UnderWay payment{&signer, std::move(calls), tries, {}, 0};
  if (!go_on(payment)) under_way_.push_back(std::move(payment));
}

bool Payments::go_on(UnderWay& payment) {
  if (stage_.now_ms() < payment.look_ms) return false;
  if (!payment.signature.is_zero()) {
    const auto statuses = stage_.chain.statuses({payment.signature}, ports::Search::whole);
    if (statuses->found.front()) return true;
  }
  if (payment.tries-- <= 0) return true;
  const auto blockhash = stage_.chain.latest_blockhash(ports::Commitment::confirmed);
  auto transaction = settlement::transaction(payment.signer->public_key(), payment.calls, kUnits,
                                             blockhash->blockhash);
  CHECK(transaction && solana::sign(*transaction, *payment.signer));
  payment.signature = transaction->id();
  payment.look_ms = stage_.now_ms() + kLookAgainMs;
  (void)stage_.chain.send(transaction->wire(), false);
  return false;
}

void Payments::step() {
  std::erase_if(under_way_, [this](UnderWay& payment) { return go_on(payment); });
}

}  // namespace obelisk::sim
