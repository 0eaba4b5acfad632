// obelisk offers: a search through what can be rented now.
#include <algorithm>
#include <array>

#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "base/json_line.hpp"
#include "core/market/search/fields.hpp"

namespace obelisk::cli {
namespace {

namespace search = market::search;

constexpr std::string_view kUsualLimit = "20";
constexpr std::size_t kRegionColumns = 10;  // what is left of 80

using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters parameters_of(const OffersOptions& options) {
  std::string query;
  for (const std::string& word : options.query) query += (query.empty() ? "" : " ") + word;
  Parameters out;
  if (!query.empty()) out.emplace_back("q", query);
  if (options.card) out.emplace_back("card", *options.card);
  if (options.count) out.emplace_back("count", *options.count);
  if (options.sort) out.emplace_back("sort", *options.sort);
  out.emplace_back("limit", options.limit.value_or(std::string(kUsualLimit)));
  if (options.cursor) out.emplace_back("cursor", *options.cursor);
  return out;
}

std::string_view heading(search::Source source) {
  switch (source) {
    case search::Source::market: return "The market knows";
    case search::Source::host: return "The host says, and nobody has checked";
    case search::Source::data_sheet: return "The card's data sheet says";
    case search::Source::measured: return "The market measured, over the last leases of an offer";
  }
  return "";
}

std::string fields_json() {
  std::vector<std::string> rows;
  for (const search::FieldInfo& field : search::fields()) {
    std::vector<std::string> aliases;
    for (const std::string_view alias : field.aliases) {
      if (!alias.empty()) aliases.push_back(base::json_string(alias));
    }
    base::JsonLine row;
    row.text("name", field.name)
        .raw("aliases", base::json_array(aliases))
        .text("values", search::kind_words(field.kind))
        .text("source", search::source_words(field.source))
        .text("help", field.help);
    rows.push_back(row.done());
  }
  return base::JsonLine().raw("fields", base::json_array(rows)).done();
}

void show_fields(Output& out) {
  constexpr std::array kSources{search::Source::market, search::Source::data_sheet,
                                search::Source::host, search::Source::measured};
  for (const search::Source source : kSources) {
    out.line(std::string(heading(source)) + ":");
    for (const search::FieldInfo& field : search::fields()) {
      if (field.source != source) continue;
      std::string name(field.name);
      std::string kind(search::kind_words(field.kind));
      name.resize(std::max<std::size_t>(name.size(), 18), ' ');
      kind.resize(std::max<std::size_t>(kind.size(), 10), ' ');
      out.line("  " + name + "  " + kind + "  " + std::string(field.help));
    }
    out.line();
  }
  out.line("Signs: = != < <= > >= a,b a..b eu* and or not ( ). All of it: docs/search.md");
}

std::string login_text(const api::Offer& offer) {
  return offer.login_p95_ms ? milliseconds_text(static_cast<std::int64_t>(std::min<std::uint64_t>(
                                  *offer.login_p95_ms, std::uint64_t{86'400'000})))
                            : "-";
}

void show_offers(Output& out, const api::OfferList& list) {
  Table table({{"OFFER", Align::left},
               {"CARD", Align::left},
               {"FREE", Align::right},
               {"VRAM", Align::right},
               {"USD/h", Align::decimal},
               {"SOL/h", Align::decimal},
               {"LOGIN", Align::right},
               {"", Align::left}});
  for (const api::Offer& offer : list.offers) {
    table.add({offer.id, offer.card, std::to_string(offer.count), memory_text(offer.memory_bytes),
               usd_text(offer.micro_usd_per_hour),
               offer.lamports_per_hour ? sol_figure(*offer.lamports_per_hour) : "-",
               login_text(offer),
               offer.simulated ? "simulated" : fitted(offer.region.value_or(""), kRegionColumns)});
  }
  out.table(table.lines());
  if (!list.next) return;
  out.line();
  out.line(std::to_string(list.offers.size()) + " of " + std::to_string(list.total) +
           ". More: --limit N, or --cursor " + *list.next);
}

}  // namespace

base::Result<void> offers(Session& session, const OffersOptions& options) {
  if (options.fields) {
    show_fields(session.out());
    session.out().result(fields_json());
    return {};
  }
  TRY(MarketClient * market, session.market());
  TRY(const api::OfferList list, market->offers(parameters_of(options)));
  session.out().result(api::to_json(list));
  if (list.offers.empty()) {
    session.out().line("No offer fits now. The cards there are: obelisk cards");
    return {};
  }
  show_offers(session.out(), list);
  return {};
}

}  // namespace obelisk::cli
