#include "core/escrow/instructions.hpp"

#include "base/check.hpp"
#include "core/escrow/attestation.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::escrow {
namespace {

using base::PublicKey;

CallAccount reads(const PublicKey& key) { return {key, false, false}; }
CallAccount writes(const PublicKey& key) { return {key, false, true}; }
CallAccount signs(const PublicKey& key) { return {key, true, false}; }
CallAccount pays(const PublicKey& key) { return {key, true, true}; }

base::Writer start(Tag tag) {
  base::Writer out;
  out.u8(static_cast<std::uint8_t>(tag));
  return out;
}

void put_terms(base::Writer& out, const MarketTerms& terms) {
  out.u8(terms.paused);
  out.u16(terms.fee_bps);
  out.u32(terms.ready_deadline_s);
  out.u32(terms.gap_limit_s);
  out.u32(terms.claim_window_s);
  out.put(to_public_key(terms.attestor).view());
}

Call finish_call(const PublicKey& program, std::vector<CallAccount> accounts, base::Writer data,
                 std::uint64_t length) {
  CHECK(data.bytes().size() == length);
  return {program, std::move(accounts), std::move(data).take()};
}

PublicKey well_known(std::string_view text) {
  const auto key = PublicKey::parse(text);
  CHECK(key.has_value());
  return *key;
}

}  // namespace

PublicKey system_program() { return {}; }

PublicKey instructions_sysvar() {
  static const PublicKey key = well_known("Sysvar1nstructions1111111111111111111111111");
  return key;
}

PublicKey ed25519_program() {
  static const PublicKey key = well_known("Ed25519SigVerify111111111111111111111111111");
  return key;
}

LeaseAccounts accounts_of(const PublicKey& address, const Lease& lease) {
  return {address, to_public_key(lease.renter), to_public_key(lease.host),
          to_public_key(lease.treasury), to_public_key(lease.attestor)};
}

Call encode_create_market(const PublicKey& program, const CreateMarket& what) {
  base::Writer data = start(Tag::create_market);
  data.u8(what.bump);
  put_terms(data, what.terms);
  return finish_call(program,
                     {pays(what.operator_key), writes(what.market), writes(what.treasury),
                      reads(system_program())},
                     std::move(data), kCreateMarketLength);
}

Call encode_update_market(const PublicKey& program, const UpdateMarket& what) {
  base::Writer data = start(Tag::update_market);
  put_terms(data, what.terms);
  return finish_call(program,
                     {signs(what.operator_key), writes(what.market), writes(what.treasury)},
                     std::move(data), kUpdateMarketLength);
}

Call encode_open(const PublicKey& program, const Open& what) {
  base::Writer data = start(Tag::open);
  data.u8(what.bump);
  data.u64(what.nonce);
  data.u64(what.market_rev);
  data.i64(what.expires_at);
  data.u64(what.rate_lamports_per_hour);
  data.u32(what.seconds);
  data.u32(what.max_seconds);
  data.put(what.terms_hash.view());
  return finish_call(program,
                     {pays(what.renter), writes(what.lease), writes(what.host), reads(what.market),
                      reads(system_program())},
                     std::move(data), kOpenLength);
}

std::optional<Open> parse_open(base::ByteView data) {
  if (data.size() != kOpenLength || data[0] != static_cast<std::uint8_t>(Tag::open)) {
    return std::nullopt;
  }
  base::Reader in(data.subspan(1));
  Open out;
  out.bump = in.u8();
  out.nonce = in.u64();
  out.market_rev = in.u64();
  out.expires_at = in.i64();
  out.rate_lamports_per_hour = in.u64();
  out.seconds = in.u32();
  out.max_seconds = in.u32();
  out.terms_hash.bytes = in.array<32>();
  return out;
}

Call encode_ready(const PublicKey& program, const LeaseAccounts& accounts,
                  std::uint64_t opened_slot) {
  base::Writer data = start(Tag::ready);
  data.u64(opened_slot);
  return finish_call(program, {signs(accounts.attestor), writes(accounts.lease)}, std::move(data),
                     kReadyLength);
}

Call encode_cancel(const PublicKey& program, const LeaseAccounts& accounts, bool renter_signs) {
  const CallAccount renter = renter_signs ? pays(accounts.renter) : writes(accounts.renter);
  return finish_call(program, {writes(accounts.lease), renter}, start(Tag::cancel), kCancelLength);
}

Call encode_extend(const PublicKey& program, const LeaseAccounts& accounts,
                   std::uint32_t total_seconds) {
  base::Writer data = start(Tag::extend);
  data.u32(total_seconds);
  return finish_call(program,
                     {pays(accounts.renter), writes(accounts.lease), reads(system_program())},
                     std::move(data), kExtendLength);
}

Call encode_claim(const PublicKey& program, const LeaseAccounts& accounts) {
  return finish_call(program,
                     {writes(accounts.lease), writes(accounts.renter), writes(accounts.host),
                      writes(accounts.treasury), reads(instructions_sysvar())},
                     start(Tag::claim), kClaimLength);
}

Call encode_stop(const PublicKey& program, const LeaseAccounts& accounts, StopHow how) {
  base::Writer data = start(Tag::stop);
  data.u8(static_cast<std::uint8_t>(how));
  const bool by_renter = how == StopHow::served || how == StopHow::dispute;
  std::vector<CallAccount> list = {writes(accounts.lease),
                                   {accounts.renter, by_renter, true},
                                   {accounts.host, how == StopHow::waive, true},
                                   writes(accounts.treasury)};
  if (how == StopHow::dark) list.push_back(signs(accounts.attestor));
  return finish_call(program, std::move(list), std::move(data), kStopLength);
}

Call encode_finish(const PublicKey& program, const LeaseAccounts& accounts) {
  return finish_call(program,
                     {writes(accounts.lease), writes(accounts.renter), writes(accounts.host),
                      writes(accounts.treasury)},
                     start(Tag::finish), kFinishLength);
}

Call encode_ed25519(const PublicKey& signer, const base::Signature& signature,
                    base::ByteView attestation) {
  CHECK(attestation.size() == sizeof(Attestation));
  base::Writer data;
  data.u64(kEd25519HeaderLow);
  data.u64(kEd25519HeaderHigh);
  data.put(signer.view());
  data.put(signature.view());
  data.put(attestation);
  return finish_call(ed25519_program(), {}, std::move(data), kEd25519DataLength);
}

}  // namespace obelisk::escrow
