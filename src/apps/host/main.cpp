// obelisk-host: builds the parts, hands each what it needs, and waits for a signal.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <set>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/file_lock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/http/url.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/nvml/nvml_gpus.hpp"
#include "adapters/nvml/nvml_monitor.hpp"
#include "adapters/podman/cdi.hpp"
#include "adapters/podman/checks.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "adapters/process/process.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "adapters/tunnel/dialer.hpp"
#include "apps/host/bandwidth/way.hpp"
#include "apps/host/check/gather.hpp"
#include "apps/host/claim/claim_verb.hpp"
#include "apps/host/collector.hpp"
#include "apps/host/disk_speed.hpp"
#include "apps/host/doors.hpp"
#include "apps/host/drain.hpp"
#include "apps/host/drain_verb.hpp"
#include "apps/host/earnings/earnings_verb.hpp"
#include "apps/host/gateways.hpp"
#include "apps/host/image/image_puller.hpp"
#include "apps/host/image/image_verb.hpp"
#include "apps/host/image/listed_images.hpp"
#include "apps/host/init/init_verb.hpp"
#include "apps/host/keeper.hpp"
#include "apps/host/link.hpp"
#include "apps/host/lister.hpp"
#include "apps/host/listing.hpp"
#include "apps/host/living/parts.hpp"
#include "apps/host/market_ask.hpp"
#include "apps/host/measure/measure_verb.hpp"
#include "apps/host/offer/list_verb.hpp"
#include "apps/host/options.hpp"
#include "apps/host/proving/prove_child.hpp"
#include "apps/host/proving/proven_cards.hpp"
#include "apps/host/proving/prover.hpp"
#include "apps/host/served.hpp"
#include "apps/host/status/status_verb.hpp"
#include "apps/host/terminal/terminals.hpp"
#include "apps/host/wiring.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Error;
using process::log_line;

podman::PodmanOptions container_options(const Config& config) {
  podman::PodmanOptions options;
  options.state_dir = std::filesystem::absolute(config.state_dir).string();
  options.images_dir = std::filesystem::absolute(config.images_dir).string();
  options.resolvers = config.resolvers;
  options.caches = config.caches;
  options.log = [](std::string_view line) { log_line(std::string(line)); };
  return options;
}

nvml::NvmlOptions driver_options(const Config& config) {
  nvml::NvmlOptions options;
  if (!config.nvml_library.empty()) options.library = config.nvml_library.string();
  options.log = [](std::string_view line) { log_line(std::string(line)); };
  return options;
}

// Everything that is found out before the first promise.
struct Found {
  Machine machine;
  api::Listing listing;
  std::vector<ports::Gpu> to_measure;  // the listed cards that there is a libcuda for
};

base::Result<Found> find_out(const Config& config, ports::Containers& containers,
                             const base::PublicKey& host) {
  TRY_VOID(files::make_private_directory(config.state_dir));
  TRY_VOID(containers.check());
  Found found;
  TRY(found.machine, look_at_machine(config.state_dir));
  found.machine.disk_bytes_per_s = measure_disk(config.state_dir);
  nvml::NvmlGpus gpus(driver_options(config));
  TRY(auto cards, cards_of(config, found.machine, gpus));
  TRY(auto images, listed_images(config.images_dir));
  clock::SystemClock clock;
  TRY(found.listing, make_listing(config, found.machine, std::move(cards), host, std::move(images),
                                  clock.now_ms()));
  TRY(const auto seen, gpus.list());
  TRY_VOID(podman::ensure_cdi(seen));
  add_reported(found.listing, found.machine, seen);
  // Scripted cards are measured by a scripted library, and by no other.
  for (const ports::Gpu& gpu : seen) {
    const bool is_listed = std::ranges::find(found.listing.cards, gpu.uuid,
                                             &api::ListedCard::uuid) != found.listing.cards.end();
    if (is_listed && gpu.simulated == !config.cuda_library.empty()) found.to_measure.push_back(gpu);
  }
  return found;
}

