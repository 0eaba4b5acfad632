#include "apps/host/check/gather.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "adapters/clock/system_clock.hpp"
#include "adapters/http/client.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/podman/cdi.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "api/types.hpp"
#include "apps/host/advice/ask_prices.hpp"
#include "apps/host/bandwidth/way.hpp"
#include "apps/host/cards_now.hpp"
#include "apps/host/disk_speed.hpp"
#include "apps/host/market_ask.hpp"
#include "base/time.hpp"
#include "core/cards/catalogue.hpp"
#include "core/host/judge.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;

DriverFacts look_at_driver(const Config& config, ports::Gpus& gpus) {
  DriverFacts out;
  out.allow_cpu = config.allow_cpu;
  const auto found = gpus.list();
  if (!found) {
    out.problem = found.error().message;
    out.fix = found.error().action;
    return out;
  }
  for (const ports::Gpu& gpu : *found) {
    out.version = gpu.driver_version;
    out.cuda_version = gpu.cuda_version;
    const bool has_parts =
        std::ranges::find(*found, gpu.uuid, &ports::Gpu::parent_uuid) != found->end();
    if (gpu.is_cut && has_parts) continue;
    const cards::Card* card = cards::match_driver_name(gpu.name);
    out.cards.push_back({gpu.name, card == nullptr ? "" : std::string(card->id),
                         card == nullptr || cards::plausible_memory(*card, gpu.memory_bytes),
                         gpu.is_cut, gpu.processes.size()});
  }
  return out;
}

std::optional<Finding> look_at_health(const CheckParts& parts) {
  const auto found = parts.gpus.list();
  return found ? judge_health(look_at_cards(*found, parts.monitor)) : std::nullopt;
}

// Nothing to say of a machine without real cards.
std::optional<Finding> look_at_cdi(ports::Gpus& gpus) {
  const auto found = gpus.list();
  if (!found || std::ranges::all_of(*found, &ports::Gpu::simulated)) return std::nullopt;
  const auto named = podman::ensure_cdi(*found);
  if (!named) return Finding{"cdi", Level::error, named.error().message, named.error().action};
  return Finding{"cdi", Level::ok,
                 "Podman knows the cards by " + named->file +
                     (named->is_ours ? ", which was written of the running driver." : "."),
                 ""};
}

// `ahead_ms`: our clock less the market's, half of the way there and back taken as its way here.
struct MarketAnswer {
  Finding finding;
  std::optional<std::int64_t> ahead_ms;
};

MarketAnswer ask_market(const Config& config) {
  MarketAnswer out{{"market", Level::warning, "No market is named.", "Give --market URL."}, {}};
  if (config.market_url.empty()) return out;
  const auto url = http::Url::parse(config.market_url);
  if (!url) {
    out.finding = {"market", Level::error, url.error().message, url.error().action};
    return out;
  }
  http::Client client(*url);
  http::Request request;
  request.method = "GET";
  request.path = "/v1/leases";  // nobody's: the refusal has the market's clock in it
  clock::SystemClock clock;
  const base::UnixMillis before_ms = clock.now_ms();
  const auto answer = client.call(request, 5s);
  const base::UnixMillis after_ms = clock.now_ms();
  if (!answer) {
    out.finding = {
        "market", Level::error, answer.error().message,
        "Check --market and this machine's network: a host dials out and opens no port."};
    return out;
  }
  out.finding = {"market", Level::ok,
                 "The market answers in " + std::to_string(after_ms - before_ms) + " ms.", ""};
  const std::string_view time = answer->header("Obelisk-Time").value_or("");
  base::UnixMillis market_ms = 0;
  const auto read = std::from_chars(time.data(), time.data() + time.size(), market_ms);
  if (!time.empty() && read.ec == std::errc() && read.ptr == time.data() + time.size()) {
    out.ahead_ms = before_ms + (after_ms - before_ms) / 2 - market_ms;
  }
  return out;
}

// As a start would; the key is looked at later, and said there.
Finding look_at_way(const Config& config) {
  const auto key = keyfile::KeyfileSigner::open(config.keypair.string());
  const auto served = ask_served(config.market_url);
  if (!key || !served) {
    return judge_way(kept_way(config.state_dir, config.market_url),
                     key ? served.error().message : key.error().message);
  }
  clock::SystemClock clock;
  std::string said;
  const auto way = way_for(config, served->market, **key, clock,
                           [&](const std::string& words) { said = words; });
  return judge_way(way, said.substr(said.find(": ") == said.npos ? 0 : said.find(": ") + 2));
}

// Nothing to do about it, so it is no warning.
void look_at_prices(const CheckParts& parts, std::vector<Finding>& out) {
  clock::SystemClock clock;
  const auto advice = ask_advice(parts.config, parts.gpus, clock.now_ms());
  if (advice) out.push_back({"price", Level::ok, to_text(*advice), ""});
}

// The node first: without it what the wallet holds is not known.
void look_at_money(const Config& config, std::vector<Finding>& out) {
  const auto key = keyfile::KeyfileSigner::open(config.keypair.string());
  if (!key) {
    out.push_back({"key", Level::error, key.error().message, key.error().action});
    return;
  }
  const std::string address = (*key)->public_key().to_string();
  out.push_back({"key", Level::ok, "The wallet is " + address + ".", ""});
  std::optional<std::uint64_t> lamports;
  if (config.rpc_url.empty()) {
    out.push_back({"node", Level::warning, "No Solana node is named.", "Give --rpc URL."});
  } else {
    clock::SystemClock clock;
    const auto chain =
        solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock);
    if (!chain) {
      out.push_back({"node", Level::error, chain.error().message, chain.error().action});
    } else {
      out.push_back({"node", Level::ok, "The node answers.", ""});
      const auto wallet = (*chain)->account((*key)->public_key(), ports::Commitment::confirmed);
      if (wallet) lamports = wallet->account ? wallet->account->lamports.count : 0;
    }
  }
  out.push_back(judge_wallet(address, lamports));
}

}  // namespace

std::vector<Finding> look_at_all(const CheckParts& parts) {
  std::vector<Finding> out = parts.machine();
  if (worst(out) != Level::error) {
    const auto tried = parts.containers.check();
    out.push_back(
        tried ? Finding{"containers", Level::ok, "Podman makes leases here.", ""}
              : Finding{"containers", Level::error, tried.error().message, tried.error().action});
  }
  for (Finding& finding : judge_driver(look_at_driver(parts.config, parts.gpus))) {
    out.push_back(std::move(finding));
  }
  if (auto health = look_at_health(parts)) out.push_back(*std::move(health));
  if (auto cdi = look_at_cdi(parts.gpus)) out.push_back(*std::move(cdi));
  out.push_back(judge_disk_speed(measure_disk(parts.config.state_dir)));
  const MarketAnswer market = ask_market(parts.config);
  out.push_back(market.finding);
  out.push_back(judge_clock(market.ahead_ms));
  if (market.ahead_ms) {
    out.push_back(look_at_way(parts.config));
    look_at_prices(parts, out);
  }
  look_at_money(parts.config, out);
  return out;
}

}  // namespace obelisk::host
