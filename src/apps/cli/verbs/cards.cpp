// obelisk cards: what kinds there are and what they cost now.
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"

namespace obelisk::cli {
namespace {

std::string bandwidth_text(std::uint64_t bytes_per_s) {
  return bytes_per_s == 0 ? "-" : std::to_string(bytes_per_s / 1'000'000'000) + " GB/s";
}

std::string tflops_text(std::uint32_t tflops) { return tflops == 0 ? "-" : std::to_string(tflops); }

// The cheapest offer, else the price it starts with, else what "on demand" means.
std::string card_price(const api::Card& card) {
  if (card.from_micro_usd_per_hour) return usd_text(*card.from_micro_usd_per_hour);
  if (card.list_micro_usd_per_hour) return usd_text(*card.list_micro_usd_per_hour);
  return "on demand";
}

// What the figures beside it are not.
std::string note(const api::Card& card) {
  const std::uint64_t simulated = card.available_simulated.value_or(0);
  if (simulated != 0 && simulated == card.available) return "simulated";
  if (simulated != 0) return std::to_string(simulated) + " simulated";
  return card.available == 0 && card.list_micro_usd_per_hour ? "list price" : "";
}

}  // namespace

base::Result<void> cards(Session& session) {
  TRY(MarketClient * market, session.market());
  TRY(const api::CardList list, market->cards());
  Table table({{"CARD", Align::left},
               {"MEMORY", Align::right},
               {"BANDWIDTH", Align::right},
               {"FP16 TFLOPS", Align::right},
               {"FREE", Align::right},
               {"USD/h FROM", Align::decimal},
               {"SOL/h FROM", Align::decimal},
               {"", Align::left}});
  for (const api::Card& card : list.cards) {
    table.add({card.id, memory_text(card.memory_bytes), bandwidth_text(card.bandwidth_bytes_per_s),
               tflops_text(card.fp16_tflops), std::to_string(card.available), card_price(card),
               card.from_lamports_per_hour ? sol_figure(*card.from_lamports_per_hour) : "-",
               note(card)});
  }
  session.out().table(table.lines());
  session.out().result(api::to_json(list));
  return {};
}

}  // namespace obelisk::cli
