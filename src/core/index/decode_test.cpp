#include "core/index/decode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/index/log_reader.hpp"
#include "core/index/testing.hpp"

namespace obelisk::index {
namespace {

using namespace testing;
using escrow::State;
using escrow::Tag;

TEST(LogReader, OnlyOurProgramsLinesCount) {
  const std::string line = data(event(Tag::stop, State::closed));
  using Logs = std::vector<std::string>;
  const auto count = [](const Logs& logs) { return events_in(logs, kProgram).size(); };
  EXPECT_EQ(count({invoke(kProgram), line, success(kProgram)}), 1u);
  EXPECT_EQ(count({invoke(kOther), line, success(kOther)}), 0u);
  EXPECT_EQ(count({line}), 0u);
  EXPECT_EQ(
      count({invoke(kOther), invoke(kProgram, 2), line, success(kProgram), line, success(kOther)}),
      1u);
  EXPECT_EQ(count({invoke(kOther), "Program log: " + invoke(kProgram, 2), line}), 0u);
  EXPECT_EQ(count({invoke(kProgram), line, line, success(kProgram)}), 1u)
      << "the program logs one event a call";
}

TEST(LogReader, SaysWhereACallCameFrom) {
  const auto read =
      read_log({invoke(kProgram), success(kProgram), invoke(kOther), success(kOther),
                invoke(kOther), invoke(kProgram, 2), success(kProgram), success(kOther)},
               kProgram);
  ASSERT_EQ(read.invocations.size(), 2u);
  EXPECT_EQ(read.invocations[0].depth, 1u);
  EXPECT_EQ(read.invocations[0].outer, kProgram);
  EXPECT_EQ(read.invocations[1].depth, 2u);
  EXPECT_EQ(read.invocations[1].outer, kOther);
  EXPECT_EQ(read.invocations[1].outer_nth, 1u) << "the second instruction that calls it";
  EXPECT_EQ(read.state, LogState::whole);
  EXPECT_EQ(read_log({}, kProgram).state, LogState::none);
  EXPECT_EQ(read_log({invoke(kProgram), "Log truncated"}, kProgram).state, LogState::truncated);
}

// The same transaction with some of its accounts in a lookup table; what that holds goes to
// `loaded`.
base::Bytes with_table(const solana::Message& whole, const std::set<base::PublicKey>& in_table,
                       std::vector<base::PublicKey>& loaded) {
  solana::Message out = whole;
  solana::TableLookup table{kOther, {}, {}};
  std::vector<base::PublicKey> readonly;
  out.keys.clear();
  for (std::size_t i = 0; i < whole.keys.size(); ++i) {
    const auto place = static_cast<std::uint8_t>(i);
    if (!in_table.contains(whole.keys[i])) {
      out.keys.push_back(whole.keys[i]);
    } else if (whole.is_writable(i)) {
      table.writable.push_back(place);
      loaded.push_back(whole.keys[i]);
    } else {
      table.readonly.push_back(place);
      readonly.push_back(whole.keys[i]);
      --out.readonly_others;
    }
  }
  loaded.insert(loaded.end(), readonly.begin(), readonly.end());
  out.lookups = {table};
  std::vector<base::PublicKey> all = out.keys;
  all.insert(all.end(), loaded.begin(), loaded.end());
  const auto moved = [&](std::uint8_t& index) {
    const auto at = std::find(all.begin(), all.end(), whole.keys[index]);
    index = static_cast<std::uint8_t>(at - all.begin());
  };
  for (solana::CompiledInstruction& instruction : out.instructions) {
    moved(instruction.program);
    for (std::uint8_t& index : instruction.accounts) moved(index);
  }
  return solana::Transaction(out).wire();
}

TEST(Decode, WhatALookupTableHeldIsReadWhereTheNodeTellsIt) {
  const auto open = open_of();
  const auto made =
      settlement::transaction(kAccounts.renter, {escrow::encode_open(kProgram, open)}, 10'000, {});
  ASSERT_TRUE(made.ok());
  Told told;
  std::vector<base::PublicKey> loaded;
  told.wire = with_table(made->message(), {open.host, open.market, open.lease}, loaded);
  ASSERT_EQ(loaded.size(), 3u);
  told.logs = logged(event(Tag::open, State::funded));
  EXPECT_EQ(told.decoded().steps.at(0).host, std::nullopt) << "nobody tells it";
  EXPECT_EQ(told.decoded().steps.at(0).lease, open.lease) << "the event does";
  told.loaded_keys = loaded;
  const StepRow step = told.decoded().steps.at(0);
  EXPECT_EQ(step.renter, open.renter);
  EXPECT_EQ(step.host, open.host);
  EXPECT_EQ(step.market, open.market);
  EXPECT_EQ(step.lease, open.lease);
}

TEST(Decode, AnOpenCarriesItsTerms) {
  Told told;
  told.wire = wire_of({escrow::encode_open(kProgram, open_of())});
  told.logs = logged(event(Tag::open, State::funded));
  const Decoded decoded = told.decoded();
  EXPECT_EQ(decoded.transaction.version, 0);
  EXPECT_EQ(decoded.transaction.payer, kAccounts.renter);
  EXPECT_EQ(decoded.transaction.fee.count, 5000u);
  EXPECT_EQ(decoded.transaction.block_index, 3u);
  EXPECT_FALSE(decoded.transaction.program_born);
  ASSERT_EQ(decoded.steps.size(), 1u);
  const StepRow& step = decoded.steps[0];
  EXPECT_EQ(step.tag, Tag::open);
  EXPECT_TRUE(step.logged);
  EXPECT_EQ(step.instruction, 1u) << "after the one for compute units";
  EXPECT_EQ(step.lease, kAccounts.lease);
  EXPECT_EQ(step.renter, kAccounts.renter);
  EXPECT_EQ(step.host, kAccounts.host);
  EXPECT_EQ(step.market, key(25));
  EXPECT_EQ(step.nonce, 7u);
  EXPECT_EQ(step.rate_per_hour->count, kRate);
  EXPECT_EQ(step.seconds, 600u);
  EXPECT_EQ(step.max_seconds, 1200u);
  EXPECT_EQ(step.terms_hash->bytes[31], 5);
}

TEST(Decode, TwoCallsOfOneTransactionKeepTheirOrderAndWords) {
  Told told;
  told.wire = wire_of({escrow::encode_extend(kProgram, kAccounts, 900),
                       escrow::encode_stop(kProgram, kAccounts, escrow::StopHow::dispute)});
  told.logs = logged(event(Tag::extend, State::active));
  const auto second = logged(event(Tag::stop, State::closing, {7, 1, 100}));
  told.logs.insert(told.logs.end(), second.begin(), second.end());
  const auto steps = told.decoded().steps;
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].seconds, 900u);
  EXPECT_EQ(steps[1].how, escrow::StopHow::dispute);
  EXPECT_EQ(steps[1].to_host->count, 7u);
  EXPECT_EQ(steps[1].number, 1u);
  const auto event_again = event_of(steps[1]);
  ASSERT_TRUE(event_again);
  EXPECT_EQ(data(*event_again), second[1]);
  EXPECT_LT(steps[0].key(), steps[1].key());
}

TEST(Decode, ACallByAnotherProgramHasNoWordsOfItsOwn) {
  Told told;
  escrow::Call outer = escrow::encode_stop(kProgram, kAccounts, escrow::StopHow::waive);
  outer.program = kOther;
  told.wire = wire_of({outer, escrow::encode_finish(kProgram, kAccounts)});
  told.logs = {invoke(kOther), invoke(kProgram, 2), data(event(Tag::stop, State::closing)),
               success(kProgram), success(kOther)};
  const auto top = logged(event(Tag::finish, State::closed));
  told.logs.insert(told.logs.end(), top.begin(), top.end());
  const auto steps = told.decoded().steps;
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].depth, 2u);
  EXPECT_EQ(steps[0].instruction, 1u);
  EXPECT_FALSE(steps[0].how);
  EXPECT_EQ(steps[0].lease, kAccounts.lease) << "the event names it";
  EXPECT_EQ(steps[1].depth, 1u);
  EXPECT_EQ(steps[1].host, kAccounts.host);
}

