#include "apps/cli/quote_text.hpp"

#include <algorithm>

#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"

namespace obelisk::cli {
namespace {

std::string percent(std::uint16_t bps) {
  std::string part = std::to_string(bps % 100);
  if (part.size() < 2) part.insert(0, "0");
  return std::to_string(bps / 100) + "." + part + " %";
}

std::string heading(const OrderedQuote& quote) {
  const market::Terms& t = quote.checked.terms;
  return std::to_string(t.cards.size()) + " x " + quote.card_name + " for " +
         base::to_duration_text(t.seconds) + ", host " + short_key(t.host) +
         (t.simulated ? " (simulated: this card does not exist)" : "");
}

}  // namespace

std::vector<std::string> quote_lines(const OrderedQuote& quote, base::UnixSeconds now_s) {
  const market::Terms& t = quote.checked.terms;
  const market::Breakdown& d = t.debit;
  Table table({{"", Align::left}, {"SOL", Align::decimal}, {"USD", Align::decimal}, {"", {}}});
  const auto add = [&](const std::string& name, base::Lamports amount, const std::string& note) {
    table.add({name, sol_figure(amount),
               usd_text(market::micro_usd_for(amount, t.micro_usd_per_sol)), note});
  };
  add("card", d.cards, "");
  add("disk " + disk_text(t.disk_bytes), d.disk, "");
  add("traffic", d.traffic, "not metered");
  add("price", d.price, "per second; unused comes back");
  add("account rent", d.bond, "comes back");
  add("network fees", d.network_fees, "at most, for paying and stopping");
  add("at most", d.total, "");

  std::vector<std::string> out{heading(quote), ""};
  for (std::string& line : table.lines()) out.push_back(std::move(line));
  out.push_back("");
  const base::Lamports rate{t.lamports_per_hour};
  out.push_back(sol_and_usd(rate, t.micro_usd_per_sol) + " an hour, extendable to " +
                base::to_duration_text(t.max_seconds) + ".");
  out.push_back("The market's fee of " + percent(t.fee_bps) + " is inside.");
  out.push_back("1 SOL is " + usd_text(t.micro_usd_per_sol) + " (" + t.sol_price_source + ", " +
                base::to_rfc3339_seconds(t.sol_price_at_ms / 1000) + ").");
  out.push_back("It starts from " + (t.template_name.empty() ? "" : t.template_name + ", ") +
                "the image " + t.image.substr(0, 19) + "...");
  out.push_back("The meter starts when the machine has answered.");
  out.push_back("Not ready in " + std::to_string(quote.ready_deadline_s) +
                " s: all of it comes back.");
  out.push_back("The disk is destroyed at the end.");
  out.push_back("This price holds " +
                std::to_string(std::max<base::UnixSeconds>(t.expires_at - now_s, 0)) + " s.");
  return out;
}

}  // namespace obelisk::cli
