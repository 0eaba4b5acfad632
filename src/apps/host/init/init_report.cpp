#include "apps/host/init/init_report.hpp"

#include "base/canonical_json.hpp"
#include "base/lamports.hpp"
#include "core/host/judge.hpp"

namespace obelisk::host {
namespace {

// Two signatures each: the Ed25519 proof and the transaction's own.
constexpr std::uint64_t kClaimLamports = 10'000;
static_assert(kFirstLamports == kLeastWalletLamports + 100 * kClaimLamports);

}  // namespace

std::vector<std::string> next_steps(const InitReport& report) {
  std::vector<std::string> out;
  if (!report.has_market || !report.has_node) {
    const std::string what = report.has_node     ? "market_url"
                             : report.has_market ? "rpc_url"
                                                 : "market_url and rpc_url";
    out.push_back("Name " + what + " in " + report.config);
  }
  if (!report.balance || *report.balance < kFirstLamports) {
    out.push_back("Send at least " + base::to_sol_text({kFirstLamports}) + " to " + report.wallet +
                  ": the market quotes no host below " + base::to_sol_text({kLeastWalletLamports}) +
                  ", and a claim costs " + base::to_sol_text({kClaimLamports}) +
                  " of network fees");
  }
  if (!report.has_image) {
    out.push_back("Make the lease image, once: images/build " + report.images_dir);
  }
  out.push_back("obelisk-host check" + report.flag);
  out.push_back("obelisk-host run" + report.flag);
  return out;
}

std::vector<std::string> to_lines(const InitReport& report) {
  std::vector<std::string> out;
  for (const InitReport::Thing& thing : report.things) {
    std::string line = thing.is_made ? "made   " : "there  ";
    line += thing.id;
    line.resize(17, ' ');
    out.push_back(line + thing.text);
  }
  for (const std::string& note : report.notes) out.push_back(std::string(17, ' ') + note);
  out.emplace_back("Next:");
  int number = 0;
  for (const std::string& step : next_steps(report)) {
    out.push_back("  " + std::to_string(++number) + ". " + step);
  }
  return out;
}

std::string to_json(const InitReport& report) {
  using base::CanonicalJson;
  CanonicalJson::Array made;
  for (const InitReport::Thing& thing : report.things) {
    if (thing.is_made) made.emplace_back(thing.id);
  }
  CanonicalJson::Array next;
  for (const std::string& step : next_steps(report)) next.emplace_back(step);
  return CanonicalJson(CanonicalJson::Object{{"config", report.config},
                                             {"state_dir", report.state_dir},
                                             {"images_dir", report.images_dir},
                                             {"keypair", report.keypair},
                                             {"wallet", report.wallet},
                                             {"made", std::move(made)},
                                             {"next", std::move(next)}})
      .text();
}

}  // namespace obelisk::host
