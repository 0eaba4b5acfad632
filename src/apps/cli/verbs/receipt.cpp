// obelisk receipt: what a lease came to, from the chain alone; the same as a file that anybody can
// check, and the checking of such a file.
#include <algorithm>

#include "apps/cli/files.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_records.hpp"
#include "apps/cli/papers/evidence.hpp"
#include "apps/cli/papers/receipt_file_reader.hpp"
#include "apps/cli/proofs.hpp"
#include "apps/cli/receipt_text.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"
#include "core/market/terms.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// The terms whose hash the chain has: noted here when they were paid, else from the market.
void find_terms(Session& session, const papers::Receipt& read,
                const std::optional<LeaseFile>& notes, papers::PaperExtras& out) {
  if (notes && market::terms_hash(notes->terms) == read.terms_hash) {
    out.terms = notes->terms;
    out.quote_signature = notes->quote_signature;
    return;
  }
  const auto market = session.market();
  if (!market) return;
  const auto quote = (*market)->quote_by_id(base::to_hex(read.terms_hash.view()));
  if (!quote || market::terms_hash(quote->terms) != read.terms_hash) return;
  out.terms = quote->terms;
  out.quote_signature = quote->signature;
}

base::Result<void> save(Session& session, const papers::Receipt& read,
                        const std::vector<ports::TransactionRecord>& records,
                        const std::optional<LeaseFile>& notes, const std::string& path) {
  papers::PaperExtras extras;
  TRY(extras.network, session.network());
  find_terms(session, read, notes, extras);
  TRY(papers::ReceiptFile file, papers::make_receipt_file(read, records, std::move(extras)));
  Opened lease{file.program, file.lease, file.opened_slot, {file.renter}};
  if (file.attestor) lease.signers.push_back(*file.attestor);
  if (const auto proof = newest_proof(session, lease)) {
    file.attestations.push_back(
        {proof->signer, proof->fields.opened_slot, proof->fields.alive_until, proof->signature});
  }
  TRY_VOID(write_private_file(path, papers::receipt_file_text(file)));
  session.out().line();
  session.out().line("Saved in " + path + ". Anybody checks it with: obelisk receipt --verify " +
                     path);
  if (!file.terms) {
    session.out().line("It is without the terms: neither this machine nor the market has them.");
  }
  return {};
}

base::Result<void> show_receipt(Session& session, const ReceiptOptions& options) {
  const Settings& settings = session.settings();
  TRY(const base::PublicKey key, which_lease(session, *options.lease));
  TRY(ports::Chain * chain, session.chain());
  // Notes that cannot be read leave names out, and no figure.
  const auto noted = load_lease_file(settings.state_dir, key);
  const std::optional<LeaseFile> notes = noted ? *noted : std::nullopt;
  TRY(const auto records, lease_records(*chain, key));
  TRY(const papers::Receipt read,
      receipt_from(key, records, notes ? std::optional(notes->program) : settings.program));
  session.out().lines(receipt_lines(read, notes));
  if (options.save) TRY_VOID(save(session, read, records, notes, *options.save));
  session.out().result(receipt_json(read, notes, options.save));
  return {};
}

std::string check_line(const Check& check) {
  std::string verdict{verdict_name(check.verdict)};
  verdict.resize(8, ' ');
  std::string what = check.what;
  what.resize(std::max<std::size_t>(what.size(), 16), ' ');
  return printable(verdict + what + "  " + check.detail);
}

std::size_t count_of(const std::vector<Check>& checks, Verdict verdict) {
  return static_cast<std::size_t>(std::count_if(
      checks.begin(), checks.end(), [&](const Check& c) { return c.verdict == verdict; }));
}

