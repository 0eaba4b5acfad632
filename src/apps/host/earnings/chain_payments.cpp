#include "apps/host/earnings/chain_payments.hpp"

#include <algorithm>

#include "ports/landed.hpp"

namespace obelisk::host {
namespace {

bool may_pay(escrow::Tag tag) {
  return tag == escrow::Tag::claim || tag == escrow::Tag::stop || tag == escrow::Tag::finish;
}

void take_steps(const std::vector<index::StepRow>& steps, const base::PublicKey& wallet,
                ChainPayments& out) {
  for (const index::StepRow& step : steps) {
    if (!step.tag || !may_pay(*step.tag)) continue;
    // Of a call by another program the host is not known; of a cut log the amount is not.
    if (!step.host || !step.logged || !step.lease) {
      if (!step.host || *step.host == wallet) ++out.unclear;
      continue;
    }
    if (*step.host != wallet || !step.to_host || step.to_host->count == 0) continue;
    out.payments.push_back({*step.lease, *step.to_host, step.to_treasury.value_or(base::Lamports{}),
                            step.block_time_s});
  }
}

// False where it is older than `from_s`: then so is all that follows.
bool take(const ports::TransactionRecord& record, const base::PublicKey& program,
          const base::PublicKey& wallet, base::UnixSeconds from_s, ChainPayments& out) {
  if (record.block_time && *record.block_time < from_s) return false;
  const auto decoded = index::decode(ports::landed_of(record), program);
  if (!decoded) {
    ++out.unclear;
    return true;
  }
  const index::TransactionRow& row = decoded->transaction;
  if (row.payer == wallet && !decoded->steps.empty()) {
    out.network_fees = base::checked_add(out.network_fees, row.fee).value_or(out.network_fees);
  }
  take_steps(decoded->steps, wallet, out);
  return true;
}

}  // namespace

ChainPayments payments_in(const ports::TransactionRecord& record, const base::PublicKey& program,
                          const base::PublicKey& wallet) {
  ChainPayments out;
  take(record, program, wallet, 0, out);
  return out;
}

base::Result<ChainPayments> read_payments(ports::Chain& chain, const base::PublicKey& program,
                                          const base::PublicKey& wallet, base::UnixSeconds from_s) {
  ChainPayments out;
  ports::HistoryPage page;
  std::size_t read = 0;
  while (true) {
    TRY(const auto entries, chain.history(wallet, page));
    for (const ports::HistoryEntry& entry : entries) {
      if (++read > kMostTransactions) {
        out.is_cut = true;
        return out;
      }
      if (entry.failed) continue;
      TRY(const auto record, chain.transaction(entry.signature));
      if (!record) {
        ++out.unclear;
        continue;
      }
      if (!take(*record, program, wallet, from_s, out)) return out;
    }
    if (entries.size() < page.limit) return out;
    page.before = entries.back().signature;
  }
}

}  // namespace obelisk::host
