#include "core/host/advice.hpp"

#include <algorithm>

#include "base/lamports.hpp"
#include "core/escrow/bounds.hpp"

namespace obelisk::host {
namespace {

constexpr std::uint64_t kMostMicroUsd = 1'000'000'000;  // $1,000 an hour

// Of n sorted values the one at n/2, rounded up, as the market's history has it.
std::optional<std::uint64_t> median(std::vector<std::uint64_t> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return values[(values.size() + 1) / 2 - 1];
}

// At the rate of now; nothing where it does not fit.
std::optional<std::uint64_t> in_usd(std::optional<std::uint64_t> lamports,
                                    std::optional<std::uint64_t> micro_usd_per_sol) {
  if (!lamports || !micro_usd_per_sol) return std::nullopt;
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(*lamports, *micro_usd_per_sol, &product)) return std::nullopt;
  return product / base::kLamportsPerSol;
}

// Cents, and more of it below ten: "$1.38", "$0.004".
std::string usd(std::uint64_t micro_usd) {
  constexpr std::uint64_t kMicro = 1'000'000;
  const std::uint64_t step = micro_usd >= 100'000 ? 10'000 : 1'000;
  const std::uint64_t rounded = (micro_usd + step / 2) / step * step;
  std::string part = std::to_string(kMicro + rounded % kMicro).substr(1, step == 10'000 ? 2 : 3);
  if (part.size() == 3 && part.back() == '0') part.pop_back();
  return "$" + std::to_string(rounded / kMicro) + "." + part;
}

std::string asked(const Advice& advice) {
  const std::string what = advice.card_name;
  if (advice.others == 0) return "Nobody else offers one " + what + " now";
  const std::string price = *advice.least == *advice.most
                                ? usd(*advice.least)
                                : usd(*advice.least) + " to " + usd(*advice.most);
  return "Others ask " + price + "/h for one " + what;
}

std::string paid(const Advice& advice) {
  const std::string last = " in the last " + std::to_string(kAdviceDays) + " days";
  if (advice.rented == 0) return "none was rented" + last;
  const std::string price = advice.median_micro_usd
                                ? usd(*advice.median_micro_usd) + "/h at the rate of now"
                                : base::to_sol_text({*advice.median_lamports}) + "/h";
  return "the median of " + std::string(advice.is_rented_whole ? "" : "the newest ") +
         std::to_string(advice.rented) + " rented" + last + " was " + price;
}

}  // namespace

Advice advise(MarketPrices prices) {
  // A market may say anything; what no listing and no lease can be is no row.
  std::erase_if(prices.others, [](std::uint64_t price) { return price > kMostMicroUsd; });
  std::erase_if(prices.rented, [](std::uint64_t rate) { return rate > escrow::kMaxRate; });
  Advice out;
  out.card_name = std::move(prices.card_name);
  out.others = prices.others.size();
  if (!prices.others.empty()) {
    const auto [least, most] = std::ranges::minmax(prices.others);
    out.least = least;
    out.most = most;
  }
  out.rented = prices.rented.size();
  out.is_rented_whole = prices.is_rented_whole;
  out.median_lamports = median(std::move(prices.rented));
  out.median_micro_usd = in_usd(out.median_lamports, prices.micro_usd_per_sol);
  if (prices.listed && prices.taken && *prices.listed > 0) {
    out.listed = prices.listed;
    out.taken = prices.taken;
  }
  return out;
}

std::string to_text(const Advice& advice) {
  std::string out = asked(advice) + "; " + paid(advice);
  if (advice.listed) {
    out += "; " + std::to_string(*advice.taken) + " of " + std::to_string(*advice.listed) +
           (*advice.taken == 1 ? " is taken" : " are taken");
  }
  return out + ".";
}

}  // namespace obelisk::host
