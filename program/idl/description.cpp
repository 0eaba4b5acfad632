#include "program/idl/description.hpp"

#include <utility>

namespace obelisk::idl {
namespace {

using escrow::Event;
using escrow::Lease;
using escrow::Market;
using escrow::Tag;
using enum Type;

constexpr std::string_view kSystem = "11111111111111111111111111111111";
constexpr std::string_view kSysvar = "Sysvar1nstructions1111111111111111111111111";

AccountUse reads(std::string_view name) { return {name}; }
AccountUse writes(std::string_view name) { return {name, true}; }
AccountUse signs(std::string_view name) { return {name, false, "yes"}; }
AccountUse pays(std::string_view name) { return {name, true, "yes"}; }
AccountUse may_sign(std::string_view name) { return {name, true, "either"}; }
AccountUse system_program() { return {"systemProgram", false, "no", false, kSystem}; }

std::vector<Field> with_terms(std::vector<Field> fields) {
  for (const Field& field :
       {Field{"paused", u8}, Field{"feeBps", u16}, Field{"readyDeadlineS", u32},
        Field{"gapLimitS", u32}, Field{"claimWindowS", u32}, Field{"attestor", key}}) {
    fields.push_back(field);
  }
  return fields;
}

std::vector<InstructionDescription> opening_instructions() {
  return {{"createMarket",
           Tag::create_market,
           escrow::kCreateMarketLength,
           "Makes the operator's market.",
           {pays("operator"), writes("market"), writes("treasury"), system_program()},
           with_terms({{"bump", u8}})},
          {"updateMarket",
           Tag::update_market,
           escrow::kUpdateMarketLength,
           "Replaces all terms for future leases.",
           {signs("operator"), writes("market"), writes("treasury")},
           with_terms({})},
          {"open",
           Tag::open,
           escrow::kOpenLength,
           "Pays price and bond into a new lease.",
           {pays("renter"), writes("lease"), writes("host"), reads("market"), system_program()},
           {{"bump", u8},
            {"nonce", u64},
            {"marketRev", u64},
            {"expiresAt", i64},
            {"rate", u64},
            {"seconds", u32},
            {"maxSeconds", u32},
            {"termsHash", hash}}}};
}

std::vector<InstructionDescription> running_instructions() {
  const std::vector<AccountUse> parties = {writes("lease"), writes("renter"), writes("host"),
                                           writes("treasury")};
  std::vector<AccountUse> claim = parties;
  claim.push_back({"instructionsSysvar", false, "no", false, kSysvar});
  return {
      {"ready",
       Tag::ready,
       escrow::kReadyLength,
       "The attestor has logged in: the rental starts.",
       {signs("attestor"), writes("lease")},
       {{"openedSlot", u64}}},
      {"cancel",
       Tag::cancel,
       escrow::kCancelLength,
       "Before ready: everything back. The renter signs, or the deadline has passed.",
       {writes("lease"), may_sign("renter")},
       {}},
      {"extend",
       Tag::extend,
       escrow::kExtendLength,
       "Buys time, up to a total counted from the start.",
       {pays("renter"), writes("lease"), system_program()},
       {{"total", u32}}},
      {"claim",
       Tag::claim,
       escrow::kClaimLength,
       "Pays what the Ed25519 instruction right before it proves.",
       claim,
       {}},
      {"stop",
       Tag::stop,
       escrow::kStopLength,
       "how: 0 served, 1 disputed (renter signs), 2 waived (host signs), 3 dark (attestor signs).",
       {writes("lease"),
        may_sign("renter"),
        may_sign("host"),
        writes("treasury"),
        {"attestor", false, "yes", true}},
       {{"how", u8}}},
      {"finish",
       Tag::finish,
       escrow::kFinishLength,
       "After the end, or after the window of a contested stop: anyone.",
       parties,
       {}},
  };
}

}  // namespace

std::vector<AccountDescription> accounts() {
  return {
      {"market",
       sizeof(Market),
       escrow::kMarketKind,
       {{"kind", u8, offsetof(Market, kind)},
        {"version", u8, offsetof(Market, version)},
        {"bump", u8, offsetof(Market, bump)},
        {"paused", u8, offsetof(Market, paused)},
        {"feeBps", u16, offsetof(Market, fee_bps)},
        {"zeroA", u16, offsetof(Market, zero_a)},
        {"readyDeadlineS", u32, offsetof(Market, ready_deadline_s)},
        {"gapLimitS", u32, offsetof(Market, gap_limit_s)},
        {"claimWindowS", u32, offsetof(Market, claim_window_s)},
        {"zeroB", u32, offsetof(Market, zero_b)},
        {"rev", u64, offsetof(Market, rev)},
        {"operator", key, offsetof(Market, operator_key)},
        {"treasury", key, offsetof(Market, treasury)},
        {"attestor", key, offsetof(Market, attestor)}}},
      {"lease",
       sizeof(Lease),
       escrow::kLeaseKind,
       {{"kind", u8, offsetof(Lease, kind)},
        {"version", u8, offsetof(Lease, version)},
        {"bump", u8, offsetof(Lease, bump)},
        {"state", u8, offsetof(Lease, state)},
        {"feeBps", u16, offsetof(Lease, fee_bps)},
        {"zeroA", u16, offsetof(Lease, zero_a)},
        {"readyDeadlineS", u32, offsetof(Lease, ready_deadline_s)},
        {"gapLimitS", u32, offsetof(Lease, gap_limit_s)},
        {"claimWindowS", u32, offsetof(Lease, claim_window_s)},
        {"seconds", u32, offsetof(Lease, seconds)},
        {"maxSeconds", u32, offsetof(Lease, max_seconds)},
        {"zeroB", u32, offsetof(Lease, zero_b)},
        {"renter", key, offsetof(Lease, renter)},
        {"host", key, offsetof(Lease, host)},
        {"market", key, offsetof(Lease, market)},
        {"treasury", key, offsetof(Lease, treasury)},
        {"attestor", key, offsetof(Lease, attestor)},
        {"termsHash", hash, offsetof(Lease, terms_hash)},
        {"nonce", u64, offsetof(Lease, nonce)},
        {"openedSlot", u64, offsetof(Lease, opened_slot)},
        {"rate", u64, offsetof(Lease, rate)},
        {"openedAt", i64, offsetof(Lease, opened_at)},
        {"startedAt", i64, offsetof(Lease, started_at)},
        {"provenUntil", i64, offsetof(Lease, proven_until)},
        {"stoppedAt", i64, offsetof(Lease, stopped_at)},
        {"windowEnds", i64, offsetof(Lease, window_ends)},
        {"released", u64, offsetof(Lease, released)}}},
  };
}

std::vector<InstructionDescription> instructions() {
  std::vector<InstructionDescription> all = opening_instructions();
  std::vector<InstructionDescription> running = running_instructions();
  for (InstructionDescription& one : running) all.push_back(std::move(one));
  return all;
}

std::vector<Field> event_fields() {
  return {{"tag", u8, offsetof(Event, tag)},
          {"state", u8, offsetof(Event, state)},
          {"zero", u16, offsetof(Event, zero)},
          {"lease", key, offsetof(Event, lease)},
          {"toHost", u64, offsetof(Event, to_host)},
          {"toTreasury", u64, offsetof(Event, to_treasury)},
          {"toRenter", u64, offsetof(Event, to_renter)},
          {"provenUntil", i64, offsetof(Event, proven_until)},
          {"stoppedAt", i64, offsetof(Event, stopped_at)}};
}

}  // namespace obelisk::idl
