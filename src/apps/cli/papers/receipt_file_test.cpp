#include "apps/cli/papers/receipt_file_reader.hpp"

#include <gtest/gtest.h>

#include "apps/cli/papers/paper_testing.hpp"

namespace obelisk::cli {
namespace {

papers::ReceiptFile example() {
  PaperScene scene;
  scene.ordinary_rental();
  return scene.file();
}

TEST(ReceiptFile, IsReadBackExactly) {
  papers::ReceiptFile file = example();
  auto read = parse_receipt_file(papers::receipt_file_text(file));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, file);
  file.terms.reset();
  file.quote_signature.reset();
  file.attestor.reset();
  file.started_at_s.reset();
  file.attestations.clear();
  read = parse_receipt_file(papers::receipt_file_text(file));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, file);
}

TEST(ReceiptFile, HoldsEveryTransactionOfTheLease) {
  const papers::ReceiptFile file = example();
  ASSERT_EQ(file.transactions.size(), 4u);
  EXPECT_EQ(file.transactions[0].steps[0].what, "open");
  EXPECT_EQ(file.transactions[2].steps[0].what, "claim");
  EXPECT_EQ(file.transactions[3].steps[0].how, 0);
  EXPECT_EQ(file.opened_slot, file.transactions[0].slot);
}

TEST(ReceiptFile, IsReadHoweverItIsLaidOut) {
  const papers::ReceiptFile file = example();
  std::string text = papers::receipt_file_text(file);
  text.replace(text.find(",\"program\""), 1, " ,\n  ");
  const auto read = parse_receipt_file(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, file);
}

TEST(ReceiptFile, RefusesWhatItDoesNotKnow) {
  const std::string good = papers::receipt_file_text(example());
  const auto with = [&](const std::string& what, const std::string& other) {
    std::string text = good;
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), other);
  };
  const std::string cases[] = {
      "",
      "[]",
      "{}",
      "null",
      good.substr(0, good.size() / 2),
      good + "{}",
      with("\"receipt\":1", "\"receipt\":2"),
      with("\"receipt\":1", "\"receipt\":1,\"note\":\"paid twice\""),
      with("\"receipt\":1", "\"receipt\":1,\"closed\":false"),
      with("\"steps\":[{", "\"steps\":[{\"more\":1,"),
      with("\"used_s\":", "\"used_s\":-"),
      with("\"used_s\":", "\"used_s\":1e3,\"u\":"),
      with("\"closed\":true", "\"closed\":1"),
      with("\"paid_lamports\":\"", "\"paid_lamports\":\"-"),
      with("\"paid_lamports\":\"", "\"paid_lamports\":\"99999999999999999999"),
      with("\"terms_hash\":\"", "\"terms_hash\":\"zz"),
      with("\"lease\":\"", "\"lease\":\"0"),
      with("\"renter\":", "\"renter\":null,\"r\":"),
      with("\"transactions\":[", "\"transactions\":[null,"),
      with("\"what\":\"open\"", "\"what\":\"" + std::string(100, 'x') + "\""),
      std::string(papers::kMaxReceiptBytes + 1, ' '),
      std::string(1000, '['),
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(parse_receipt_file(text)) << text.substr(0, 80);
  }
}

TEST(ReceiptFile, BoundsItsLists) {
  papers::ReceiptFile file = example();
  file.transactions.resize(papers::kMaxReceiptTransactions, file.transactions.back());
  EXPECT_TRUE(parse_receipt_file(papers::receipt_file_text(file)));
  file.transactions.push_back(file.transactions.back());
  EXPECT_FALSE(parse_receipt_file(papers::receipt_file_text(file)));
  file = example();
  file.transactions.clear();
  EXPECT_FALSE(parse_receipt_file(papers::receipt_file_text(file)));
  file = example();
  file.attestations.resize(papers::kMaxReceiptAttestations + 1);
  EXPECT_FALSE(parse_receipt_file(papers::receipt_file_text(file)));
}

}  // namespace
}  // namespace obelisk::cli
