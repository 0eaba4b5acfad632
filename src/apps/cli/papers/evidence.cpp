#include "apps/cli/papers/evidence.hpp"

namespace obelisk::cli {

base::Result<Evidence> evidence_for(Session& session, const papers::ReceiptFile& file) {
  TRY(ports::Chain * chain, session.chain());
  Evidence out;
  TRY(out.network, session.network());
  if (out.network != file.network) return out;  // nothing else here is about this receipt
  TRY(out.first_block, session.first_block());
  for (const papers::PaperTransaction& one : file.transactions) {
    session.out().status("Asking for transaction " + std::to_string(out.records.size() + 1) +
                         " of " + std::to_string(file.transactions.size()) + ".");
    TRY(out.records.emplace_back(), chain->transaction(one.signature));
  }
  TRY(out.listed, chain->signatures_for(file.lease, papers::kMaxReceiptTransactions));
  session.out().clear_status();
  if (!file.closed) {
    // Something else at the address is nothing of this lease's.
    const auto account = read_lease(*chain, file.lease, ports::Commitment::confirmed);
    if (account) out.account = *account;
    if (!account && account.error().code != base::Code::refused &&
        account.error().code != base::Code::not_found) {
      return account.error();
    }
  }
  TRY(const ports::AccountAt market, chain->account(file.market, ports::Commitment::confirmed));
  out.market = market.account;
  return out;
}

}  // namespace obelisk::cli
