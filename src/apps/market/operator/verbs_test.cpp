// What the operator's verbs do, each alone over fakes.
#include "apps/market/operator/verbs.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "adapters/fake/memory_stores.hpp"
#include "apps/market/command_line.hpp"
#include "apps/market/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using testing::key;

bool has(const Words& words, const std::string& part) {
  EXPECT_TRUE(words.ok()) << (words.ok() ? "" : words.error().message);
  return words.ok() && words->find(part) != std::string::npos;
}

class Lists : public ::testing::Test {
 protected:
  Words refuse_with(const RefuseRequest& request) {
    return refuse(request, *stores.refusals, *stores.audit, clock);
  }
  static RefuseRequest about(const base::PublicKey& address, const std::string& why = "") {
    RefuseRequest out;
    out.address = address;
    out.why = why;
    return out;
  }
  testing::TestClock clock;
  ports::Stores stores = fake::memory_stores();
};

TEST_F(Lists, ARefusalIsKeptShownAndLifted) {
  EXPECT_TRUE(has(refuse_with({}), "Nobody"));
  EXPECT_TRUE(has(refuse_with(about(key(1), "sold nothing")), key(1).to_string()));
  RefuseRequest list;
  list.json = true;
  EXPECT_TRUE(has(refuse_with(list), "\"why\":\"sold nothing\""));
  EXPECT_TRUE(has(refuse_with({}), key(1).to_string() + "  sold nothing"));
  RefuseRequest lift = about(key(1));
  lift.lift = true;
  EXPECT_TRUE(has(refuse_with(lift), "no longer"));
  EXPECT_EQ(refuse_with(lift).error().code, Code::not_found);
  EXPECT_TRUE(stores.refusals->all()->empty());
  EXPECT_EQ(refuse_with(about(key(1), std::string(201, 'x'))).error().code, Code::usage);
  EXPECT_EQ(refuse_with(about(key(1), "two\nlines")).error().code, Code::usage);
  const auto trail = *stores.audit->newest(0, 10);
  ASSERT_EQ(trail.size(), 2U) << "what was not done is not in it";
  EXPECT_EQ(trail[0].what, "lift");
  EXPECT_EQ(trail[1].what, "refuse");
  EXPECT_EQ(trail[1].subject, key(1).to_string());
  EXPECT_EQ(trail[1].who, this_user());
}

TEST_F(Lists, TheTrailIsReadByPages) {
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(stores.audit
                    ->add({0, testing::kNowMs, "user root", "refuse", "whom",
                           "number " + std::to_string(i) + "\x1b[2J"})
                    .ok());
  }
  TrailRequest request;
  request.limit = 2;
  const auto words = show_audit(request, *stores.audit);
  EXPECT_TRUE(has(words, "number 3"));
  EXPECT_FALSE(has(words, "number 1"));
  EXPECT_TRUE(has(words, "--before 2"));
  EXPECT_FALSE(has(words, "\x1b")) << "nothing of it reaches the terminal as a command";
  request.before = 2;
  request.json = true;
  EXPECT_TRUE(has(show_audit(request, *stores.audit), "\"number\":1"));
  EXPECT_FALSE(has(show_audit(request, *stores.audit), "\"next\""));
}

TEST_F(Lists, ReportsAreShownWithWhoAndWhat) {
  EXPECT_TRUE(has(show_reports({}, *stores.reports), "No reports"));
  ASSERT_TRUE(stores.reports
                  ->add({0,
                         testing::kNowMs,
                         key(1),
                         key(7),
                         "fraud",
                         "line one\nline two",
                         key(2),
                         "10.0.0.1",
                         "{}",
                         {}})
                  .ok());
  TrailRequest request;
  request.limit = 10;
  const auto words = show_reports(request, *stores.reports);
  for (const std::string& part : {key(1).to_string(), key(2).to_string(), key(7).to_string(),
                                  std::string("fraud"), std::string("line one line two")}) {
    EXPECT_TRUE(has(words, part)) << part;
  }
  request.json = true;
  EXPECT_TRUE(has(show_reports(request, *stores.reports), "\"remote_address\":\"10.0.0.1\""));
}