TEST(Decode, WhatALogDoesNotShowIsAStepWithoutAmounts) {
  Told told;
  told.wire = wire_of(
      {escrow::encode_claim(kProgram, kAccounts), escrow::encode_finish(kProgram, kAccounts)});
  told.logs = {invoke(kProgram), data(event(Tag::claim, State::active, {5, 0, 0})),
               "Log truncated"};
  for (const bool cut : {true, false}) {
    if (!cut) told.logs.clear();
    const Decoded decoded = told.decoded();
    EXPECT_EQ(decoded.transaction.logs, cut ? LogState::truncated : LogState::none);
    ASSERT_EQ(decoded.steps.size(), 2u);
    EXPECT_EQ(decoded.steps[0].logged, cut);
    EXPECT_FALSE(decoded.steps[1].logged);
    EXPECT_EQ(decoded.steps[1].tag, Tag::finish);
    EXPECT_EQ(decoded.steps[1].lease, kAccounts.lease);
    EXPECT_FALSE(decoded.steps[1].to_host);
    EXPECT_FALSE(decoded.steps[1].state);
  }
}

TEST(Decode, AFailedTransactionIsARowWithoutSteps) {
  Told told;
  told.wire = wire_of({escrow::encode_finish(kProgram, kAccounts)});
  told.logs = logged(event(Tag::finish, State::closed));
  told.error = "{\"InstructionError\":[1,{\"Custom\":118}]}" + std::string(5000, ' ');
  const Decoded decoded = told.decoded();
  EXPECT_TRUE(decoded.steps.empty());
  ASSERT_TRUE(decoded.transaction.error);
  EXPECT_EQ(decoded.transaction.error->size(), 1000u);
}