// Every check in a line, the count, and an answer that scripts can branch on: 0, 1 or 6.
base::Result<void> tell(Session& session, const std::string& path,
                        const std::optional<base::PublicKey>& lease,
                        const std::vector<Check>& checks) {
  const std::size_t wrong = count_of(checks, Verdict::wrong);
  const std::size_t unknown = count_of(checks, Verdict::unknown);
  std::vector<std::string> items;
  for (const Check& check : checks) {
    session.out().line(check_line(check));
    items.push_back(base::JsonLine()
                        .text("check", check.what)
                        .text("verdict", verdict_name(check.verdict))
                        .text("detail", check.detail)
                        .done());
  }
  if (wrong == 0 && unknown > 0) {
    return Error{
        Code::unreachable,
        "This node cannot say: it no longer has " + std::to_string(unknown) +
            " of the things that the receipt names, and can neither confirm nor deny them.",
        "Ask a node with a longer memory: --rpc-url."};
  }
  base::JsonLine out;
  out.flag("verified", wrong == 0)
      .text("file", path)
      .text_or_null("lease", lease ? std::optional(lease->to_string()) : std::nullopt)
      .number("checked", static_cast<std::int64_t>(checks.size()))
      .number("wrong", static_cast<std::int64_t>(wrong))
      .raw("checks", base::json_array(items));
  if (wrong == 0) {
    const std::size_t absent = count_of(checks, Verdict::absent);
    session.out().line(std::to_string(count_of(checks, Verdict::right)) + " checks are right" +
                       (absent == 0 ? "." : "; " + std::to_string(absent) + " not possible."));
    session.out().result(out.done());
    return {};
  }
  const std::string words = std::to_string(wrong) + " of " + std::to_string(checks.size()) +
                            " checks are wrong: this is not what happened.";
  session.out().line(words);
  out.raw("error", base::JsonLine()
                       .text("code", base::code_name(Code::refused))
                       .text("message", words)
                       .text("action", "Do not rely on this file.")
                       .text("charged_lamports", "0")
                       .done());
  session.out().result(out.done());
  session.end_with(1);
  return {};
}

// A program can log what it likes and sign its own terms: whose rules moved the money is the first
// thing to know, and only this person can say whom they trust.
Check check_program(const Session& session, const papers::ReceiptFile& file) {
  const auto& trusted = session.settings().program;
  const std::string name = file.program.to_string();
  if (!trusted) {
    return {"program", Verdict::absent, name + ": name the one you trust with --program."};
  }
  const bool same = *trusted == file.program;
  return {"program", same ? Verdict::right : Verdict::wrong,
          same ? "It is the one you trust: " + name + "."
               : "The receipt is of another program than the one you trust: " + name + "."};
}

base::Result<void> verify(Session& session, const std::string& path) {
  TRY(const auto text, read_file(path, papers::kMaxReceiptBytes));
  if (!text) return Error{Code::not_found, "There is no file " + path + ".", "Correct --verify."};
  const auto file = parse_receipt_file(*text);
  if (!file) {
    return tell(session, path, std::nullopt,
                {{"file", Verdict::wrong, "It is no receipt: " + file.error().message}});
  }
  std::vector<Check> checks{check_program(session, *file)};
  for (Check& check : check_alone(*file)) checks.push_back(std::move(check));
  auto evidence = evidence_for(session, *file);
  // What is wrong already stays wrong without a node.
  if (!evidence && count_of(checks, Verdict::wrong) == 0) return evidence.error();
  if (evidence) {
    for (Check& check : check_against(*file, *evidence)) checks.push_back(std::move(check));
  } else {
    checks.push_back({"network", Verdict::unknown, evidence.error().message});
  }
  return tell(session, path, file->lease, checks);
}

}  // namespace

base::Result<void> receipt(Session& session, const ReceiptOptions& options) {
  const bool both = options.lease && options.verify;
  if (both || (!options.lease && !options.verify) || (options.verify && options.save)) {
    return Error{Code::usage,
                 both || options.verify ? "--verify FILE stands alone."
                                        : "A receipt needs a lease, or a file to verify.",
                 "obelisk receipt LEASE [--save FILE], or obelisk receipt --verify FILE"};
  }
  return options.verify ? verify(session, *options.verify) : show_receipt(session, options);
}

}  // namespace obelisk::cli