class Terms : public ::testing::Test {
 protected:
  Terms() {
    request.verb = "terms";
    request.ground.program = key(1);
    account.kind = escrow::kMarketKind;
    account.version = escrow::kVersion;
    account.rev = 4;
    account.fee_bps = 250;
    account.ready_deadline_s = 60;
    account.gap_limit_s = 180;
    account.claim_window_s = 21'600;
    account.operator_key = escrow::to_key(signer.public_key());
    account.treasury = escrow::to_key(key(21));
    account.attestor = escrow::to_key(key(22));
    request.ground.market = market;
    put();
  }
  void put() { chain.accounts_by_key[market] = {{1}, key(1), escrow::encode_market(account)}; }
  Words run_terms(ports::Signer* by) { return terms(request, {chain, clock, by, &audit}); }

  testing::TestClock clock;
  testing::TestSigner signer;
  testing::TestChain chain;
  fake::MemoryAuditStore audit;
  escrow::Market account{};
  TermsRequest request;
  base::PublicKey market = settlement::market_address(key(1), signer.public_key()).address;
};

TEST_F(Terms, AreShownWithoutAKey) {
  const auto words = run_terms(nullptr);
  EXPECT_TRUE(has(words, "revision 4"));
  EXPECT_TRUE(has(words, "2.50 %"));
  request.json = true;
  EXPECT_TRUE(has(run_terms(nullptr), "\"fee_bps\":250"));
  EXPECT_FALSE(has(run_terms(nullptr), "audited"));
  chain.accounts_by_key.clear();
  chain.every_wallet_funded = false;
  EXPECT_EQ(run_terms(nullptr).error().code, Code::not_found);
  EXPECT_TRUE(audit.newest(0, 10)->empty());
}

TEST_F(Terms, ChangesNeedTheKeyAndSense) {
  request.news.fee_bps = 300;
  EXPECT_EQ(run_terms(nullptr).error().code, Code::usage);
  request.news.fee_bps = 1'001;
  EXPECT_EQ(run_terms(&signer).error().code, Code::usage);
  request.news = {};
  request.news.treasury = key(22);
  EXPECT_EQ(run_terms(&signer).error().code, Code::usage) << "the attestor's key";
  request.news = {};
  request.news.attestor = key(30);
  chain.accounts_by_key[key(30)] = {{9'999'999}, {}, {}};
  EXPECT_EQ(run_terms(&signer).error().code, Code::insufficient_funds);
  EXPECT_TRUE(chain.sent.empty());
  EXPECT_TRUE(audit.newest(0, 10)->empty());
}

TEST_F(Terms, WhatStandsAlreadyIsNotSent) {
  request.news.fee_bps = 250;
  request.news.paused = false;
  EXPECT_TRUE(has(run_terms(&signer), "nothing was sent"));
  EXPECT_TRUE(chain.sent.empty());
}

TEST_F(Terms, AChangeIsInTheTrailBeforeItIsSentAndWhereItFails) {
  request.news.fee_bps = 300;
  chain.refuse_send = base::Error{Code::rejected_on_chain, "no", "do not"};
  EXPECT_FALSE(run_terms(&signer).ok());
  const auto trail = *audit.newest(0, 10);
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_EQ(trail[1].words, "Asked for: fee_bps 250 -> 300");
  EXPECT_EQ(trail[1].who, signer.public_key().to_string());
  EXPECT_NE(trail[0].words.find("Not done"), std::string::npos);
}

TEST(Init, MakesWhatIsMissingAndKeepsWhatIsThere) {
  std::string folder = ::testing::TempDir() + "/obelisk-init-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  InitRequest request;
  request.folder = folder + "/market";
  request.rpc_url = "http://127.0.0.1:8899";
  request.program = key(1);
  request.local = true;
  const auto first = init(request);
  EXPECT_TRUE(has(first, "made"));
  EXPECT_TRUE(has(first, "create-market"));
  for (const char* file : {"operator.json", "attestor.json", "market.toml"}) {
    struct stat info{};
    ASSERT_EQ(::stat((request.folder + "/" + file).c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << file;
  }
  const auto before = std::filesystem::last_write_time(request.folder + "/operator.json");
  request.json = true;
  const auto second = init(request);
  EXPECT_TRUE(has(second, "\"made\":false"));
  EXPECT_EQ(std::filesystem::last_write_time(request.folder + "/operator.json"), before);
  const auto config = read_config({{"config", request.folder + "/market.toml"}},
                                  [](const char*) { return std::optional<std::string>{}; });
  ASSERT_TRUE(config.ok()) << config.error().message << " " << config.error().action;
  EXPECT_EQ(config->program, key(1));
  EXPECT_TRUE(config->local);
  request.folder = folder + "/a\"b";
  EXPECT_EQ(init(request).error().code, Code::usage);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace obelisk::market_app::operators