TEST(Decode, KnowsTheTransactionThatMadeTheProgram) {
  Told told;
  told.wire = wire_of({escrow::encode_finish(kProgram, kAccounts)});
  const auto message = solana::decode_transaction(told.wire)->message();
  told.before.assign(message.keys.size(), base::Lamports{9});
  told.after = told.before;
  EXPECT_FALSE(told.decoded().transaction.program_born);
  for (std::size_t i = 0; i < message.keys.size(); ++i) {
    if (message.keys[i] == kProgram) told.before[i] = {0};
  }
  EXPECT_TRUE(told.decoded().transaction.program_born);
}

// The same call in the two older forms and, by hand, in the newest: see SIMD-0385.
TEST(Decode, LegacyAndV1TellTheSame) {
  const escrow::Call call = escrow::encode_cancel(kProgram, kAccounts, true);
  const auto compiled = solana::compile_message(
      kAccounts.renter, {settlement::to_instruction(call)}, {}, solana::MessageVersion::legacy);
  ASSERT_TRUE(compiled);
  Told told;
  told.wire = solana::Transaction(*compiled).wire();
  told.logs = logged(event(Tag::cancel, State::closed));
  const Decoded legacy = told.decoded();
  EXPECT_EQ(legacy.transaction.version, kLegacy);

  base::Writer v1;
  v1.u8(0x81);
  v1.u8(compiled->signers);
  v1.u8(compiled->readonly_signers);
  v1.u8(compiled->readonly_others);
  v1.u32(0);
  v1.put(compiled->blockhash.view());
  v1.u8(1);
  v1.u8(static_cast<std::uint8_t>(compiled->keys.size()));
  for (const auto& one : compiled->keys) v1.put(one.view());
  const auto& instruction = compiled->instructions[0];
  v1.u8(instruction.program);
  v1.u8(static_cast<std::uint8_t>(instruction.accounts.size()));
  v1.u16(static_cast<std::uint16_t>(instruction.data.size()));
  v1.put(instruction.accounts);
  v1.put(instruction.data);
  v1.put(base::Signature{}.view());
  told.wire = v1.bytes();
  Decoded newest = told.decoded();
  EXPECT_EQ(newest.transaction.version, 1);
  EXPECT_EQ(newest.steps, legacy.steps);
  ASSERT_EQ(newest.steps.size(), 1u);
  EXPECT_EQ(newest.steps[0].renter_signed, true);
}

TEST(Decode, RefusesWhatIsNoTransaction) {
  const std::vector<std::string> logs;
  const base::Bytes wire{1, 2, 3};
  EXPECT_FALSE(decode({.wire = wire, .logs = logs}, kProgram));
}

}  // namespace
}  // namespace obelisk::index
