#include "apps/cli/receipt_text.hpp"

#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/dial.hpp"
#include "apps/cli/text/table.hpp"
#include "base/json_line.hpp"
#include "core/market/price.hpp"

namespace obelisk::cli {
namespace {

using base::Lamports;
using escrow::Tag;

std::optional<std::uint32_t> deadline_of(const std::optional<LeaseFile>& notes) {
  return notes ? std::optional(notes->ready_deadline_s) : std::nullopt;
}

std::string outcome_text(std::string_view outcome, bool closed) {
  if (!closed) return "not over yet";
  if (outcome == "not_ready") return "not ready in time";
  if (outcome == "cancelled") return "cancelled before it was ready";
  if (outcome == "stopped_by_renter") return "stopped by the renter";
  if (outcome == "stopped_by_host") return "stopped by the host";
  if (outcome == "host_dark") return "the host went dark";
  if (outcome == "ran_to_the_end") return "ran to the end";
  return "over";
}

// "host 0.0001956, market 0.000005014 SOL"; empty where nothing moved.
std::string what_moved(const papers::ReceiptStep& step) {
  std::string out;
  const auto add = [&](const char* who, Lamports amount) {
    if (amount.count == 0) return;
    out += (out.empty() ? "" : ", ") + std::string(who) + " " + sol_figure(amount);
  };
  add("paid in", step.paid_in);
  add("host", step.to_host);
  add("market", step.to_treasury);
  add("renter", step.to_renter);
  return out.empty() ? out : out + " SOL";
}

std::vector<std::string> amounts(const papers::Receipt& r, const std::optional<LeaseFile>& notes) {
  const std::uint64_t rate = notes ? notes->micro_usd_per_sol : 0;
  Table table(
      {{"", Align::left}, {"SOL", Align::decimal}, {rate != 0 ? "USD" : "", Align::decimal}});
  const auto add = [&](const std::string& name, Lamports amount) {
    table.add({name, base::to_sol_exact(amount),
               rate != 0 ? usd_text(market::micro_usd_for(amount, rate)) : ""});
  };
  if (notes) add("quoted, at most", notes->quoted);
  add("paid", r.paid);
  add("  to the host", r.host_got);
  add("  market fee", r.fee);
  add("  back to you", r.refunded);
  if (r.held.count != 0) add("  still in the lease", r.held);
  add(r.closed ? "account rent, back too" : "account rent, comes back", r.bond);
  if (r.surplus.count != 0) add("sent by others, yours too", r.surplus);
  add("network fees", r.network_fees);
  return table.lines();
}

}  // namespace

std::string step_text(const papers::ReceiptStep& step) {
  const bool over = step.after == escrow::State::closed;
  switch (step.tag) {
    case Tag::open: return "opened";
    case Tag::ready: return "ready";
    case Tag::cancel: return "cancelled";
    case Tag::extend: return "extended";
    case Tag::claim: return over ? "claimed, over" : "claimed";
    case Tag::stop: return over ? "stopped" : "stopped, contested";
    case Tag::finish: return over ? "finished" : "ended, contested";
    case Tag::create_market:
    case Tag::update_market: break;
  }
  return "";
}

std::vector<std::string> receipt_lines(const papers::Receipt& r,
                                       const std::optional<LeaseFile>& notes) {
  std::vector<std::string> out{"Receipt " + r.lease.to_string()};
  const std::string card = notes ? notes->card_name + ", " : "";
  const std::string outcome{papers::outcome_of(r, deadline_of(notes))};
  out.push_back(card + "host " + short_key(r.host) + ", " + outcome_text(outcome, r.closed) + ".");
  if (notes && notes->dial_ms) {
    // Rounded up, as the sentence that ended the wait was.
    const std::int64_t whole_ms = (*notes->dial_ms + 999) / 1000 * 1000;
    out.push_back(dial(whole_ms, std::int64_t{notes->ready_deadline_s} * 1000) +
                  ", from paid to logged in");
  }
  if (r.started_at && r.seconds > 0) {
    out.push_back(time_dial(r.served_s, r.seconds) + " used");
  }
  out.push_back("");
  for (std::string& line : amounts(r, notes)) out.push_back(std::move(line));
  out.push_back("");
  for (const papers::ReceiptStep& step : r.steps) {
    const std::string moved = what_moved(step);
    out.push_back((step.time_s ? base::to_rfc3339_seconds(*step.time_s) : "-") + "  " +
                  step_text(step));
    if (!moved.empty()) out.push_back("  " + moved);
    out.push_back(step.signature.to_string());
  }
  return out;
}

std::string receipt_json(const papers::Receipt& r, const std::optional<LeaseFile>& notes,
                         const std::optional<std::string>& saved) {
  const auto signature_of = [&](Tag tag) -> std::optional<base::Signature> {
    const papers::ReceiptStep* step = r.find(tag);
    return step == nullptr ? std::nullopt : std::optional(step->signature);
  };
  const auto time_text = [](const std::optional<base::UnixSeconds>& time_s) {
    return time_s ? std::optional(base::to_rfc3339_seconds(*time_s)) : std::nullopt;
  };
  const papers::ReceiptStep* closing = r.closing();
  base::JsonLine signatures;
  signatures.signature("open", signature_of(Tag::open))
      .signature("ready", signature_of(Tag::ready))
      .signature("stop", closing == nullptr ? std::nullopt : std::optional(closing->signature));
  std::vector<std::string> steps;
  for (const papers::ReceiptStep& step : r.steps) {
    steps.push_back(base::JsonLine()
                        .text("what", step_text(step))
                        .signature("signature", step.signature)
                        .text_or_null("at", time_text(step.time_s))
                        .lamports("paid_in_lamports", step.paid_in)
                        .lamports("host_lamports", step.to_host)
                        .lamports("fee_lamports", step.to_treasury)
                        .lamports("renter_lamports", step.to_renter)
                        .done());
  }
  base::JsonLine out;
  out.key("lease", r.lease);
  if (notes) out.text("card", notes->card);
  out.key("program", r.program)
      .key("host_wallet", r.host)
      .lamports("quoted_lamports", notes ? std::optional(notes->quoted) : std::nullopt)
      .lamports("paid_lamports", r.paid)
      .lamports("host_lamports", r.host_got)
      .lamports("fee_lamports", r.fee)
      .lamports("refunded_lamports", r.refunded)
      .lamports("held_lamports", r.held)
      .lamports("rent_lamports", r.bond)
      .lamports("network_fees_lamports", r.network_fees)
      .raw("signatures", signatures.done())
      .text_or_null("opened_at", time_text(r.opened_at))
      .text_or_null("started_at", time_text(r.started_at))
      .text_or_null("stopped_at", time_text(r.stopped_at))
      .number("used_s", r.served_s)
      .text("outcome", papers::outcome_of(r, deadline_of(notes)))
      .raw("steps", base::json_array(steps));
  if (saved) out.text("saved", *saved);
  return out.done();
}

}  // namespace obelisk::cli
