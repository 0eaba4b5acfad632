#include "adapters/solana/transaction_error.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana_rpc {
namespace {

using base::Code;

TEST(TransactionError, AProgramsNumberStaysFindable) {
  const auto error = transaction_error(R"({"InstructionError":[2,{"Custom":118}]})", {});
  EXPECT_EQ(error.code, Code::rejected_on_chain);
  EXPECT_EQ(error.message, "Instruction 2 fails with the program's error 118.");
  EXPECT_EQ(program_error_in(error), 118u);
  EXPECT_EQ(custom_code(R"({"InstructionError":[0,{"Custom":4294967295}]})"), 4294967295u);
}

TEST(TransactionError, OtherErrorsHoldNoNumber) {
  for (const char* text :
       {R"({"InstructionError":[0,"MissingRequiredSignature"]})", R"("AccountInUse")",
        R"({"InstructionError":[0,{"Custom":4294967296}]})", R"({"InstructionError":[0]})",
        R"({"InstructionError":7})", R"({"DuplicateInstruction":3})", "null", "{", "[]"}) {
    const auto error = transaction_error(text, {});
    EXPECT_EQ(error.code, Code::rejected_on_chain) << text;
    EXPECT_FALSE(program_error_in(error).has_value()) << text;
    EXPECT_FALSE(custom_code(text).has_value()) << text;
  }
}

TEST(TransactionError, TooFewLamportsInAnyOfItsForms) {
  EXPECT_EQ(transaction_error(R"("InsufficientFundsForFee")", {}).code, Code::insufficient_funds);
  EXPECT_EQ(transaction_error(R"("AccountNotFound")", {}).code, Code::insufficient_funds);
  EXPECT_EQ(transaction_error(R"({"InsufficientFundsForRent":{"account_index":0}})", {}).code,
            Code::insufficient_funds);
  const auto error = transaction_error(R"({"InstructionError":[3,{"Custom":1}]})",
                                       {"Program 11111111111111111111111111111111 invoke [2]",
                                        "Transfer: insufficient lamports 100, need 2000"});
  EXPECT_EQ(error.code, Code::insufficient_funds);
  EXPECT_NE(error.message.find("100, need 2000"), std::string::npos);
}

TEST(TransactionError, AProgramsOwnErrorOneIsNotAboutLamports) {
  const auto error = transaction_error(R"({"InstructionError":[0,{"Custom":1}]})", {"Program log"});
  EXPECT_EQ(error.code, Code::rejected_on_chain);
  EXPECT_EQ(program_error_in(error), 1u);
}

TEST(TransactionError, AnUnknownBlockhashIsExpiredAndADuplicateAConflict) {
  EXPECT_EQ(transaction_error(R"("BlockhashNotFound")", {}).code, Code::expired);
  EXPECT_EQ(transaction_error(R"("AlreadyProcessed")", {}).code, Code::conflict);
}

TEST(TransactionError, WordsOfAStrangerAreBoundedAndPrintable) {
  const std::string name = "\"Bad\\u001b[31m" + std::string(5000, 'x') + "\"";
  const auto error = transaction_error(name, {});
  EXPECT_LT(error.message.size(), 200u);
  EXPECT_EQ(error.message.find('\x1b'), std::string::npos);
}

TEST(TransactionError, ALandedFailureCostsItsFee) {
  ports::SignatureStatus status;
  status.error = R"({"InstructionError":[0,{"Custom":110}]})";
  const auto error = landed_error(status, {5000});
  EXPECT_EQ(error.charged_lamports, 5000u);
  EXPECT_EQ(program_error_in(error), 110u);
}

}  // namespace
}  // namespace obelisk::solana_rpc
