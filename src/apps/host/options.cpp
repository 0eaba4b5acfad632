#include "apps/host/options.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "apps/host/init/places.hpp"

namespace obelisk::host {
namespace {

constexpr const char* kExamples = R"(Examples:
  obelisk-host init --market https://market.example --rpc devnet
  obelisk-host check
  obelisk-host run
  obelisk-host list --price 1.38 --min-minutes 10 --until 2026-12-01T02:00:00Z
  obelisk-host check --config host.toml
  obelisk-host run --config host.toml
  obelisk-host wipe --state .state/host --images build/image
  obelisk-host status --state .state/host --rpc http://127.0.0.1:8899
  obelisk-host earnings --days 7
  obelisk-host claim
  obelisk-host image list
  obelisk-host image pull docker.io/library/busybox@sha256:...
  obelisk-host drain --from 2026-12-01T02:00:00Z --state .state/host
  obelisk-host drain --from 12h --config host.toml
  obelisk-host drain --cancel --config host.toml
  obelisk-host run --keypair host.json --market http://127.0.0.1:8080 \
      --rpc http://127.0.0.1:8899 --images build/image --state .state/host --allow-cpu

Without --config and OBELISK_CONFIG the settings are those that init made:
~/.config/obelisk/host.toml. The file takes the same settings: keypair, fee_keypair, fee_price,
fee_most, state_dir, images_dir, market_url, rpc_url, ws_url, mainnet, ssh_listen, ssh_address,
gateways, allow_cpu, usd_per_hour, usd_per_gb_month, max_seconds, region, disk_bytes, ram_bytes,
cpu_milli, resolvers, pull_max_gb, pull_keep_gb, pull_registries, and a table [caches] of folders
that leases read at /cache/NAME. Flags win over OBELISK_MARKET_URL, OBELISK_RPC_URL and
OBELISK_KEYPAIR, and those over the file.)";

// A flag that was given wins; so the file is read first and flags are laid over it.
struct Flags {
  std::string config_file;
  std::string price;
  Config given;
};

void add_flags(CLI::App& app, Flags& flags) {
  Config& c = flags.given;
  app.add_option("--config", flags.config_file, "TOML file with any of these settings");
  app.add_option("--keypair", c.keypair, "The host's wallet: its name and its pay");
  app.add_option("--fee-keypair", c.fee_keypair,
                 "Pays network fees, so that the wallet only fills; the wallet does if not said");
  app.add_option("--fee-price", c.fee_price,
                 "Priority fee, micro-lamports a compute unit: 0..1000000; between: as others pay");
  app.add_option("--fee-most", c.fee_most,
                 "The most lamports of priority fee for one transaction (50000)");
  app.add_option("--state", c.state_dir, "Where leases' disks and records lie");
  app.add_option("--images", c.images_dir, "The folder of images, as images/build was given it");
  app.add_option("--market", c.market_url, "The market's URL");
  app.add_option("--market-account", c.market, "The market account to serve, and no other");
  app.add_option("--program", c.program, "The lease program");
  app.add_option("--rpc", c.rpc_url, "A Solana node's RPC URL, or several with commas between");
  app.add_option("--ws", c.ws_url, "Their WebSocket URLs, if not the usual ones");
  app.add_flag("--mainnet", c.mainnet, "Allow Solana's mainnet, where SOL is money");
  app.add_option("--ssh-listen", c.ssh_listen, "Address that renters' ssh arrives at");
  app.add_option("--ssh-address", c.ssh_address, "The address renters are told, if another");
  app.add_option("--gateways", c.gateways,
                 "Where renters come through: 'market' (as it says), 'none', or NAME:PORT#KEY,...");
  app.add_flag("--allow-cpu", c.allow_cpu, "Without a GPU, offer the processor as the card 'cpu'");
  app.add_option("--cuda-library", c.cuda_library,
                 "Another libcuda, to measure cards by; of a scripted one they are simulated");
  app.add_option("--nvml-library", c.nvml_library,
                 "Another NVML library; its cards are listed as simulated");
  app.add_option("--usd-per-hour", flags.price, "Price of one card, for example 0.88");
  app.add_option("--region", c.region, "Where this machine is, in your words");
  app.add_option("--disk-bytes", c.disk_bytes, "Disk that leases may take");
  app.add_option("--ready-file", c.ready_file, "Written once the market has taken this host");
}

// Read here and not by CLI11, which would let the environment win over a flag where several verbs
// share one.
void take_environment(Config& config) {
  const auto take = [](const char* name, auto& target) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') target = value;
  };
  take("OBELISK_MARKET_URL", config.market_url);
  take("OBELISK_RPC_URL", config.rpc_url);
  take("OBELISK_KEYPAIR", config.keypair);
}

