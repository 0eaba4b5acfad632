#include "adapters/solana/answers.hpp"

#include <gtest/gtest.h>

#include "adapters/solana/json_rpc.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;

json::value parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(nullptr);
}

TEST(Answers, EveryLamportOfAnU64IsExact) {
  const auto value = parsed(
      R"({"lamports":18446744073709551615,"owner":"11111111111111111111111111111111",)"
      R"("data":["AQI=","base64"],"executable":false,"rentEpoch":18446744073709551615,"space":2})");
  const auto account = account_in(&value);
  ASSERT_TRUE(account.has_value());
  EXPECT_EQ(account->lamports.count, 18446744073709551615ull);
  EXPECT_EQ(account->data, (base::Bytes{1, 2}));
}

TEST(Answers, AnAccountOfAnotherShapeIsNone) {
  const std::string owner = R"("owner":"11111111111111111111111111111111")";
  for (const std::string& text :
       {std::string("null"), std::string("7"), std::string("{}"),
        R"({"lamports":-1,)" + owner + R"(,"data":["","base64"]})",
        R"({"lamports":1.5,)" + owner + R"(,"data":["","base64"]})",
        R"({"lamports":"1",)" + owner + R"(,"data":["","base64"]})",
        R"({"lamports":1,)" + owner + R"(,"data":["","base58"]})",
        R"({"lamports":1,)" + owner + R"(,"data":["!","base64"]})",
        R"({"lamports":1,)" + owner + R"(,"data":""})",
        std::string(R"({"lamports":1,"owner":"1111","data":["","base64"]})")}) {
    const auto value = parsed(text);
    EXPECT_FALSE(account_in(&value).has_value()) << text;
  }
}

TEST(Answers, StatusesKeepTheErrorAndItsNumber) {
  auto value =
      parsed(R"({"slot":5,"confirmations":1,"err":null,"confirmationStatus":"confirmed"})");
  auto status = status_in(&value);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->slot, 5u);
  EXPECT_EQ(status->commitment, ports::Commitment::confirmed);
  EXPECT_FALSE(status->error || status->custom);

  value = parsed(R"({"slot":5,"err":{"InstructionError":[1,{"Custom":107}]},)"
                 R"("confirmationStatus":"processed"})");
  status = status_in(&value);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->error, R"({"InstructionError":[1,{"Custom":107}]})");
  EXPECT_EQ(status->custom, 107u);
}

TEST(Answers, AStatusWithoutAnAnswerAboutTheErrorIsNone) {
  for (const char* text : {R"({"slot":5,"confirmationStatus":"confirmed"})",
                           R"({"err":null,"confirmationStatus":"confirmed"})",
                           R"({"slot":5,"err":null,"confirmationStatus":"maybe"})", "null"}) {
    const auto value = parsed(text);
    EXPECT_FALSE(status_in(&value).has_value()) << text;
  }
}

TEST(Answers, ARecordIsOfTheTransactionThatWasAskedFor) {
  const auto key = base::Keypair::from_seed({1});
  auto message = solana::compile_message(
      key.public_key(), {solana::transfer(key.public_key(), solana::kClockSysvar, {1})}, {},
      solana::MessageVersion::legacy);
  solana::Transaction transaction(std::move(message).value());
  ASSERT_TRUE(solana::sign(transaction, key).ok());
  const std::string text =
      R"({"slot":9,"blockTime":1700000000,"transaction":[")" + transaction.base64() +
      R"(","base64"],"version":"legacy","meta":{"err":null,"fee":5000,"preBalances":[9,1,1],)"
      R"("postBalances":[8,2,1],"logMessages":["a\u001bb"],"computeUnitsConsumed":150}})";
  const auto value = parsed(text);
  const auto record = record_in(&value, transaction.id());
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->fee.count, 5000u);
  EXPECT_EQ(record->block_time, 1700000000);
  EXPECT_EQ(record->post_balances.at(1).count, 2u);
  EXPECT_EQ(record->logs.at(0), "a b");
  EXPECT_EQ(record->compute_units, 150u);
  EXPECT_FALSE(record_in(&value, base::Signature{}).has_value());
}

TEST(Answers, JsonIsBoundedInDepth) {
  EXPECT_TRUE(parse_json("[[[[]]]]").has_value());
  EXPECT_FALSE(parse_json(std::string(5000, '[')).has_value());
  EXPECT_FALSE(parse_json(std::string(40, '[') + std::string(40, ']')).has_value());
  for (const char* text : {"", "{", "{}x", "nul", "{\"a\":}"}) {
    EXPECT_FALSE(parse_json(text).has_value()) << text;
  }
}

TEST(Answers, RpcErrorsSayWhatToDo) {
  const auto code_of = [](std::string_view text) { return rpc_error(parsed(text), "node").code; };
  EXPECT_EQ(code_of(R"({"code":-32005,"message":"Node is behind by 42 slots"})"),
            Code::unreachable);
  EXPECT_EQ(code_of(R"({"code":-32601,"message":"Method not found"})"), Code::unsupported);
  EXPECT_EQ(code_of(R"({"code":-32602,"message":"x"})"), Code::invalid_input);
  EXPECT_EQ(code_of(R"({"code":-32003,"message":"x"})"), Code::refused);
  EXPECT_EQ(code_of(R"({"code":429,"message":"x"})"), Code::rate_limited);
  EXPECT_EQ(code_of(R"({"code":-1})"), Code::unreachable);
  EXPECT_EQ(code_of(R"({"code":"no"})"), Code::unreachable);
  EXPECT_EQ(code_of(R"("no")"), Code::unreachable);
  const auto preflight = rpc_error(
      parsed(R"({"code":-32002,"message":"Transaction simulation failed","data":)"
             R"({"err":{"InstructionError":[1,{"Custom":112}]},"logs":["x"],"unitsConsumed":1}})"),
      "node");
  EXPECT_EQ(preflight.code, Code::rejected_on_chain);
  EXPECT_NE(preflight.message.find("112"), std::string::npos);
  EXPECT_EQ(code_of(R"({"code":-32002,"message":"x"})"), Code::rejected_on_chain);
}

}  // namespace
}  // namespace obelisk::solana_rpc