void print_check(const Found& found) {
  const api::Listing& listing = found.listing;
  std::printf("Ready to host.\n");
  std::printf("  card      %zu x %s (%s)%s\n", listing.cards.size(), listing.cards[0].card.c_str(),
              listing.cards[0].driver_name.c_str(), listing.simulated ? ", simulated" : "");
  std::printf("  price     $%.6g/h for one\n",
              static_cast<double>(listing.micro_usd_per_hour) / 1e6);
  const std::uint64_t disk_mb_per_s = found.machine.disk_bytes_per_s.value_or(0) / 1'000'000;
  std::printf(
      "  disk      %llu GB for leases%s\n",
      static_cast<unsigned long long>(listing.disk_bytes_max / 1'000'000'000),
      disk_mb_per_s == 0 ? "" : (", " + std::to_string(disk_mb_per_s) + " MB/s measured").c_str());
  std::printf("  memory    %llu GB for leases\n",
              static_cast<unsigned long long>(listing.ram_bytes / 1'000'000'000));
  std::printf("  wallet    %s\n", listing.host.to_string().c_str());
  std::printf("Next: obelisk-host run with the same settings.\n");
}

base::Result<void> write_ready_file(const Config& config, const api::Listing& listing) {
  if (config.ready_file.empty()) return {};
  return files::write_private(config.ready_file,
                              "{\"host\":\"" + listing.host.to_string() +
                                  "\",\"pid\":" + std::to_string(getpid()) +
                                  ",\"cards\":" + std::to_string(listing.cards.size()) + "}\n");
}

// Cards that there is a libcuda for are written over once their lease is gone.
std::function<base::Result<void>(const std::string&)> clear_cards_of(const Config& config,
                                                                     const Found& found) {
  std::set<std::string> cards;
  for (const ports::Gpu& card : found.to_measure) cards.insert(card.uuid);
  return [&config, cards = std::move(cards)](const std::string& uuid) -> base::Result<void> {
    if (!cards.contains(uuid)) return {};
    TRY_VOID(wipe_in_child(config, uuid));
    log_line("The memory of card " + uuid + " is written over.");
    return {};
  };
}

// `say` reaches the market while there is a link.
ProverParts prover_parts(const Config& config, const Found& found, const Ground& ground,
                         ports::Signer& signer, ports::Clock& clock, const Keeper& keeper,
                         std::function<void(const std::string&)> say) {
  ProverParts out{ground.market, signer, clock, {}, {}, {}, {}, {}, {}};
  for (const ports::Gpu& card : found.to_measure) out.cards.insert(card.uuid);
  out.prove = [&config](const std::string& uuid, const cards::Nonce& nonce, bool whole) {
    return prove_in_child(config, uuid, nonce, whole);
  };
  out.is_idle = [&keeper] { return keeper.records().empty(); };
  out.is_coming = [&keeper](const base::PublicKey& lease) {
    return std::ranges::any_of(keeper.records(), [&](const LeaseRecord& record) {
      return record.wish.lease == lease && record.wish.want == api::Wanted::running;
    });
  };
  out.say = std::move(say);
  out.log = log_line;
  return out;
}

// What the link does with what it hears.
LinkEvents link_events(Keeper& keeper, Lister& lister, Gateways& gateways, const Config& config,
                       const api::Listing& listing, std::string& watch_key,
                       const Wiring::Before& before) {
  LinkEvents events;
  events.log = log_line;
  events.welcomed = [&keeper, &lister, &gateways, &config, &listing, &watch_key,
                     before](const api::MarketWelcome& w) {
    before("link.welcome");
    gateways.named(w.gateways.value_or(std::vector<std::string>{}));
    watch_key = w.watch_key;
    if (auto done = write_ready_file(config, listing); !done) log_line(done.error().message);
    std::vector<std::string> first{lister.current()};
    for (const api::HostLease& state : keeper.states()) first.push_back(api::to_json(state));
    return first;
  };
  events.wish = [&keeper, &watch_key, before](const api::MarketLease& wish) {
    before("link.wish");
    keeper.wish(wish, watch_key);
  };
  events.attestation = [&keeper, before](const api::MarketAttestation& message) {
    before("link.attestation");
    keeper.attestation(message.lease, message.attestation);
  };
  events.notice = [&lister](const api::MarketNotice& notice) {
    if (notice.code == base::code_name(Code::rate_limited)) lister.put_off();
  };
  return events;
}

// Blocks until SIGINT or SIGTERM, which main has blocked in every thread.
void wait_for_signal(const process::Signals& signals) {
  log_line(signals.wait() == SIGINT ? "Interrupted. Stopping." : "Asked to stop. Stopping.");
}

// What an earlier process left standing: containers, disks, networks and the records of them.
base::Result<void> wipe(const Config& config) {
  podman::PodmanContainers containers(container_options(config));
  Records records(config.state_dir / "leases");
  TRY(const auto standing, containers.list());
  for (const ports::Container& container : standing) {
    TRY_VOID(containers.wipe(container.lease));
    if (const auto lease = base::PublicKey::parse(container.lease)) records.forget(*lease);
  }
  std::printf("%zu leases destroyed.\n", standing.size());
  // What was half destroyed before is tried again by `list`, and not shown by it.
  std::error_code failed;
  const std::filesystem::directory_iterator left(config.state_dir / "containers", failed);
  if (!failed && begin(left) != end(left)) {
    return base::Error{base::Code::conflict,
                       "Something of a lease is still in " + left->path().string() + ".",
                       "Mend what was said above, then wipe again."};
  }
  return {};
}

base::Result<void> check(const Asked& asked) {
  const Config& config = asked.config;
  TRY_VOID(files::make_private_directory(config.state_dir));
  podman::PodmanContainers containers(container_options(config));
  nvml::NvmlGpus gpus(driver_options(config));
  nvml::NvmlMonitor monitor(driver_options(config));
  auto quiet = container_options(config);
  quiet.log = {};  // what it would say is among the findings
  const auto found = look_at_all(
      {config, gpus, monitor, [&quiet] { return podman::findings(quiet); }, containers});
  if (asked.json) {
    std::printf("%s\n", to_json(found).c_str());
  } else {
    for (const std::string& line : to_lines(found)) std::printf("%s\n", line.c_str());
  }
  const auto first = std::ranges::find(found, Level::error, &Finding::level);
  if (first != found.end()) {
    const auto others = std::ranges::count(found, Level::error, &Finding::level) - 1;
    return Error{Code::missing_dependency,
                 first->text + (others == 0 ? "" : " And " + std::to_string(others) + " more."),
                 first->fix};
  }
  if (asked.json) return {};
  TRY(auto signer, keyfile::KeyfileSigner::open(config.keypair.string()));
  TRY(const Found offer, find_out(config, containers, signer->public_key()));
  std::printf("\n");
  print_check(offer);
  return {};
}

// Where no node answers yet, the leases that are here are served all the same: they are of the
// network that the nodes were of when they came.
base::Result<std::unique_ptr<ports::Chain>> open_nodes(const Config& config, ports::Clock& clock) {
  auto checked =
      solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock);
  if (checked || checked.error().code != Code::unreachable) return checked;
  log_line(checked.error().message + " Serving what is here.");
  return solana_rpc::open_chain(config.rpc_url, config.ws_url, clock);
}

// Not while leases stand here: their doors open only after this, and the cards are theirs.
void measure_cards(const Config& config, Found& found) {
  std::vector<std::string> damaged;
  const bool is_empty =
      Records(config.state_dir / "leases").look(damaged).empty() && damaged.empty();
  add_measured(found.listing,
               measured_rows(config.state_dir, found.to_measure,
                             is_empty ? measure_in_child(config) : MeasureCard(), log_line));
}

// The wallet, and who pays network fees where that is another.
struct Keys {
  std::unique_ptr<keyfile::KeyfileSigner> wallet;
  std::unique_ptr<keyfile::KeyfileSigner> fees;
  ports::Signer& payer() { return fees ? *fees : *wallet; }
};

base::Result<Keys> open_keys(const Config& config) {
  Keys out;
  TRY(out.wallet, keyfile::KeyfileSigner::open(config.keypair.string()));
  if (!config.fee_keypair.empty()) {
    TRY(out.fees, keyfile::KeyfileSigner::open(config.fee_keypair.string()));
  }
  return out;
}

// How renters come in: through gateways, or by a door of this machine's own.
struct Reach {
  Reach(const Config& config, const GatewayChoice& choice, ports::Signer& signer,
        http::IoThreads& io, Terminals& terminals)
      : dialer(io, signer, {},
               {log_line, [this](const base::PublicKey& lease) { ways.changed(lease); },
                [&terminals](const base::PublicKey& lease, int fd) { terminals.take(lease, fd); }}),
        gateways(
            choice, config.state_dir / "gateways",
            [this](const auto& places) { dialer.use(places); }, log_line),
        doors({config.ssh_listen, config.ssh_address, io, &dialer}) {
    gateways.start();
  }
  WayNews ways;
  tunnel::Dialer dialer;
  Gateways gateways;
  Doors doors;
};

std::unique_ptr<ports::Containers> make_containers(const Config& config, Wiring& wiring) {
  auto options = container_options(config);
  options.before = wiring.before();
  return wiring.containers(std::make_unique<podman::PodmanContainers>(std::move(options)));
}

ImagePuller::Parts puller_parts(const Config& config,
                                const std::function<void(const std::string&)>& say) {
  constexpr std::uint64_t kGb = 1'000'000'000;
  return {config.images_dir,
          config.state_dir,
          config.pull_max_gb * kGb,
          config.pull_keep_gb * kGb,
          config.pull_registries,
          say,
          log_line};
}

void end_terminals_with_leases(LinkEvents& events, Terminals& terminals) {
  events.wish = [&terminals, wish = std::move(events.wish)](const api::MarketLease& lease) {
    if (lease.want == api::Wanted::gone) terminals.lease_ended(lease.lease);
    wish(lease);
  };
}

// What `obelisk-host drain` does, for the owner who asks through the market.
std::function<base::Result<void>(std::optional<base::UnixSeconds>)> drains_in(
    const std::filesystem::path& state_dir) {
  return [state_dir](std::optional<base::UnixSeconds> from_s) -> base::Result<void> {
    if (from_s) {
      log_line("The owner plans maintenance from " + base::to_rfc3339_seconds(*from_s) +
               " on, by a signed request.");
      return write_drain(state_dir, *from_s);
    }
    log_line("The owner takes the maintenance back, by a signed request.");
    TRY_VOID(cancel_drain(state_dir));
    return {};
  };
}

base::Result<http::Url> link_url(const Config& config) {
  TRY(http::Url url, http::Url::parse(config.market_url));
  url.scheme = url.secure() ? http::Scheme::wss : http::Scheme::ws;
  url.path = "/v1/hosts/connect";
  return url;
}

base::Result<void> run(const Asked& asked, const process::Signals& signals) {
  const Config& config = asked.config;
  clock::SystemClock clock;
  TRY_VOID(files::make_private_directory(config.state_dir));
  TRY(const auto only_one, files::FileLock::take(config.state_dir / kLockName, kLockWords));
  TRY(Keys keys, open_keys(config));
  ports::Signer* const signer = keys.wallet.get();
  ports::Signer& payer = keys.payer();
  TRY(const http::Url market_url, link_url(config));
  TRY(const auto fees, solana::fee_limits_from(config.fee_price, config.fee_most));
  TRY(const auto choice, gateway_choice_from(config.gateways));
  TRY(const auto wiring, Wiring::make());
  TRY(auto node, open_nodes(config, clock));
  const auto chain = wiring->chain(std::move(node));
  const auto before = wiring->before();
  const auto containers = make_containers(config, *wiring);
  TRY(Found found, find_out(config, *containers, signer->public_key()));
  measure_cards(config, found);
  TRY(const Served served,
      find_served(config, [&config] { return ask_served(config.market_url); }, log_line));
  add_way(found.listing, way_for(config, served.market, *signer, clock, log_line));
  const Ground ground{served.program, served.market, signer->public_key(), found.listing};

  Records records(config.state_dir / "leases", before);
  http::IoThreads io;
  Speaker speaker(before);
  const auto say = [&speaker](const std::string& message) { speaker.say(message); };
  ProvenCards proven(config.state_dir, log_line);
  Lister lister({found.listing, *signer, clock, config.state_dir, say, log_line,
                 [&proven] { return proven.all(); }, ListedImages(config.images_dir)});
  Terminals terminals({*containers, clock, io});
  Reach reach(config, choice, *signer, io, terminals);
  Keeper keeper({ground, *containers, *chain, *signer, reach.doors, records,
                 [&](const api::HostLease& state) { say(api::to_json(state)); }, log_line,
                 [&] { return lister.promised(); }, clear_cards_of(config, found)});
  reach.ways.go_to([&keeper](const base::PublicKey& lease) { keeper.ways_changed(lease); });
  keeper.adopt();
  Prover prover(prover_parts(config, found, ground, *signer, clock, keeper, say));
  nvml::NvmlMonitor monitor(driver_options(config));
  CardEars ears(monitor);
  Living living({ground.market, ground.host, *containers, clock, keeper,
                 [&speaker] { return speaker.is_connected(); }, say, drains_in(config.state_dir),
                 &monitor, &ears});
  std::string watch_key;
  LinkEvents events =
      link_events(keeper, lister, reach.gateways, config, found.listing, watch_key, before);
  events.prove = [&prover](const api::MarketProve& question) { prover.asked(question); };
  events.proven = [&](const api::ProvenCard& card) { proven.put(card, found.listing); };
  ImagePuller puller(puller_parts(config, say));
  events.pull = [&puller](const api::MarketPull& wish) { puller.asked(wish); };
  end_terminals_with_leases(events, terminals);
  events.ask = [&living](const api::MarketAsk& question) { living.asked(question); };
  Link link(market_url, ground.market, *signer, std::move(events));
  speaker.speak_to(&link);
  link.start();
  lister.start();
  ears.start();
  living.start();
  Collector collector(
      {ground.program, *chain, clock, *signer, payer, keeper, *containers, log_line, fees});
  wait_for_signal(signals);
  lister.withdraw();
  terminals.stop();  // as long as there are ways to tell it
  if (asked.wipe_on_exit) {
    collector.stop_all();
    keeper.wipe_all();
  }
  speaker.speak_to(nullptr);
  reach.ways.go_to({});
  return {};
}

}  // namespace
}  // namespace obelisk::host

int main(int count, char** words) {
  using namespace obelisk;
  const process::Signals signals;
  const auto asked = host::parse_command_line(count, words);
  if (!asked) return process::fail(asked.error());
  nvml::NvmlGpus gpus(host::driver_options(asked->config));
  nvml::NvmlMonitor monitor(host::driver_options(asked->config));
  base::Result<void> done;
  switch (asked->verb) {
    case host::Verb::init: done = host::init(*asked, gpus); break;
    case host::Verb::list: done = host::list(*asked, gpus); break;
    case host::Verb::run: done = host::run(*asked, signals); break;
    case host::Verb::check: done = host::check(*asked); break;
    case host::Verb::status: done = host::status(*asked, gpus, monitor); break;
    case host::Verb::earnings: done = host::earnings(*asked); break;
    case host::Verb::claim: done = host::claim(*asked); break;
    case host::Verb::measure: done = host::measure(*asked, gpus); break;
    case host::Verb::wipe: done = host::wipe(asked->config); break;
    case host::Verb::drain: done = host::drain(*asked); break;
    case host::Verb::image: done = host::image(*asked); break;
    case host::Verb::exit: return asked->exit_code;
  }
  return done ? 0 : process::fail(done.error());
}