// Every flag that was on the line goes over the environment's and the file's value.
template <class T>
void lay_over(const CLI::App& app, const char* name, T& target, const T& given) {
  if (app.get_option(name)->count() > 0) target = given;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The file that is named, also one that is not there; else the one that `init` makes, if it is.
SettingsPlace settings_place(const Flags& flags) {
  SettingsPlace out;
  out.file = flags.config_file.empty() ? variable("OBELISK_CONFIG") : flags.config_file;
  out.is_named = !out.file.empty();
  if (!out.is_named) {
    out.file = usual_places(variable("HOME"), variable("XDG_CONFIG_HOME"), ::geteuid() == 0).config;
  }
  std::error_code error;
  out.is_there = !out.file.empty() && std::filesystem::exists(out.file, error);
  return out;
}

base::Result<Config> settle(const CLI::App& app, const Flags& flags, const SettingsPlace& place,
                            bool may_lack) {
  Config config;
  if (place.is_there || (place.is_named && !may_lack)) {
    TRY(config, read_config(place.file, config));
  }
  take_environment(config);
  const Config& given = flags.given;
  lay_over(app, "--keypair", config.keypair, given.keypair);
  lay_over(app, "--fee-keypair", config.fee_keypair, given.fee_keypair);
  lay_over(app, "--fee-price", config.fee_price, given.fee_price);
  lay_over(app, "--fee-most", config.fee_most, given.fee_most);
  lay_over(app, "--state", config.state_dir, given.state_dir);
  lay_over(app, "--images", config.images_dir, given.images_dir);
  lay_over(app, "--market", config.market_url, given.market_url);
  lay_over(app, "--market-account", config.market, given.market);
  lay_over(app, "--program", config.program, given.program);
  lay_over(app, "--rpc", config.rpc_url, given.rpc_url);
  lay_over(app, "--ws", config.ws_url, given.ws_url);
  lay_over(app, "--mainnet", config.mainnet, given.mainnet);
  lay_over(app, "--ssh-listen", config.ssh_listen, given.ssh_listen);
  lay_over(app, "--ssh-address", config.ssh_address, given.ssh_address);
  lay_over(app, "--gateways", config.gateways, given.gateways);
  lay_over(app, "--allow-cpu", config.allow_cpu, given.allow_cpu);
  lay_over(app, "--cuda-library", config.cuda_library, given.cuda_library);
  lay_over(app, "--nvml-library", config.nvml_library, given.nvml_library);
  lay_over(app, "--region", config.region, given.region);
  lay_over(app, "--disk-bytes", config.disk_bytes, given.disk_bytes);
  lay_over(app, "--ready-file", config.ready_file, given.ready_file);
  if (!flags.price.empty()) {
    TRY(config.micro_usd_per_hour, micro_usd_from(flags.price));
  }
  if (config.ssh_address.empty()) config.ssh_address = config.ssh_listen;
  return config;
}

base::Result<void> require(const Config& config, Verb verb) {
  if (verb == Verb::measure || verb == Verb::init) return {};
  const bool runs = verb == Verb::run;
  const bool asks_chain = verb == Verb::earnings || verb == Verb::claim;
  const bool looks =
      verb != Verb::run && verb != Verb::check && verb != Verb::wipe && verb != Verb::image;
  const struct {
    bool missing;
    const char* what;
  } needs[] = {{config.state_dir.empty(), "--state DIR"},
               {!looks && config.images_dir.empty(), "--images DIR"},
               {(runs || verb == Verb::check) && config.keypair.empty(), "--keypair FILE"},
               {asks_chain && config.keypair.empty(), "--keypair FILE"},
               {asks_chain && config.rpc_url.empty(), "--rpc URL"},
               {runs && config.market_url.empty(), "--market URL"},
               {runs && config.rpc_url.empty(), "--rpc URL"}};
  for (const auto& need : needs) {
    if (need.missing) {
      return base::Error{base::Code::usage, std::string("A host needs ") + need.what + ".",
                         "Give the flag or put it into the settings, which obelisk-host init "
                         "makes. See --help."};
    }
  }
  return {};
}

using VerbOf = std::vector<std::pair<CLI::App*, Verb>>;

void declare_image(CLI::App& app, Asked& asked) {
  app.add_option("act", asked.image.act, "list, pull or remove")
      ->check(CLI::IsMember({"list", "pull", "remove"}))
      ->required();
  app.add_option("name", asked.image.name,
                 "pull: REGISTRY/REPOSITORY@sha256:...; remove: a name that list shows");
  app.add_option("--template", asked.image.template_file,
                 "pull: what is to run in it, as a file of images/templates");
  app.add_option("--max-gb", asked.image.max_gb, "pull: nothing larger, unpacked; 60 if not said")
      ->check(CLI::Range(1, 10'000));
}

VerbOf declare(CLI::App& app, Asked& asked) {
  auto* init = app.add_subcommand("init", "Make what a host needs, and say what comes next");
  auto* list = app.add_subcommand(
      "list", "Set price, shortest rental and last day; without flags: what is offered now");
  list->add_option("--price", asked.list.price, "USD for one card and hour, a floor: 1.38");
  list->add_option("--min-minutes", asked.list.min_minutes, "The shortest rental; 1 is the least");
  list->add_option("--until", asked.list.until,
                   "Rent nothing that ends later: 2026-12-01T02:00:00Z, 12h, 3d; or never");
  list->add_flag("--as-settings", asked.list.as_settings, "Forget what list and drain have set");
  auto* run = app.add_subcommand("run", "Offer the cards and serve leases until stopped");
  auto* check = app.add_subcommand("check", "Say what this machine lacks and what it would offer");
  auto* meter = app.add_subcommand(
      "measure", "Fill each card's memory, check it, and say how fast it is; nothing may use it");
  auto* gpu =
      meter->add_option("--gpu", asked.gpu, "This card alone: GPU-... or MIG-... of nvidia-smi -L");
  // For our own children alone, and so without help.
  auto* nonce = meter->add_option("--proof", asked.proof_nonce)->group("")->needs(gpu);
  meter->add_flag("--sample", asked.proof_sample)->group("")->needs(nonce);
  meter->add_flag("--wipe-memory", asked.wipe_memory)->group("")->needs(gpu)->excludes(nonce);
  auto* tells = app.add_subcommand(
      "status", "What this host does now; with --rpc also what its leases earned");
  auto* earns = app.add_subcommand(
      "earnings", "What reached this host's wallet, by day and lease, from the chain");
  earns->add_option("--days", asked.days, "So many, today included: 1 to 365; else 30")
      ->check(CLI::Range(1, 365));
  auto* claim =
      app.add_subcommand("claim", "Have paid now what is proven; says the amount first, and asks");
  claim->add_option("lease", asked.lease, "This lease alone");
  claim->add_flag("--yes", asked.yes, "Do not ask");
  auto* image = app.add_subcommand("image", "The images that leases start from");
  declare_image(*image, asked);
  auto* wipe = app.add_subcommand("wipe", "Destroy every lease that an earlier run left standing");
  auto* drain = app.add_subcommand(
      "drain", "Take no lease that runs past a time; running ones are not touched");
  auto* from = drain->add_option("--from", asked.drain_from,
                                 "2026-12-01T02:00:00Z, or from now: 90m, 12h, 3d; else now");
  drain->add_flag("--cancel", asked.drain_cancel, "Offer the cards again")->excludes(from);
  run->add_flag("--wipe-on-exit", asked.wipe_on_exit,
                "Destroy every lease when asked to stop; without it they run on");
  for (CLI::App* verb : {init, list, check, meter, tells, earns, claim, image}) {
    verb->add_flag("--json", asked.json, "The answer as JSON on stdout, a line each");
  }
  return {{init, Verb::init},      {list, Verb::list},     {run, Verb::run},
          {check, Verb::check},    {meter, Verb::measure}, {tells, Verb::status},
          {earns, Verb::earnings}, {claim, Verb::claim},   {wipe, Verb::wipe},
          {drain, Verb::drain},    {image, Verb::image}};
}

}  // namespace

base::Result<Asked> parse_command_line(int count, char** words) {
  CLI::App app("Shares this machine's cards with renters and is paid as they run.", "obelisk-host");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("obelisk-host ") + OBELISK_VERSION);
  app.require_subcommand(1);
  Flags flags;
  Asked asked;
  const VerbOf verbs = declare(app, asked);
  for (const auto& [verb, which] : verbs) add_flags(*verb, flags);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      return base::Error{base::Code::usage, std::string(error.what()) + ".",
                         "See obelisk-host --help."};
    }
    asked.exit_code = app.exit(error);  // prints the help or the version that was asked for
    return asked;
  }
  const CLI::App* chosen = app.get_subcommands().front();
  const Verb verb = std::ranges::find(verbs, chosen, &VerbOf::value_type::first)->second;
  asked.settings = settings_place(flags);
  TRY(asked.config, settle(*chosen, flags, asked.settings, verb == Verb::init));
  TRY_VOID(require(asked.config, verb));
  asked.verb = verb;
  return asked;
}

}  // namespace obelisk::host
