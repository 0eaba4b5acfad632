// What a receipt file says of itself: nothing here needs a node.
#include "apps/cli/papers/receipt_check.hpp"

#include "apps/cli/text/amounts.hpp"
#include "base/crypto.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/market/terms.hpp"

namespace obelisk::cli {
namespace {

using base::Lamports;

class Report {
 public:
  void say(const char* what, bool right, std::string detail) {
    checks_.push_back({what, right ? Verdict::right : Verdict::wrong, std::move(detail)});
  }
  void absent(const char* what, std::string detail) {
    checks_.push_back({what, Verdict::absent, std::move(detail)});
  }
  std::vector<Check> take() { return std::move(checks_); }

 private:
  std::vector<Check> checks_;
};

bool same_parties(const papers::ReceiptFile& file, const market::Terms& terms, std::string& which) {
  const struct {
    bool same;
    const char* what;
  } pairs[] = {
      {terms.program == file.program, "program"},
      {terms.market == file.market, "market"},
      {terms.renter == file.renter, "renter"},
      {terms.host == file.host, "host"},
      {file.attestor && terms.attestor == *file.attestor, "attestor"},
      {terms.lamports_per_hour == file.lamports_per_hour.count, "rate"},
  };
  for (const auto& pair : pairs) {
    if (!pair.same) which += (which.empty() ? "" : ", ") + std::string(pair.what);
  }
  return which.empty();
}

void check_terms(Report& report, const papers::ReceiptFile& file) {
  if (!file.terms) {
    return report.absent("terms", "The receipt is without the terms; only their hash is checked.");
  }
  const auto terms = market::read_terms(*file.terms);
  if (!terms) return report.say("terms", false, terms.error().message);
  report.say("terms", true,
             "Canonical and whole: " + std::to_string(terms->cards.size()) + " x " + terms->card +
                 ", " + std::to_string(terms->seconds) + " s.");
  const bool hashed = market::terms_hash(*file.terms) == file.terms_hash;
  report.say("terms_hash", hashed,
             hashed ? base::to_hex(file.terms_hash.view()) : "The terms have another hash.");
  const bool quoted = file.quote_signature &&
                      market::verify_quote(*file.terms, terms->attestor, *file.quote_signature);
  report.say("quote_signature", quoted,
             quoted ? "The attestor " + terms->attestor.to_string() + " signed these terms."
                    : "The attestor did not sign these terms.");
  std::string which;
  const bool same = same_parties(file, *terms, which);
  report.say("parties", same,
             same ? "Program, market, renter, host, attestor and rate are those of the terms."
                  : "The terms name another " + which + ".");
  const bool address =
      settlement::lease_address(file.program, file.renter, terms->nonce).address == file.lease;
  report.say("address", address,
             address ? "The lease lies where program, renter and nonce put it."
                     : "Program, renter and nonce give another address.");
}

void check_attestations(Report& report, const papers::ReceiptFile& file) {
  for (const papers::PaperAttestation& one : file.attestations) {
    const bool known = (file.attestor && one.signer == *file.attestor) || one.signer == file.renter;
    const settlement::Proof proof{
        one.signer, {file.program, file.lease, one.opened_slot, one.alive_until}, one.signature};
    const bool right = known && one.opened_slot == file.opened_slot && settlement::is_valid(proof);
    report.say("attestation", right,
               right
                   ? "Served until " + base::to_rfc3339_seconds(one.alive_until) + ", signed by " +
                         (one.signer == file.renter ? "the renter." : "the attestor.")
                   : "It is not signed by attestor or renter for this opening of this lease.");
  }
}

struct Sums {
  Lamports paid_in, host, fee, renter;
  bool fit = true;

  void add(Lamports& sum, Lamports amount) {
    const auto total = base::checked_add(sum, amount);
    fit = fit && total.has_value();
    sum = total.value_or(sum);
  }
};

// What came in went somewhere: every lamport of the sums is in a step, and the other way round.
void check_sums(Report& report, const papers::ReceiptFile& file) {
  Sums sums;
  for (const papers::PaperTransaction& transaction : file.transactions) {
    for (const papers::PaperStep& step : transaction.steps) {
      sums.add(sums.paid_in, step.paid_in);
      sums.add(sums.host, step.to_host);
      sums.add(sums.fee, step.to_treasury);
      sums.add(sums.renter, step.to_renter);
    }
  }
  Lamports in = file.paid;  // with the bond
  sums.add(in, file.bond);
  Lamports back = file.refunded;
  if (file.closed) sums.add(back, file.bond);
  if (file.closed) sums.add(back, file.surplus);
  Lamports split = file.host_got;
  sums.add(split, file.fee);
  sums.add(split, file.refunded);
  sums.add(split, file.held);
  const bool right = sums.fit && file.bond.count == escrow::kBondLamports && sums.paid_in == in &&
                     sums.host == file.host_got && sums.fee == file.fee && sums.renter == back &&
                     split == file.paid;
  report.say("sums", right,
             right ? "Paid " + sol_figure(file.paid) + " = host " + sol_figure(file.host_got) +
                         " + fee " + sol_figure(file.fee) + " + back " + sol_figure(file.refunded) +
                         " + held " + sol_figure(file.held) + " SOL, to the lamport."
                   : "The sums are not those of the steps, or do not add up.");
}

// The protocol's section 3: what was earned by the second, and the fee on the total.
void check_rules(Report& report, const papers::ReceiptFile& file) {
  std::uint64_t most = 0;
  std::uint64_t fee = 0;
  const auto released = base::checked_add(file.host_got, file.fee);
  const auto terms = file.terms ? market::read_terms(*file.terms) : base::Error{};
  bool right =
      released && file.used_s >= 0 &&
      escrow::earned(file.lamports_per_hour.count, static_cast<std::uint64_t>(file.used_s), most) &&
      released->count <= most;
  if (right && terms) {
    right = escrow::fee(released->count, terms->fee_bps, fee) && fee == file.fee.count;
  }
  report.say("rules", right,
             right ? std::to_string(file.used_s) + " s earned " + sol_figure({most}) +
                         " SOL at most; host and market got no more."
                   : "Host and market got another amount than the seconds and the fee allow.");
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::right: return "right";
    case Verdict::wrong: return "wrong";
    case Verdict::absent: return "absent";
    case Verdict::unknown: return "unknown";
  }
  return "";
}

std::vector<Check> check_alone(const papers::ReceiptFile& file) {
  Report report;
  check_terms(report, file);
  check_attestations(report, file);
  check_sums(report, file);
  check_rules(report, file);
  return report.take();
}

}  // namespace obelisk::cli
