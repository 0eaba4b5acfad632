// obelisk host-score: how a host's leases went, by a formula that anybody can check: as its market
// says it, or added up anew from a node alone.
#include "apps/cli/host_record.hpp"
#include "apps/cli/image_claims.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_program.hpp"
#include "base/json_line.hpp"
#include "core/trust/score.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using trust::Score;

constexpr std::size_t kUsualLeases = 100;
constexpr std::size_t kMostLeases = 2'000;

std::string percent_text(const std::optional<std::uint32_t>& bps) {
  if (!bps) return "-";
  const std::string rest = std::to_string(*bps % 100);
  return std::to_string(*bps / 100) + "." + (rest.size() < 2 ? "0" : "") + rest + " %";
}

std::string row(const std::string& name, const std::string& value) {
  return "  " + name + std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') + value;
}

std::string number_or_null(const std::optional<std::uint64_t>& value) {
  return value ? std::to_string(*value) : "null";
}
std::string bps_or_null(const std::optional<std::uint32_t>& value) {
  return value ? std::to_string(*value) : "null";
}

// Nothing where nobody asked for it, or no market would tell.
using ByImage = std::optional<std::vector<trust::ImageTimes>>;

std::string images_json(const ByImage& by_image) {
  if (!by_image) return "null";
  std::vector<std::string> rows;
  for (const trust::ImageTimes& one : *by_image) {
    rows.push_back(base::JsonLine()
                       .raw("image", one.image.empty() ? "null" : base::json_string(one.image))
                       .raw("template", one.template_name.empty()
                                            ? "null"
                                            : base::json_string(one.template_name))
                       .raw("leases", std::to_string(one.leases))
                       .raw("ready_p50_s", std::to_string(one.ready_p50_s))
                       .raw("ready_p95_s", std::to_string(one.ready_p95_s))
                       .raw("login_p50_ms", number_or_null(one.login_p50_ms))
                       .raw("login_p95_ms", number_or_null(one.login_p95_ms))
                       .done());
  }
  return base::json_array(rows);
}

std::string json_of(const base::PublicKey& host, const HostRecord& record, const Score& score,
                    const ByImage& by_image) {
  return base::JsonLine()
      .key("host", host)
      .raw("leases", std::to_string(score.leases))
      .raw("kept", std::to_string(score.kept))
      .raw("left", std::to_string(score.left))
      .raw("dark", std::to_string(score.dark))
      .raw("disputed", std::to_string(score.disputed))
      .raw("missed", std::to_string(score.missed))
      .raw("withdrawn", std::to_string(score.withdrawn))
      .raw("open", std::to_string(record.open))
      .raw("unclear", std::to_string(record.unclear))
      .raw("cut", record.is_cut ? "true" : "false")
      .raw("due_s", std::to_string(score.due_s))
      .raw("served_s", std::to_string(score.served_s))
      .raw("paid_lamports", base::json_string(std::to_string(score.paid.count)))
      .raw("refunded_lamports", base::json_string(std::to_string(score.refunded.count)))
      .raw("ready_p50_s", number_or_null(score.ready_p50_s))
      .raw("ready_p95_s", number_or_null(score.ready_p95_s))
      .raw("kept_bps", bps_or_null(score.kept_bps))
      .raw("uptime_bps", bps_or_null(score.uptime_bps))
      .raw("score_bps", bps_or_null(score.score_bps))
      .raw("images", images_json(by_image))
      .done();
}

void show(Output& out, const base::PublicKey& host, const HostRecord& record, const Score& score) {
  out.line("Host " + host.to_string() + ", from the chain alone");
  out.line(row("score", percent_text(score.score_bps) + "  (kept times uptime)"));
  out.line(row("kept", percent_text(score.kept_bps) + "  " + std::to_string(score.kept) + " of " +
                           std::to_string(score.leases) + " leases"));
  out.line(row("uptime", percent_text(score.uptime_bps) + "  " + std::to_string(score.served_s) +
                             " of " + std::to_string(score.due_s) + " s"));
  if (score.ready_p50_s) {
    out.line(row("paid to ready", "p50 " + std::to_string(*score.ready_p50_s) + " s, p95 " +
                                      std::to_string(*score.ready_p95_s) + " s"));
  }
  out.line(row("ended by the host", std::to_string(score.left)));
  out.line(row("went dark", std::to_string(score.dark)));
  out.line(row("disputed, unproven", std::to_string(score.disputed)));
  out.line(row("came back to renters",
               sol_figure(score.refunded) + " of " + sol_figure(score.paid) + " SOL"));
  // What counts nowhere is shown where there is any.
  const std::pair<const char*, std::uint64_t> others[] = {
      {"never ready, not counted", score.missed},
      {"withdrawn, not counted", score.withdrawn},
      {"running, not counted", record.open}};
  for (const auto& [name, count] : others) {
    if (count != 0) out.line(row(name, std::to_string(count)));
  }
  if (record.unclear != 0) {
    out.line(row("not shown whole",
                 std::to_string(record.unclear) + ": ask a node with a longer memory, --rpc-url"));
  }
  if (record.is_cut) out.line("  Older leases were left out: --leases N takes more.");
}

