#include "apps/host/init/init_verb.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/http/url.hpp"
#include "adapters/keyfile/cli_config.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "apps/host/advice/ask_prices.hpp"
#include "apps/host/init/init_report.hpp"
#include "apps/host/init/places.hpp"
#include "apps/host/init/settings_text.hpp"
#include "apps/host/listing.hpp"
#include "apps/host/machine.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;
namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// Without a value: the Solana CLI's. Its file may be of a form that we do not read: then it says
// nothing.
void take_solana(Config& config) {
  const std::string home = variable("HOME");
  std::string file = variable("SOLANA_CONFIG_FILE");
  if (home.empty() && file.empty()) return;
  if (file.empty()) file = keyfile::default_cli_config_file(home);
  const auto solana = keyfile::load_cli_config(file);
  const keyfile::CliConfig said = solana ? *solana : keyfile::CliConfig{};
  if (config.rpc_url.empty() && said.rpc_url) config.rpc_url = *said.rpc_url;
  if (!config.keypair.empty()) return;
  const fs::path key = said.keypair_file ? *said.keypair_file : keyfile::default_keypair_file(home);
  if (is_there(key)) config.keypair = key;
}

// What the settings will say, where nothing else does.
base::Result<void> fill_in(Config& config) {
  const Places usual =
      usual_places(variable("HOME"), variable("XDG_CONFIG_HOME"), ::geteuid() == 0);
  take_solana(config);
  if (config.keypair.empty()) config.keypair = usual.wallet;
  if (config.state_dir.empty()) config.state_dir = usual.state;
  if (config.images_dir.empty()) config.images_dir = usual.images;
  if (config.keypair.empty() || config.state_dir.empty()) {
    return Error{Code::usage, "There is no home folder, and no other place was named.",
                 "Give --config FILE, --keypair FILE and --state DIR."};
  }
  for (fs::path Config::* path :
       {&Config::keypair, &Config::fee_keypair, &Config::state_dir, &Config::images_dir,
        &Config::nvml_library, &Config::cuda_library}) {
    if (!(config.*path).empty()) config.*path = fs::absolute(config.*path).lexically_normal();
  }
  return {};
}

struct Money {
  std::unique_ptr<ports::Chain> chain;  // null: none is named, or none answers
  std::string note;
};

base::Result<Money> look_at_node(const Config& config, ports::Clock& clock) {
  if (config.rpc_url.empty()) return Money{};
  auto chain = solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock);
  if (chain) return Money{std::move(*chain), ""};
  if (chain.error().code != Code::unreachable) return chain.error();
  return Money{nullptr, chain.error().message};
}

base::Result<base::PublicKey> make_wallet(const Config& config, InitReport& report) {
  const bool has_key = is_there(config.keypair);
  if (!has_key) TRY_VOID(keyfile::create_keypair(config.keypair.string()));
  TRY(const auto pair, keyfile::load_keypair(config.keypair.string()));
  report.wallet = pair.public_key().to_string();
  report.keypair = config.keypair.string();
  report.things.push_back(
      {"wallet", !has_key,
       report.wallet + ", its key in " + report.keypair +
           (has_key ? "." : ". Keep a copy: who has that file has this host's pay.")});
  return pair.public_key();
}

// The catalogue's, so that nobody's market names it; what was paid of late where it has none.
std::string first_price_of(Config& config, const std::string& card,
                           const std::optional<Advice>& advice) {
  config.micro_usd_per_hour = first_price(card).value_or(0);
  if (config.micro_usd_per_hour != 0) return "This is the catalogue's first price.";
  if (advice) config.micro_usd_per_hour = advice->median_micro_usd.value_or(0);
  return config.micro_usd_per_hour != 0
             ? "This is the median of what was rented in the last 7 days."
             : "This kind has no first price: name yours.";
}

// The price of the first kind of card here, and where it is from.
std::string take_price(Config& config, ports::Gpus& gpus, InitReport& report) {
  const auto machine = look_at_machine(config.state_dir);
  if (!machine) return machine.error().message;
  const auto cards = cards_of(config, *machine, gpus);
  if (!cards) {
    report.notes.push_back(cards.error().message + " " + cards.error().action);
    return "There was no card when this was written.";
  }
  const std::string what = std::to_string(cards->size()) + " x " + cards->front().card + " (" +
                           cards->front().driver_name + ")";
  clock::SystemClock clock;
  const auto advice = ask_advice(config, gpus, clock.now_ms());
  std::string from = "As you said.";
  if (config.micro_usd_per_hour == 0) {
    from = first_price_of(config, cards->front().card, advice);
  }
  report.notes.push_back(
      "Cards: " + what + ". " +
      (config.micro_usd_per_hour == 0
           ? from
           : "$" + dollars_from(config.micro_usd_per_hour) + "/h for one: " + from));
  if (advice) report.notes.push_back(to_text(*advice));
  return from;
}

base::Result<void> make_settings(Config& config, const fs::path& file, ports::Gpus& gpus,
                                 InitReport& report) {
  const std::string price_from = take_price(config, gpus, report);
  const std::string text = settings_text(config, price_from);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  TRY_VOID(files::write_private(file, text));
  if (auto read = read_config(file, {}); !read) {
    fs::remove(file, error);
    return Error{Code::invalid_input, "These settings cannot be written: " + read.error().message,
                 "Use names without control characters, in UTF-8."};
  }
  report.things.push_back({"settings", true, file.string() + ". Change them there."});
  return {};
}

}  // namespace

base::Result<void> init(const Asked& asked, ports::Gpus& gpus) {
  Config config = asked.config;
  if (asked.settings.file.empty()) {
    return Error{Code::usage, "There is no home folder to keep the settings in.",
                 "Give --config FILE."};
  }
  const fs::path file = fs::absolute(asked.settings.file).lexically_normal();
  TRY_VOID(fill_in(config));
  if (!config.market_url.empty()) TRY_VOID(http::Url::parse(config.market_url));
  clock::SystemClock clock;
  TRY(const Money money, look_at_node(config, clock));

  InitReport report;
  report.config = file.string();
  report.state_dir = config.state_dir.string();
  report.images_dir = config.images_dir.string();
  report.has_market = !config.market_url.empty();
  report.has_node = !config.rpc_url.empty();
  report.has_image = podman::resident_images(config.images_dir.string()).ok();
  if (asked.settings.is_named) report.flag = " --config " + file.string();
  const bool has_folder = is_there(config.state_dir);
  TRY_VOID(files::make_private_directory(config.state_dir));
  report.things.push_back(
      {"folder", !has_folder, report.state_dir + ", for leases' disks and records."});
  TRY(const base::PublicKey wallet, make_wallet(config, report));
  if (asked.settings.is_there) {
    report.things.push_back({"settings", false, file.string() + ". Nothing in it was changed."});
  } else {
    TRY_VOID(make_settings(config, file, gpus, report));
  }
  if (money.chain) {
    const auto account = money.chain->account(wallet, ports::Commitment::confirmed);
    if (account) report.balance = account->account ? account->account->lamports.count : 0;
  }
  if (!money.note.empty()) report.notes.push_back(money.note);
  if (asked.json) {
    std::printf("%s\n", to_json(report).c_str());
  } else {
    for (const std::string& line : to_lines(report)) std::printf("%s\n", line.c_str());
  }
  return {};
}

}  // namespace obelisk::host
