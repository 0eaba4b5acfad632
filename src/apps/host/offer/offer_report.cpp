#include "apps/host/offer/offer_report.hpp"

#include <algorithm>

#include "apps/host/config.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::host {
namespace {

using base::CanonicalJson;

// What JSON holds exactly; a market may say anything.
constexpr std::uint64_t kMostExact = (std::uint64_t{1} << 53) - 1;

std::int64_t whole(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, kMostExact));
}

std::string time_span(std::uint32_t least, std::uint32_t most) {
  return base::to_duration_text(least) + " to " + base::to_duration_text(most);
}

std::string offered(const OfferReport& report) {
  if (report.is_drained) {
    return "Offered: nothing since " + base::to_rfc3339_seconds(*report.until_s) +
           ". Again: obelisk-host list --until never";
  }
  std::string out = "Offered: ";
  out += report.micro_usd_per_hour == 0
             ? "no price is known"
             : "$" + dollars_from(report.micro_usd_per_hour) + "/h a card" +
                   (report.is_set ? "" : ", by the settings");
  out += ", for " + time_span(report.min_seconds, report.max_seconds);
  if (report.until_s) {
    out += ", nothing that ends after " + base::to_rfc3339_seconds(*report.until_s);
  }
  return out + ".";
}

std::string line_of(const api::Offer& offer) {
  return "  " + std::to_string(offer.listed.value_or(offer.count)) + " x " + offer.card + ", " +
         std::to_string(offer.count) + " free, $" + dollars_from(offer.micro_usd_per_hour) +
         "/h, " + time_span(offer.min_seconds.value_or(60), offer.max_seconds) + "  (offer " +
         offer.id + ")";
}

CanonicalJson::Object json_of(const Advice& advice) {
  CanonicalJson::Object out{{"others", whole(advice.others)}, {"rented", whole(advice.rented)}};
  const auto add = [&](const char* name, const std::optional<std::uint64_t>& value) {
    if (value) out.emplace(name, whole(*value));
  };
  add("least_micro_usd", advice.least);
  add("most_micro_usd", advice.most);
  add("median_micro_usd", advice.median_micro_usd);
  add("listed", advice.listed);
  add("taken", advice.taken);
  if (advice.median_lamports) {
    out.emplace("median_lamports", std::to_string(*advice.median_lamports));
  }
  return out;
}

}  // namespace

std::vector<std::string> to_lines(const OfferReport& report) {
  std::vector<std::string> out{offered(report)};
  if (!report.running) out.emplace_back("Not running: it holds from the next obelisk-host run on.");
  if (!report.trouble.empty()) out.push_back(report.trouble);
  if (report.shown && report.shown->empty()) {
    out.emplace_back("The market shows nothing of it: no card of this host is free there.");
  } else if (report.shown) {
    out.emplace_back("The market shows:");
    for (const api::Offer& offer : *report.shown) out.push_back(line_of(offer));
  }
  if (report.advice) out.push_back(to_text(*report.advice));
  return out;
}

std::string to_json(const OfferReport& report) {
  CanonicalJson::Object out{{"running", report.running},
                            {"set_by", report.is_set ? "list" : "settings"},
                            {"min_seconds", report.min_seconds},
                            {"max_seconds", report.max_seconds}};
  std::string text;
  CanonicalJson::Array rows;
  if (report.shown) {
    for (const api::Offer& offer : *report.shown) {
      rows.emplace_back(
          CanonicalJson::Object{{"offer", offer.id},
                                {"card", offer.card},
                                {"free", offer.count},
                                {"listed", offer.listed.value_or(offer.count)},
                                {"micro_usd_per_hour", whole(offer.micro_usd_per_hour)},
                                {"min_seconds", offer.min_seconds.value_or(60)},
                                {"max_seconds", offer.max_seconds}});
    }
    out.emplace("market", std::move(rows));
  }
  if (report.micro_usd_per_hour != 0) {
    out.emplace("micro_usd_per_hour", whole(report.micro_usd_per_hour));
  }
  if (report.advice) out.emplace("advice", json_of(*report.advice));
  if (report.until_s) out.emplace("until", base::to_rfc3339_seconds(*report.until_s));
  text = CanonicalJson(std::move(out)).text();
  // Canonical JSON has no null: what is not known is said after the rest.
  text.pop_back();
  if (!report.advice) text += R"(,"advice":null)";
  if (!report.shown) text += R"(,"market":null)";
  if (report.micro_usd_per_hour == 0) text += R"(,"micro_usd_per_hour":null)";
  if (!report.until_s) text += R"(,"until":null)";
  return text + "}";
}

}  // namespace obelisk::host
