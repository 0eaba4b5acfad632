// update_market(terms): operator s, market w, treasury w. All terms are replaced at once; leases
// that are open keep theirs.
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/bounds.hpp"
#include "core/escrow/open.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/terms.hpp"

namespace obelisk::program {

uint64_t update_market(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kUpdateMarketLength, 3));
  const Account& operator_account = *input.accounts[0];
  Account& account = *input.accounts[1];
  const Account& treasury = *input.accounts[2];
  RETURN_IF(!account.is_writable || !treasury.is_writable, Error::not_writable);
  RETURN_IF(!operator_account.is_signer, Error::not_signer);
  escrow::Market* market = nullptr;
  RETURN_ERROR(find_market(input, account, market));
  RETURN_IF(!escrow::same(operator_account.key, market->operator_key), Error::wrong_key);

  escrow::MarketTerms terms;
  read_terms<1>(input.data, terms);
  RETURN_IF(!escrow::within_bounds(terms), Error::out_of_range);
  RETURN_IF(treasury.lamports == 0, Error::empty_wallet);
  RETURN_IF(!escrow::add(market->rev, 1, market->rev), Error::overflow);
  escrow::set_terms(*market, terms, treasury.key);
  return 0;
}

}  // namespace obelisk::program
