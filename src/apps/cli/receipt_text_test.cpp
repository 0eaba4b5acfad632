#include "apps/cli/receipt_text.hpp"

#include <gtest/gtest.h>

#include "core/papers/receipt_testing.hpp"

namespace obelisk::cli {
namespace {

using escrow::StopHow;

TEST(ReceiptText, ShowsEveryFigureAndSignature) {
  papers::LeaseHistory history;
  history.open();
  history.ready(1004);
  history.stop(1004 + 2520, StopHow::served);
  const papers::Receipt receipt =
      *papers::make_receipt(history.address, history.program, history.records());
  LeaseFile notes;
  notes.card = "rtx-4090";
  notes.card_name = "RTX 4090";
  notes.quoted = {12'823'183};
  notes.micro_usd_per_sol = 140'000'000;
  notes.ready_deadline_s = 60;
  notes.dial_ms = 4000;
  const auto lines = receipt_lines(receipt, notes);
  const std::vector<std::string> head(lines.begin() + 1, lines.begin() + 14);
  EXPECT_EQ(head, (std::vector<std::string>{
                      "RTX 4090, host 8qbHbw..VfeR, stopped by the renter.",
                      "[=>                  ] 4 s of 60, from paid to logged in",
                      "[==============>     ] 42 min of 60 min used",
                      "",
                      "                                SOL      USD",
                      "quoted, at most         0.012823183  $1.80",
                      "paid                    0.009857143  $1.38",
                      "  to the host           0.006727500  $0.94",
                      "  market fee            0.000172500  $0.0242",
                      "  back to you           0.002957143  $0.41",
                      "account rent, back too  0.002951040  $0.41",
                      "network fees            0.000010000  $0.0014",
                      "",
                  }));
  const auto json = receipt_json(receipt, notes);
  EXPECT_NE(json.find(R"("paid_lamports":"9857143")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("outcome":"stopped_by_renter")"), std::string::npos);
  EXPECT_NE(receipt_json(receipt, std::nullopt).find(R"("quoted_lamports":null)"),
            std::string::npos);
}

}  // namespace
}  // namespace obelisk::cli
