#include "apps/cli/papers/receipt_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "apps/cli/papers/paper_testing.hpp"

namespace obelisk::cli {
namespace {

using escrow::StopHow;

TEST(ReceiptCheck, AnHonestReceiptIsRightInEveryLine) {
  PaperScene scene;
  scene.ordinary_rental();
  const auto checks = scene.check(scene.file());
  EXPECT_GE(checks.size(), 15u);
  for (const Check& check : checks) {
    EXPECT_EQ(check.verdict, Verdict::right) << check.what << ": " << check.detail;
  }
}

TEST(ReceiptCheck, OfEveryWayALeaseCanGo) {
  const struct {
    const char* what;
    std::function<void(papers::LeaseHistory&)> live;
  } lives[] = {
      {"cancelled by the renter",
       [](auto& h) {
         h.open();
         h.cancel(1005, true);
       }},
      {"cancelled by a stranger",
       [](auto& h) {
         h.open();
         h.cancel(1061, false);
       }},
      {"running",
       [](auto& h) {
         h.open();
         h.ready(1004);
         h.claim(1500, 1490);
       }},
      {"contested",
       [](auto& h) {
         h.open();
         h.ready(1004);
         h.stop(2004, StopHow::dispute);
       }},
      {"finished",
       [](auto& h) {
         h.open();
         h.ready(1004);
         h.stop(2004, StopHow::dispute);
         h.finish(2004 + 21'601);
       }},
      {"extended",
       [](auto& h) {
         h.open();
         h.ready(1004);
         h.extend(2000, 7200);
       }},
      {"with gifts and failures",
       [](auto& h) {
         h.gift(5);
         h.open();
         h.gift(7);
         h.ready(1004);
         h.failed();
         h.stop(2004, StopHow::served);
         h.gift(9);
       }},
      {"the second at its address",
       [](auto& h) {
         h.open();
         h.cancel(1005, true);
         h.open();
         h.ready(1010);
       }},
  };
  for (const auto& life : lives) {
    PaperScene scene;
    life.live(scene.history);
    papers::ReceiptFile file = scene.file();
    file.attestations.clear();  // of the ordinary rental
    const auto checks = scene.check(file);
    EXPECT_EQ(with_verdict(checks, Verdict::wrong), "") << life.what;
    EXPECT_EQ(with_verdict(checks, Verdict::unknown), "") << life.what;
  }
}

struct Tampering {
  const char* what;
  const char* found_by;
  std::function<void(papers::ReceiptFile&)> tamper;
};

const Tampering tamperings[] = {
    {"the terms promise another card", "terms_hash",
     [](papers::ReceiptFile& f) { f.terms->replace(f.terms->find("rtx-4090"), 8, "rtx-5090"); }},
    {"terms and hash are another's", "open",
     [](papers::ReceiptFile& f) {
       f.terms->replace(f.terms->find("rtx-4090"), 8, "rtx-5090");
       f.terms_hash = market::terms_hash(*f.terms);
     }},
    {"the terms are not canonical", "terms", [](papers::ReceiptFile& f) { *f.terms += " "; }},
    {"the quote is unsigned", "quote_signature",
     [](papers::ReceiptFile& f) { f.quote_signature->bytes[0] ^= 1; }},
    {"the signature is left out", "quote_signature",
     [](papers::ReceiptFile& f) { f.quote_signature.reset(); }},
    {"another host", "parties", [](papers::ReceiptFile& f) { f.host.bytes[0] ^= 1; }},
    {"another attestor", "parties", [](papers::ReceiptFile& f) { f.attestor->bytes[0] ^= 1; }},
    {"no attestor", "parties", [](papers::ReceiptFile& f) { f.attestor.reset(); }},
    {"another rate", "parties", [](papers::ReceiptFile& f) { f.lamports_per_hour.count += 1; }},
    {"another lease", "address", [](papers::ReceiptFile& f) { f.lease.bytes[0] ^= 1; }},
    {"an attestation says more", "attestation",
     [](papers::ReceiptFile& f) { f.attestations[0].alive_until += 60; }},
    {"an attestation by a stranger", "attestation",
     [](papers::ReceiptFile& f) { f.attestations[0].signer.bytes[0] ^= 1; }},
    {"an attestation of another opening", "attestation",
     [](papers::ReceiptFile& f) { f.attestations[0].opened_slot += 1; }},
    {"a lamport more to the host", "sums", [](papers::ReceiptFile& f) { f.host_got.count += 1; }},
    {"a lamport said to wait", "sums", [](papers::ReceiptFile& f) { f.held.count += 1; }},
    {"the host's lamport taken from the refund", "figures",
     [](papers::ReceiptFile& f) {
       f.host_got.count += 1;
       f.refunded.count -= 1;
     }},
    {"more paid, more back", "figures",
     [](papers::ReceiptFile& f) {
       f.paid.count += 7;
       f.refunded.count += 7;
       f.transactions.front().steps[0].paid_in.count += 7;
       f.transactions.back().steps[0].to_renter.count += 7;
     }},
    {"the fee is another", "rules",
     [](papers::ReceiptFile& f) {
       f.fee.count += 1;
       f.host_got.count -= 1;
     }},
    {"more than the seconds earned", "rules", [](papers::ReceiptFile& f) { f.used_s = 100; }},
    {"sums that wrap", "sums",
     [](papers::ReceiptFile& f) { f.transactions[0].steps[0].to_host.count = UINT64_MAX; }},
    {"a step moved another amount", "transaction",
     [](papers::ReceiptFile& f) { f.transactions.back().steps[0].to_host.count -= 5; }},
    {"a step is another", "transaction",
     [](papers::ReceiptFile& f) { f.transactions.back().steps[0].what = "finish"; }},
    {"it was at another time", "transaction",
     [](papers::ReceiptFile& f) { *f.transactions[1].at_s += 60; }},
    {"in another slot", "transaction", [](papers::ReceiptFile& f) { f.transactions[1].slot += 1; }},
    {"for another fee", "transaction",
     [](papers::ReceiptFile& f) { f.transactions[1].network_fee.count = 1; }},
    {"a signature is another", "transaction",
     [](papers::ReceiptFile& f) { f.transactions[1].signature.bytes[0] ^= 1; }},
    {"a claim is left out", "complete",
     [](papers::ReceiptFile& f) { f.transactions.erase(f.transactions.begin() + 2); }},
    {"the order is another", "complete",
     [](papers::ReceiptFile& f) { std::swap(f.transactions[1], f.transactions[2]); }},
    {"the beginning is left out", "transactions",
     [](papers::ReceiptFile& f) { f.transactions.erase(f.transactions.begin()); }},
    {"it never ended", "figures", [](papers::ReceiptFile& f) { f.closed = false; }},
    {"it ended another way", "figures", [](papers::ReceiptFile& f) { f.outcome = "host_dark"; }},
    {"it began earlier", "figures", [](papers::ReceiptFile& f) { *f.started_at_s -= 60; }},
    {"another market", "figures", [](papers::ReceiptFile& f) { f.market.bytes[0] ^= 1; }},
    {"another slot", "figures", [](papers::ReceiptFile& f) { f.opened_slot += 1; }},
    {"fewer network fees", "figures", [](papers::ReceiptFile& f) { f.network_fees.count -= 5000; }},
    {"another network", "network", [](papers::ReceiptFile& f) { f.network.bytes[0] ^= 1; }},
};

TEST(ReceiptCheck, FindsEveryTampering) {
  PaperScene scene;
  scene.ordinary_rental();
  for (const Tampering& tampering : tamperings) {
    papers::ReceiptFile file = scene.file();
    tampering.tamper(file);
    const auto checks = scene.check(file);
    const bool found = std::any_of(checks.begin(), checks.end(), [&](const Check& check) {
      return check.verdict == Verdict::wrong && check.what == tampering.found_by;
    });
    EXPECT_TRUE(found) << tampering.what << "; wrong: " << with_verdict(checks, Verdict::wrong);
  }
}

// Its signature is good; what it proves is of the lease before, at the same address.
TEST(ReceiptCheck, TakesNoAttestationOfAnotherOpening) {
  PaperScene scene;
  scene.ordinary_rental();
  papers::ReceiptFile file = scene.file();
  scene.history.lease.opened_slot += 1;
  file.attestations = {scene.attestation(1490)};
  EXPECT_EQ(with_verdict(check_alone(file), Verdict::wrong).substr(0, 11), "attestation");
}

// Leaving out what moved nothing but a fee: only the node's list of the address tells.
TEST(ReceiptCheck, FindsWhatIsLeftOut) {
  PaperScene scene;
  scene.history.open();
  scene.history.ready(1004);
  scene.history.failed();
  scene.history.stop(2804, StopHow::served);
  papers::ReceiptFile file = scene.file();
  file.attestations.clear();
  EXPECT_EQ(with_verdict(scene.check(file), Verdict::wrong), "");
  file.transactions.erase(file.transactions.begin() + 2);
  file.network_fees.count -= 5000;
  const std::string wrong = with_verdict(scene.check(file), Verdict::wrong);
  EXPECT_EQ(wrong.substr(0, 9), "complete ") << wrong;
  EXPECT_EQ(wrong.find(") ", 1), wrong.size() - 2) << "nothing else can see it: " << wrong;
}

TEST(ReceiptCheck, ChecksWhatIsThereWithoutTerms) {
  PaperScene scene;
  scene.ordinary_rental();
  papers::ReceiptFile file = scene.file();
  file.terms.reset();
  file.quote_signature.reset();
  const auto checks = scene.check(file);
  EXPECT_EQ(with_verdict(checks, Verdict::wrong), "");
  EXPECT_NE(with_verdict(checks, Verdict::absent).find("terms"), std::string::npos);
}

// A node that lies about a wallet is found out by the transaction's own balances.
TEST(ReceiptCheck, ComparesTheWalletsBalances) {
  PaperScene scene;
  scene.ordinary_rental();
  const papers::ReceiptFile file = scene.file();
  Evidence evidence = scene.evidence(file);
  const auto decoded = solana::decode_transaction(evidence.records.back()->wire);
  ASSERT_TRUE(decoded);
  const auto& keys = decoded->message().keys;
  const auto at = std::find(keys.begin(), keys.end(), file.host) - keys.begin();
  evidence.records.back()->post_balances[static_cast<std::size_t>(at)].count -= 1;
  const auto checks = check_against(file, evidence);
  EXPECT_NE(with_verdict(checks, Verdict::wrong).find("balances"), std::string::npos);
}

TEST(ReceiptCheck, SaysWhenTheNodeHasForgotten) {
  PaperScene scene;
  scene.ordinary_rental();
  const papers::ReceiptFile file = scene.file();
  Evidence evidence = scene.evidence(file);
  evidence.records[0].reset();
  evidence.first_block = file.transactions[0].slot + 1;
  const auto pruned = check_against(file, evidence);
  EXPECT_EQ(with_verdict(pruned, Verdict::wrong), "");
  EXPECT_NE(with_verdict(pruned, Verdict::unknown).find("forgotten"), std::string::npos);
  // A block that it still has, and the transaction is not in it: that is another matter.
  evidence.first_block = file.transactions[0].slot;
  EXPECT_NE(with_verdict(check_against(file, evidence), Verdict::wrong), "");

  Evidence unlisted = scene.evidence(file);
  unlisted.listed.clear();
  EXPECT_EQ(with_verdict(check_against(file, unlisted), Verdict::wrong), "");
  EXPECT_NE(with_verdict(check_against(file, unlisted), Verdict::unknown), "");
}

TEST(ReceiptCheck, AnEarlierReceiptStaysRight) {
  PaperScene scene;
  scene.history.open();
  scene.history.ready(1004);
  papers::ReceiptFile file = scene.file();
  EXPECT_EQ(with_verdict(scene.check(file), Verdict::wrong), "");
  scene.history.claim(1500, 1490);
  EXPECT_EQ(with_verdict(scene.check(file), Verdict::wrong), "");
  scene.history.stop(2804, StopHow::served);
  EXPECT_EQ(with_verdict(scene.check(file), Verdict::wrong), "");
  // But an account with other terms at that address is not this lease's.
  Evidence evidence = scene.evidence(file);
  evidence.account = LeaseAccount{file.lease, file.program, {1}, scene.history.lease, 1};
  evidence.account->data.terms_hash = {};
  EXPECT_NE(with_verdict(check_against(file, evidence), Verdict::wrong), "");
}

// Where nothing was ever signed by the attestor, the market's account has to name it.
TEST(ReceiptCheck, AsksTheMarketWhoTheAttestorIs) {
  PaperScene scene;
  scene.history.open();
  scene.history.cancel(1061, false);
  papers::ReceiptFile file = scene.file();
  file.attestations.clear();
  Evidence evidence = scene.evidence(file);
  escrow::Market market{};
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  market.rev = 3;
  market.attestor = escrow::to_key(scene.attestor.public_key());
  evidence.market = ports::Account{{1}, file.program, escrow::encode_market(market)};
  EXPECT_EQ(with_verdict(check_against(file, evidence), Verdict::wrong), "");
  EXPECT_EQ(with_verdict(check_against(file, evidence), Verdict::absent), "");
  market.attestor = {};
  evidence.market->data = escrow::encode_market(market);
  EXPECT_NE(with_verdict(check_against(file, evidence), Verdict::wrong), "");
  market.rev = 4;
  evidence.market->data = escrow::encode_market(market);
  EXPECT_NE(with_verdict(check_against(file, evidence), Verdict::absent), "");
}

}  // namespace
}  // namespace obelisk::cli
