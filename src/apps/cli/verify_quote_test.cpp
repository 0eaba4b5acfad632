#include "apps/cli/verify_quote.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::cli {
namespace {

constexpr base::UnixSeconds kNow = 1'794'999'000;

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

// A market that is in order, and everything a dishonest one could change.
struct Scene {
  base::Keypair attestor = base::Keypair::from_seed({1});
  base::Keypair renter = base::Keypair::from_seed({2});
  base::PublicKey operator_key = base::Keypair::from_seed({3}).public_key();
  base::PublicKey program = key(9);
  market::Terms terms;
  Asked asked;
  ChainView chain;
  api::Quote quote;
  std::optional<base::PublicKey> trusted;
  std::vector<solana::Instruction> instructions;

  Scene() {
    terms.program = program;
    terms.market = settlement::market_address(program, operator_key).address;
    terms.market_rev = 3;
    terms.attestor = attestor.public_key();
    terms.renter = renter.public_key();
    terms.host = key(6);
    terms.nonce = 77;
    terms.expires_at = kNow + 60;
    terms.offer = "0123456789abcdef";
    terms.card = "rtx-4090";
    terms.cards = {{"GPU-1c8f2d3e-0000-1111-2222-333344445555", 25'757'220'864}};
    terms.image = "sha256:" + std::string(64, 'a');
    terms.disk_bytes = 50'000'000'000;
    terms.ram_bytes = 64'000'000'000;
    terms.cpu_milli = 8000;
    terms.ports = {market::kSshPort};
    terms.lamports_per_hour = 9'857'143;
    terms.seconds = 3600;
    terms.max_seconds = 86'400;
    terms.fee_bps = 250;
    terms.debit = *market::breakdown_for({terms.lamports_per_hour, 9'800'000}, terms.seconds);
    terms.micro_usd_per_sol = 140'000'000;
    terms.sol_price_at_ms = kNow * 1000;
    terms.sol_price_source = "fixed";
    terms.ssh_key = "SHA256:" + std::string(43, 'A');
    asked = {renter.public_key(), "rtx-4090",   std::nullopt, 1, 3600,
             std::nullopt,        std::nullopt, terms.ssh_key};
    chain.market = terms.market;
    chain.market_owner = program;
    chain.account.rev = 3;
    chain.account.fee_bps = 250;
    chain.account.operator_key = escrow::to_key(operator_key);
    chain.account.attestor = escrow::to_key(attestor.public_key());
    chain.now_s = kNow;
    write();
  }

  escrow::Open open() const {
    const auto lease = settlement::lease_address(terms.program, terms.renter, terms.nonce);
    return {terms.renter,     lease.address,     terms.host,
            terms.market,     lease.bump,        terms.nonce,
            terms.market_rev, terms.expires_at,  terms.lamports_per_hour,
            terms.seconds,    terms.max_seconds, market::terms_hash(market::terms_text(terms))};
  }

  // Signs the terms as they are now, and makes everything else say the same.
  void write() {
    quote.terms = market::terms_text(terms);
    const base::Hash hash = market::terms_hash(quote.terms);
    quote.id = base::to_hex(hash.view());
    quote.signature = attestor.sign(market::quote_message(hash));
    quote.lease = open().lease;
    quote.attestor = terms.attestor;
    quote.program = terms.program;
    quote.market = terms.market;
    quote.market_rev = terms.market_rev;
    quote.renter = terms.renter;
    quote.host = terms.host;
    quote.nonce = std::to_string(terms.nonce);
    quote.seconds = terms.seconds;
    quote.max_seconds = terms.max_seconds;
    quote.lamports_per_hour = {terms.lamports_per_hour};
    quote.fee_bps = terms.fee_bps;
    const market::Breakdown& d = terms.debit;
    quote.breakdown = {d.cards, d.disk, d.traffic, d.price, d.bond, d.network_fees, d.total, 0};
    quote.sol_price = {terms.micro_usd_per_sol, terms.sol_price_source, "2026-11-22T12:00:00Z"};
    quote.offer.id = terms.offer;
    quote.offer.card = terms.card;
    quote.offer.simulated = terms.simulated;
    quote.count = static_cast<std::uint32_t>(terms.cards.size());
    quote.disk_bytes = terms.disk_bytes;
    quote.expires_at_s = static_cast<std::uint64_t>(terms.expires_at);
    instructions = {solana::set_unit_limit(settlement::kOpenUnits),
                    settlement::to_instruction(escrow::encode_open(terms.program, open()))};
    pack();
  }

  void pack(const std::optional<base::PublicKey>& payer = std::nullopt,
            solana::MessageVersion version = solana::MessageVersion::v0) {
    auto message = solana::compile_message(payer.value_or(terms.renter), instructions,
                                           base::Hash{{1}}, version);
    ASSERT_TRUE(message) << message.error().message;
    quote.transaction = solana::Transaction(*message).base64();
  }

  base::Result<CheckedQuote> verify() const { return verify_quote(quote, asked, chain, trusted); }
};

TEST(VerifyQuote, TakesAnHonestOne) {
  Scene scene;
  const auto checked = scene.verify();
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->terms, scene.terms);
  EXPECT_EQ(checked->lease, scene.quote.lease);
  EXPECT_EQ(base::to_hex(checked->hash.view()), scene.quote.id);
  scene.trusted = scene.program;
  EXPECT_TRUE(scene.verify());
  scene.pack(std::nullopt, solana::MessageVersion::legacy);
  EXPECT_TRUE(scene.verify());
}

// Each changes one thing; each must be refused, with nothing charged and nothing signed.
struct Tampering {
  const char* what;
  std::function<void(Scene&)> change;
};

class VerifyQuoteTamperings : public testing::TestWithParam<Tampering> {};

TEST_P(VerifyQuoteTamperings, AreRefused) {
  Scene scene;
  GetParam().change(scene);
  const auto checked = scene.verify();
  ASSERT_FALSE(checked) << GetParam().what;
  EXPECT_EQ(checked.error().code, base::Code::refused) << checked.error().message;
  EXPECT_EQ(base::exit_code(checked.error().code), 2);
  EXPECT_EQ(checked.error().charged_lamports, 0u);
  EXPECT_NE(checked.error().action.find("Nothing was signed"), std::string::npos);
}

const Tampering in_the_terms[] = {
    {"terms that are no terms", [](Scene& s) { s.quote.terms = "{}"; }},
    {"terms changed after they were signed",
     [](Scene& s) {
       s.terms.micro_usd_per_sol += 1;
       s.quote.terms = market::terms_text(s.terms);
     }},
    {"another attestor's signature",
     [](Scene& s) {
       const base::Hash hash = market::terms_hash(s.quote.terms);
       s.quote.signature = base::Keypair::from_seed({7}).sign(market::quote_message(hash));
     }},
    {"another wallet's quote",
     [](Scene& s) {
       s.terms.renter = key(5);
       s.write();
     }},
    {"another card",
     [](Scene& s) {
       s.terms.card = "a40";
       s.write();
     }},
    {"another offer", [](Scene& s) { s.asked.offer = "fedcba9876543210"; }},
    {"fewer cards", [](Scene& s) { s.asked.count = 2; }},
    {"less time", [](Scene& s) { s.asked.seconds = 7200; }},
    {"another longest time", [](Scene& s) { s.asked.max_seconds = 7200; }},
    {"a smaller disk", [](Scene& s) { s.asked.disk_bytes = 50'000'000'001; }},
    {"somebody else's SSH key",
     [](Scene& s) {
       s.terms.ssh_key = "SHA256:" + std::string(42, 'A') + "E";
       s.write();
     }},
    {"a program that is not the trusted one", [](Scene& s) { s.trusted = key(8); }},
    {"a market account of another program", [](Scene& s) { s.chain.market_owner = key(8); }},
    {"a market account that was not asked for", [](Scene& s) { s.chain.market = key(8); }},
    {"a market account at an address that is not its operator's",
     [](Scene& s) { s.chain.account.operator_key = escrow::to_key(key(8)); }},
    {"an attestor the chain does not know",
     [](Scene& s) { s.chain.account.attestor = escrow::to_key(key(8)); }},
    {"another fee than the chain has", [](Scene& s) { s.chain.account.fee_bps = 1; }},
};

const Tampering in_what_is_shown[] = {
    {"a price shown smaller than it is signed",
     [](Scene& s) { s.quote.breakdown.total_lamports.count -= 1; }},
    {"a rate shown smaller", [](Scene& s) { s.quote.lamports_per_hour.count -= 1; }},
    {"another host shown", [](Scene& s) { s.quote.host = key(5); }},
    {"another lease shown", [](Scene& s) { s.quote.lease = key(5); }},
    {"another exchange rate shown", [](Scene& s) { s.quote.sol_price.micro_usd_per_sol += 1; }},
    {"a simulated card shown as a real one",
     [](Scene& s) {
       s.terms.simulated = true;
       s.write();
       s.quote.offer.simulated = false;
     }},
};

const Tampering in_the_transaction[] = {
    {"no transaction", [](Scene& s) { s.quote.transaction = ""; }},
    {"bytes that are none", [](Scene& s) { s.quote.transaction = "AAAA"; }},
    {"a transfer beside the open",
     [](Scene& s) {
       s.instructions.push_back(solana::transfer(s.terms.renter, key(66), {1}));
       s.pack();
     }},
    {"a transfer of nothing, before the open",
     [](Scene& s) {
       s.instructions.insert(s.instructions.begin(),
                             solana::transfer(s.terms.renter, s.terms.host, {0}));
       s.pack();
     }},
    {"only a transfer",
     [](Scene& s) {
       s.instructions = {solana::transfer(s.terms.renter, key(66), {1})};
       s.pack();
     }},
    {"no open at all",
     [](Scene& s) {
       s.instructions.pop_back();
       s.pack(s.terms.renter);
     }},
    {"the open twice",
     [](Scene& s) {
       s.instructions.push_back(s.instructions.back());
       s.pack();
     }},
    {"a stop of the same lease beside it",
     [](Scene& s) {
       const escrow::LeaseAccounts lease{s.quote.lease, s.terms.renter, s.terms.host, key(7),
                                         s.terms.attestor};
       s.instructions.push_back(settlement::to_instruction(
           escrow::encode_stop(s.program, lease, escrow::StopHow::served)));
       s.pack();
     }},
    {"another program with the same data",
     [](Scene& s) {
       s.instructions.back().program = key(8);
       s.pack();
     }},
    {"somebody else pays the fees", [](Scene& s) { s.pack(key(66)); }},
    {"a higher rate in the instruction",
     [](Scene& s) {
       escrow::Open open = s.open();
       open.rate_lamports_per_hour += 1;
       s.instructions.back() = settlement::to_instruction(escrow::encode_open(s.program, open));
       s.pack();
     }},
    {"more seconds in the instruction",
     [](Scene& s) {
       escrow::Open open = s.open();
       open.seconds += 1;
       s.instructions.back() = settlement::to_instruction(escrow::encode_open(s.program, open));
       s.pack();
     }},
    {"another host in the instruction",
     [](Scene& s) {
       escrow::Open open = s.open();
       open.host = key(66);
       s.instructions.back() = settlement::to_instruction(escrow::encode_open(s.program, open));
       s.pack();
     }},
    {"other terms in the instruction",
     [](Scene& s) {
       escrow::Open open = s.open();
       open.terms_hash.bytes[0] ^= 1;
       s.instructions.back() = settlement::to_instruction(escrow::encode_open(s.program, open));
       s.pack();
     }},
    {"a later expiry in the instruction",
     [](Scene& s) {
       escrow::Open open = s.open();
       open.expires_at += 1;
       s.instructions.back() = settlement::to_instruction(escrow::encode_open(s.program, open));
       s.pack();
     }},
    {"one account more for the open",
     [](Scene& s) {
       s.instructions.back().accounts.push_back({key(66), false, true, false});
       s.pack();
     }},
    {"the host as a signer",
     [](Scene& s) {
       s.instructions.back().accounts[2].signer = true;
       s.pack();
     }},
    {"the market as writable",
     [](Scene& s) {
       s.instructions.back().accounts[3].writable = true;
       s.pack();
     }},
    {"one byte more of data",
     [](Scene& s) {
       s.instructions.back().data.push_back(0);
       s.pack();
     }},
    {"an account handed to the compute budget",
     [](Scene& s) {
       s.instructions.front().accounts.push_back({key(66), false, true, false});
       s.pack();
     }},
    {"a priority fee that the quote does not have",
     [](Scene& s) {
       s.instructions.push_back(solana::set_unit_price(1'000'000));
       s.pack();
     }},
    {"a compute limit far above what it needs",
     [](Scene& s) {
       s.instructions.front() = solana::set_unit_limit(1'400'000);
       s.pack();
     }},
    {"a compute limit said twice",
     [](Scene& s) {
       s.instructions.push_back(solana::set_unit_limit(300));
       s.pack();
     }},
};

INSTANTIATE_TEST_SUITE_P(Terms, VerifyQuoteTamperings, testing::ValuesIn(in_the_terms));
INSTANTIATE_TEST_SUITE_P(Shown, VerifyQuoteTamperings, testing::ValuesIn(in_what_is_shown));
INSTANTIATE_TEST_SUITE_P(Transactions, VerifyQuoteTamperings,
                         testing::ValuesIn(in_the_transaction));

TEST(VerifyQuote, KeysThatNoInstructionUsesAreRefused) {
  Scene scene;
  auto transaction = solana::decode_transaction_base64(scene.quote.transaction);
  ASSERT_TRUE(transaction);
  solana::Message message = transaction->message();
  // A read-only key at the end changes no index.
  message.keys.push_back(key(66));
  message.readonly_others += 1;
  scene.quote.transaction = solana::Transaction(message).base64();
  const auto checked = scene.verify();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::Code::refused);
}

TEST(VerifyQuote, WhatIsOnlyLateMayBeAskedForAgain) {
  Scene late;
  late.chain.now_s = late.terms.expires_at + 1;
  EXPECT_EQ(late.verify().error().code, base::Code::expired);
  Scene changed;
  changed.chain.account.rev = 4;
  EXPECT_EQ(changed.verify().error().code, base::Code::expired);
  Scene paused;
  paused.chain.account.paused = 1;
  EXPECT_EQ(paused.verify().error().code, base::Code::expired);
}

}  // namespace
}  // namespace obelisk::cli
