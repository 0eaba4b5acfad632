// Our messages and program addresses against those of @solana/kit: tests/corpus, which
// tools/vectors/solana.mjs writes. It stands here since core has no JSON.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "adapters/solana/answers.hpp"
#include "core/solana/pda.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

using solana::AccountMeta;
using solana::Instruction;
using solana::Message;

const json::array& list_in(const json::value* value) {
  static const json::array none;
  const json::array* list = value ? value->if_array() : nullptr;
  return list ? *list : none;
}

class KitVectors : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in("tests/corpus/solana_messages.json", std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    auto parsed = parse_json(text.str());
    ASSERT_TRUE(parsed.has_value()) << "tests/corpus/solana_messages.json is missing or broken";
    corpus_ = *std::move(parsed);
    for (const json::value& key : list_in(member(&corpus_, "keys"))) {
      keys_.push_back(fixed_in<base::PublicKey>(&key).value());
    }
  }

  const base::PublicKey& key(const json::value& index) const {
    return keys_.at(unsigned_in(&index).value());
  }
  std::vector<Instruction> instructions(const json::value& entry) const {
    std::vector<Instruction> out;
    for (const json::value& each : list_in(member(&entry, "instructions"))) {
      Instruction instruction{key(*member(&each, "program")), {}, {}};
      instruction.data = base::from_hex(text_in(member(&each, "data")).value()).value();
      for (const json::value& account : list_in(member(&each, "accounts"))) {
        const json::array& parts = list_in(&account);
        const auto role = unsigned_in(&parts.at(1)).value();
        const bool in_table = unsigned_in(&parts.at(2)).value() == 1;
        instruction.accounts.push_back(
            {key(parts.at(0)), (role & 2) != 0, (role & 1) != 0, in_table});
      }
      out.push_back(std::move(instruction));
    }
    return out;
  }

  json::value corpus_;
  std::vector<base::PublicKey> keys_;
};

// What a decoder can know: rights are a transaction's, not an instruction's, and a table's keys are
// not in the message.
std::vector<Instruction> as_decoded(std::vector<Instruction> instructions,
                                    const base::PublicKey& payer) {
  std::map<base::PublicKey, AccountMeta> merged;
  merged[payer] = {payer, true, true};
  for (const Instruction& instruction : instructions) {
    for (const AccountMeta& account : instruction.accounts) {
      AccountMeta& all = merged[account.key];
      all.signer |= account.signer;
      all.writable |= account.writable;
      all.unresolved |= account.unresolved;
    }
  }
  for (Instruction& instruction : instructions) {
    for (AccountMeta& account : instruction.accounts) {
      const AccountMeta& all = merged[account.key];
      account.signer = all.signer;
      account.writable = all.writable;
      // kit takes a key out of the tables where it signs or where it is also named outright.
      account.unresolved = all.unresolved && !all.signer;
      if (account.unresolved) account.key = {};
    }
  }
  return instructions;
}

TEST_F(KitVectors, CompiledMessagesAreByteForByteKits) {
  int compared = 0;
  for (const json::value& entry : list_in(member(&corpus_, "messages"))) {
    const auto kind = text_in(member(&entry, "kind")).value();
    if (kind != "legacy" && kind != "v0") continue;
    const auto version = kind == "v0" ? solana::MessageVersion::v0 : solana::MessageVersion::legacy;
    const auto message =
        solana::compile_message(key(*member(&entry, "payer")), instructions(entry),
                                fixed_in<base::Hash>(member(&entry, "blockhash")).value(), version);
    ASSERT_TRUE(message.ok()) << message.error().message;
    ASSERT_EQ(base::to_base64(solana::serialize(*message)),
              text_in(member(&entry, "message")).value())
        << "message " << compared;
    ++compared;
  }
  EXPECT_EQ(compared, 300);
}

TEST_F(KitVectors, KitsMessagesAreReadAsWhatWentInAndWrittenBackUnchanged) {
  std::map<std::string, int> read;
  for (const json::value& entry : list_in(member(&corpus_, "messages"))) {
    const auto text = text_in(member(&entry, "message")).value();
    const auto bytes = base::from_base64(text).value();
    const auto message = solana::decode_message(bytes);
    ASSERT_TRUE(message.ok()) << message.error().message << " " << text;
    EXPECT_EQ(solana::serialize(*message), bytes);
    EXPECT_EQ(message->payer(), key(*member(&entry, "payer")));
    EXPECT_EQ(message->blockhash, fixed_in<base::Hash>(member(&entry, "blockhash")).value());
    EXPECT_EQ(solana::instructions_of(*message), as_decoded(instructions(entry), message->payer()));
    ++read[std::string(text_in(member(&entry, "kind")).value())];
  }
  EXPECT_EQ(read["legacy"], 150);
  EXPECT_EQ(read["v0"], 150);
  EXPECT_EQ(read["lookups"], 30);
  EXPECT_EQ(read["v1"], 40);
}

TEST_F(KitVectors, ProgramAddressesAreKits) {
  int compared = 0;
  for (const json::value& entry : list_in(member(&corpus_, "program_addresses"))) {
    std::vector<base::Bytes> seeds;
    for (const json::value& seed : list_in(member(&entry, "seeds"))) {
      seeds.push_back(base::from_hex(text_in(&seed).value()).value());
    }
    const std::vector<base::ByteView> views(seeds.begin(), seeds.end());
    const auto program = fixed_in<base::PublicKey>(member(&entry, "program")).value();
    const auto found = solana::find_program_address(views, program);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->address, fixed_in<base::PublicKey>(member(&entry, "address")).value());
    EXPECT_EQ(found->bump, unsigned_in(member(&entry, "bump")).value());
    ++compared;
  }
  EXPECT_EQ(compared, 100);
}

}  // namespace
}  // namespace obelisk::solana_rpc