// "sha256:" and enough of it to know one from another.
std::string image_text(const trust::ImageTimes& one) {
  constexpr std::size_t kShown = 7 + 12;
  if (one.image.empty()) return "named by no market";
  const std::string digest = fitted(one.image, kShown);
  return one.template_name.empty() ? digest : fitted(one.template_name, 20) + "  " + digest;
}

std::string login_text(const std::optional<std::uint64_t>& ms) {
  constexpr std::uint64_t kDayMs = 86'400'000;
  return ms ? milliseconds_text(static_cast<std::int64_t>(std::min(*ms, kDayMs))) : "-";
}

void show_images(Output& out, const std::vector<trust::ImageTimes>& by_image) {
  if (by_image.empty()) return;
  out.line();
  out.line("By image. To ready: from the chain; to the first login: by the market's clock.");
  Table table({{"IMAGE", Align::left},
               {"LEASES", Align::right},
               {"READY MEDIAN", Align::right},
               {"95 %", Align::right},
               {"LOGIN MEDIAN", Align::right},
               {"95 %", Align::right}});
  for (const trust::ImageTimes& one : by_image) {
    table.add({image_text(one), std::to_string(one.leases), std::to_string(one.ready_p50_s) + " s",
               std::to_string(one.ready_p95_s) + " s", login_text(one.login_p50_ms),
               login_text(one.login_p95_ms)});
  }
  out.table(table.lines());
}

// The record stands without a market: where none tells, that is said and nothing is lost.
ByImage ask_by_image(Session& session, const std::vector<trust::Outcome>& outcomes) {
  const auto market = session.market();
  const auto claims =
      market ? ask_image_claims(**market, outcomes)
             : base::Result<std::map<base::PublicKey, trust::ImageClaim>>(market.error());
  if (claims) return trust::times_by_image(outcomes, *claims);
  session.out().line("The market does not say which image each lease had. " +
                     claims.error().message);
  return std::nullopt;
}

// What the market adds up of this host's offers; its own figures, with its own window.
base::Result<void> show_markets(Session& session, const base::PublicKey& host) {
  TRY(MarketClient * market, session.market());
  TRY(const api::OfferList offers, market->offers({{"q", "host=" + host.to_string()}}));
  std::vector<std::string> rows;
  for (const api::Offer& offer : offers.offers) {
    if (offer.host != host) continue;
    session.out().line("  " + offer.card + ": " +
                       (offer.reliability_bps
                            ? percent_text(offer.reliability_bps) + " of its last " +
                                  std::to_string(offer.ended.value_or(0)) + " leases kept up"
                            : std::string("no lease has ended yet")));
    rows.push_back(api::to_json(offer));
  }
  if (rows.empty()) {
    return Error{
        Code::not_found, "The market has no offer of this host.",
        "Its record is on the chain: obelisk host-score " + host.to_string() + " --recompute"};
  }
  session.out().line("That is the market's word. From the chain alone: --recompute");
  session.out().result(
      base::JsonLine().key("host", host).raw("offers", base::json_array(rows)).done());
  return {};
}

base::Result<std::size_t> leases_from(const MaybeText& text) {
  if (!text) return kUsualLeases;
  const auto number = decimal(*text, 1);
  if (number && *number >= 1 && *number <= kMostLeases) return static_cast<std::size_t>(*number);
  return Error{Code::usage, "--leases cannot be \"" + text->substr(0, 20) + "\".",
               "Give a whole number from 1 to " + std::to_string(kMostLeases) + "."};
}

}  // namespace

base::Result<void> host_score(Session& session, const HostScoreOptions& options) {
  const auto host = base::PublicKey::parse(options.host);
  if (!host) {
    return Error{Code::usage, "'" + options.host.substr(0, 60) + "' is not a host's address.",
                 "Copy it whole from obelisk offers --json or obelisk show."};
  }
  TRY(const std::size_t most, leases_from(options.leases));
  if (!options.recompute && options.by_image) {
    return Error{Code::usage, "--by-image splits what --recompute adds up.",
                 "obelisk host-score " + options.host + " --recompute --by-image"};
  }
  if (!options.recompute) return show_markets(session, *host);
  TRY(ports::Chain * chain, session.chain());
  TRY(const auto programs, programs_to_search(session));
  Output& out = session.out();
  HostRecord record;
  for (const base::PublicKey& program : programs) {
    TRY(const HostRecord more,
        read_host_record(*chain, program, *host, most, [&](std::size_t done, std::size_t of) {
          out.status("Reading lease " + std::to_string(done + 1) + " of " + std::to_string(of));
        }));
    record.outcomes.insert(record.outcomes.end(), more.outcomes.begin(), more.outcomes.end());
    record.open += more.open;
    record.unclear += more.unclear;
    record.is_cut = record.is_cut || more.is_cut;
  }
  out.clear_status();
  const Score score = trust::score_of(record.outcomes);
  show(out, *host, record, score);
  const ByImage by_image = options.by_image ? ask_by_image(session, record.outcomes) : std::nullopt;
  if (by_image) show_images(out, *by_image);
  out.result(json_of(*host, record, score, by_image));
  return {};
}

}  // namespace obelisk::cli
