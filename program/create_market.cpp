// create_market(bump u8, terms): operator sw, market w, treasury w, System.
#include "core/escrow/bounds.hpp"
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/terms.hpp"

namespace obelisk::program {

uint64_t create_market(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kCreateMarketLength, 4));
  Account& operator_account = *input.accounts[0];
  Account& account = *input.accounts[1];
  Account& treasury = *input.accounts[2];
  RETURN_IF(!operator_account.is_writable || !account.is_writable || !treasury.is_writable,
            Error::not_writable);
  RETURN_IF(!operator_account.is_signer, Error::not_signer);
  RETURN_IF(!escrow::same(input.accounts[3]->key, kSystemProgram), Error::wrong_program);
  // An address that can sign for itself is not one of ours, and could be made a market anywhere.
  RETURN_IF(account.is_signer, Error::wrong_key);

  escrow::MarketTerms terms;
  read_terms<2>(input.data, terms);
  RETURN_IF(!escrow::within_bounds(terms), Error::out_of_range);
  RETURN_IF(treasury.lamports == 0, Error::empty_wallet);
  RETURN_IF(!is_vacant(account), Error::already_open);

  const uint8_t bump = input.data[1];
  const Slice seeds[3] = {{"market", 6}, {&operator_account.key, sizeof(Key)}, {&bump, 1}};
  const Creation creation = {
      &operator_account, &account, escrow::kMarketRentLamports, sizeof(escrow::Market), {seeds, 3}};
  if (const uint64_t failed = create_account(input, creation)) return failed;

  escrow::Market& market = *reinterpret_cast<escrow::Market*>(account.data());
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  market.bump = bump;
  market.zero_a = 0;
  market.zero_b = 0;
  market.rev = 1;
  market.operator_key = operator_account.key;
  escrow::set_terms(market, terms, treasury.key);
  return 0;
}

}  // namespace obelisk::program
