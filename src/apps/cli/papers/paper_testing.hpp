// A rental with real signatures, its receipt as a file, and a node that remembers all of it: what
// the tests of receipt files tamper with. Only for tests.
#pragma once

#include <gtest/gtest.h>

#include "apps/cli/papers/receipt_check.hpp"
#include "base/crypto.hpp"
#include "core/market/terms.hpp"
#include "core/papers/receipt_testing.hpp"

namespace obelisk::cli {

struct PaperScene {
  base::Keypair attestor = base::Keypair::from_seed({1});
  base::Keypair renter = base::Keypair::from_seed({2});
  papers::LeaseHistory history;
  market::Terms terms;
  base::Hash network{{5}};

  PaperScene() {
    history.attestor = attestor.public_key();
    history.renter = renter.public_key();
    history.nonce = 77;
    history.settle_address();
    terms.program = history.program;
    terms.market = history.market;
    terms.market_rev = 3;
    terms.attestor = history.attestor;
    terms.renter = history.renter;
    terms.host = history.host;
    terms.nonce = history.nonce;
    terms.expires_at = history.expires_at;
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
    terms.sol_price_at_ms = 1'000'000;
    terms.sol_price_source = "fixed";
    terms.ssh_key = "SHA256:" + std::string(43, 'A');
    history.terms_hash = market::terms_hash(market::terms_text(terms));
  }

  // Opened, ready, claimed once, stopped by the renter with the last proof.
  void ordinary_rental() {
    history.open();
    history.ready(1004);
    history.claim(1500, 1490);
    history.stop(2804, escrow::StopHow::served);
  }

  papers::PaperAttestation attestation(std::int64_t alive_until) const {
    papers::PaperAttestation out{attestor.public_key(), history.lease.opened_slot, alive_until, {}};
    out.signature = attestor.sign(escrow::encode_attestation(
        {history.program, history.address, out.opened_slot, alive_until}));
    return out;
  }

  papers::ReceiptFile file() const {
    const auto records = history.records();
    const auto receipt = papers::make_receipt(history.address, history.program, records);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message);
    const std::string text = market::terms_text(terms);
    const auto signature = attestor.sign(market::quote_message(market::terms_hash(text)));
    auto made = papers::make_receipt_file(*receipt, records,
                                          {network, text, signature, {attestation(1490)}});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return *made;
  }

  // As an honest node answers for this file.
  Evidence evidence(const papers::ReceiptFile& file) const {
    Evidence out;
    out.network = network;
    const auto records = history.records();
    for (const papers::PaperTransaction& paper : file.transactions) {
      out.records.emplace_back();
      for (const auto& record : records) {
        if (record.signature == paper.signature) out.records.back() = record;
      }
    }
    for (const auto& record : records) out.listed.push_back(record.signature);
    if (history.lease.state != escrow::State::closed) {
      out.account =
          LeaseAccount{history.address, history.program, {history.lamports}, history.lease, 1};
    }
    return out;
  }

  std::vector<Check> check(const papers::ReceiptFile& file) const {
    std::vector<Check> out = check_alone(file);
    for (Check& one : check_against(file, evidence(file))) out.push_back(std::move(one));
    return out;
  }
};

// The names of the checks that came to it, for the message of a test that fails.
inline std::string with_verdict(const std::vector<Check>& checks, Verdict verdict) {
  std::string out;
  for (const Check& check : checks) {
    if (check.verdict == verdict) out += check.what + " (" + check.detail + ") ";
  }
  return out;
}

}  // namespace obelisk::cli
