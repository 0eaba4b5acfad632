// open(bump u8, nonce u64, market_rev u64, expires_at i64, rate u64, seconds u32, max_seconds u32,
// terms_hash 32): renter sw, lease w, host w, market, System.
#include "core/escrow/open.hpp"

#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"

namespace obelisk::program {
namespace {

void read_purchase(const uint8_t* data, escrow::Purchase& purchase) {
  purchase.bump = data[1];
  purchase.nonce = load_u64<2>(data);
  purchase.market_rev = load_u64<10>(data);
  purchase.expires_at = load_i64<18>(data);
  purchase.rate = load_u64<26>(data);
  purchase.seconds = load_u32<34>(data);
  purchase.max_seconds = load_u32<38>(data);
  load_key<42>(data, purchase.terms_hash);
}

}  // namespace

uint64_t open(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kOpenLength, 5));
  Account& renter = *input.accounts[0];
  Account& account = *input.accounts[1];
  const Account& host = *input.accounts[2];
  Account& market_account = *input.accounts[3];
  RETURN_IF(!renter.is_writable || !account.is_writable || !host.is_writable, Error::not_writable);
  RETURN_IF(!renter.is_signer, Error::not_signer);
  RETURN_IF(!escrow::same(input.accounts[4]->key, kSystemProgram), Error::wrong_program);
  escrow::Market* market = nullptr;
  RETURN_ERROR(find_market(input, market_account, market));
  // An address that can sign for itself is not one of ours, and could be made a lease anywhere.
  RETURN_IF(account.is_signer, Error::wrong_key);

  escrow::Purchase purchase;
  read_purchase(input.data, purchase);
  const escrow::Parties parties = {&account.key, &renter.key, &host.key, &market_account.key,
                                   host.lamports == 0};
  escrow::Moment moment;
  read_clock(moment);
  RETURN_ERROR(escrow::check_open(*market, purchase, parties, moment.now));
  RETURN_IF(!is_vacant(account), Error::already_open);
  uint64_t lamports = 0;
  RETURN_IF(!escrow::opening_lamports(purchase, lamports), Error::overflow);

  const Slice seeds[4] = {{"lease", 5},
                          {&renter.key, sizeof(Key)},
                          {&purchase.nonce, sizeof purchase.nonce},
                          {&purchase.bump, 1}};
  const Creation creation = {&renter, &account, lamports, sizeof(escrow::Lease), {seeds, 4}};
  if (const uint64_t failed = create_account(input, creation)) return failed;

  escrow::Lease& lease = *reinterpret_cast<escrow::Lease*>(account.data());
  [[clang::always_inline]] escrow::fill_lease(lease, *market, purchase, parties, moment);
  log_event(escrow::Tag::open, account, lease, {});
  return 0;
}

}  // namespace obelisk::program
