#include "apps/market/command_line.hpp"

#include <CLI/CLI.hpp>

#include "apps/market/operator/declare.hpp"
#include "core/escrow/bounds.hpp"
#include "core/escrow/codec.hpp"
#include "core/solana/cluster_url.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr const char* kExamples = R"(Examples:
  obelisk-market --program PROGRAM --operator ADDRESS --watch STATE/watch.sock \
      --price fixed:140 --rpc http://127.0.0.1:8899 --local
  obelisk-market --config /etc/obelisk/market.toml
  obelisk-market create-market --program PROGRAM --operator-keypair operator.json \
      --treasury ADDRESS --attestor ADDRESS --fee-bps 250
  obelisk-market reindex --rpc http://127.0.0.1:8899 --program PROGRAM --state DIR
  obelisk-market init --dir /srv/market --program PROGRAM
  obelisk-market terms --config market.toml
docs/operating.md walks through all of them; obelisk-market VERB --help has the flags of each.

market.toml takes the same settings: listen, state_dir, rpc_url, ws_url, program, operator or
market, watch, price, ready_file, local. Flags win over OBELISK_LISTEN, OBELISK_STATE,
OBELISK_RPC_URL, OBELISK_WS_URL, OBELISK_PROGRAM, OBELISK_OPERATOR, OBELISK_MARKET,
OBELISK_WATCH, OBELISK_PRICE and OBELISK_LOCAL, and those over the file.)";

// The words of create-market as they stand on the line.
struct MarketWords {
  std::string rpc = kDefaultRpcUrl;
  std::string ws;
  std::string program;
  std::string operator_keypair;
  std::string treasury;
  std::string attestor;
  std::uint16_t fee_bps = 0;
  std::uint32_t ready_deadline_s = escrow::kDefaultReadyDeadlineS;
  std::uint32_t gap_limit_s = escrow::kDefaultGapLimitS;
  std::uint32_t claim_window_s = escrow::kDefaultClaimWindowS;
  bool paused = false;
  bool mainnet = false;
};

CLI::App* add_create_market(CLI::App& app, MarketWords& words) {
  auto* create = app.add_subcommand(
      "create-market", "Create the market account on the chain, or bring its terms up to date");
  create->add_option("--rpc", words.rpc, "A Solana node's RPC URL, or several with commas between")
      ->envname("OBELISK_RPC_URL");
  create->add_option("--ws", words.ws, "Their WebSocket URLs, if not the usual ones");
  create->add_option("--program", words.program, "The lease program's address")
      ->required()
      ->envname("OBELISK_PROGRAM");
  create->add_option("--operator-keypair", words.operator_keypair, "File of the operator's key")
      ->required();
  create->add_option("--treasury", words.treasury, "Address that receives the fees; not empty")
      ->required();
  create->add_option("--attestor", words.attestor, "Address of the watch's key")->required();
  create->add_option("--fee-bps", words.fee_bps, "Fee in 1/10000 of what hosts earn, 0 to 1000");
  create->add_option("--ready-deadline-s", words.ready_deadline_s,
                     "Not ready within so long: anyone sends the money back. 30 to 600");
  create->add_option("--gap-limit-s", words.gap_limit_s, "Longest gap without proof, 60 to 600");
  create->add_option("--claim-window-s", words.claim_window_s,
                     "How long a disputed gap waits for proof, 600 to 86400");
  create->add_flag("--paused", words.paused, "Take no new leases; running ones go on");
  create->add_flag("--mainnet", words.mainnet, "Allow Solana's mainnet, where SOL is money");
  return create;
}

// The words of reindex.
struct ReindexWords {
  std::string rpc = kDefaultRpcUrl;
  std::string state;
  std::string program;
  std::string market;
  bool json = false;
  bool mainnet = false;
};

CLI::App* add_reindex(CLI::App& app, ReindexWords& words) {
  auto* reindex = app.add_subcommand(
      "reindex", "Build the index of the program's history from nothing but a node");
  reindex->add_option("--rpc", words.rpc, "A Solana node's RPC URL, or several with commas between")
      ->envname("OBELISK_RPC_URL");
  reindex->add_option("--state", words.state, "Folder to put index.sqlite in; no market runs on it")
      ->required()
      ->envname("OBELISK_STATE");
  reindex
      ->add_option("--program", words.program,
                   "The lease program's address; else the program of the index in --state")
      ->envname("OBELISK_PROGRAM");
  reindex->add_option("--market", words.market, "A market account: the program is its owner");
  reindex->add_flag("--json", words.json, "The outcome as one line of JSON on stdout");
  reindex->add_flag("--mainnet", words.mainnet, "Allow Solana's mainnet; this only reads");
  return reindex;
}

base::Result<base::PublicKey> address(const std::string& text, const char* flag) {
  const auto key = base::PublicKey::parse(text);
  if (key) return *key;
  return Error{Code::usage, std::string(flag) + " is not an address.",
               "Give its base58 form, 32 to 44 letters and digits."};
}

base::Result<MarketRequest> to_request(const MarketWords& words) {
  MarketRequest out;
  out.rpc_url = solana::cluster_url(words.rpc);
  out.ws_url = words.ws;
  out.operator_keypair = words.operator_keypair;
  out.mainnet = words.mainnet;
  TRY(out.program, address(words.program, "--program"));
  TRY(out.treasury, address(words.treasury, "--treasury"));
  TRY(const auto attestor, address(words.attestor, "--attestor"));
  out.terms = {static_cast<std::uint8_t>(words.paused ? 1 : 0),
               words.fee_bps,
               words.ready_deadline_s,
               words.gap_limit_s,
               words.claim_window_s,
               escrow::to_key(attestor)};
  if (!escrow::within_bounds(out.terms)) {
    return Error{Code::usage, "A term is outside the bounds that the program has compiled in.",
                 "fee 0..1000, ready deadline 30..600 s, gap limit 60..600 s, claim window "
                 "600..86400 s."};
  }
  return out;
}

base::Result<indexer::ReindexRequest> to_request(const ReindexWords& words) {
  indexer::ReindexRequest out;
  out.rpc_url = solana::cluster_url(words.rpc);
  out.state_dir = words.state;
  out.json = words.json;
  out.mainnet = words.mainnet;
  if (!words.program.empty()) {
    TRY(out.program, address(words.program, "--program"));
  }
  if (!words.market.empty()) {
    TRY(out.market, address(words.market, "--market"));
  }
  return out;
}

}  // namespace

base::Result<Command> parse_command_line(int count, char** words, const Environment& environment) {
  CLI::App app("Runs a market: offers, quotes, leases, and the watch that proves them.",
               "obelisk-market");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("obelisk-market ") + OBELISK_VERSION);
  app.require_subcommand(0, 1);
  Given flags;
  app.add_option_function<std::string>(
      "--config", [&](const std::string& value) { flags["config"] = value; },
      "TOML file with any of these settings (OBELISK_CONFIG)");
  for (const Setting& setting : settings()) {
    const std::string name = std::string("--") + setting.flag;
    const auto keep = [&flags, &setting](const std::string& value) { flags[setting.flag] = value; };
    if (setting.is_switch) {
      app.add_flag_function(name, [keep](std::int64_t) { keep("true"); }, setting.help);
    } else {
      app.add_option_function<std::string>(name, keep, setting.help);
    }
  }
  MarketWords market_words;
  const CLI::App* create = add_create_market(app, market_words);
  ReindexWords reindex_words;
  const CLI::App* reindex = add_reindex(app, reindex_words);
  const operators::Declared operator_verbs(app);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return Command(Finished{code == 0 ? 0 : base::exit_code(Code::usage)});
  }
  if (create->parsed()) {
    TRY(auto request, to_request(market_words));
    return Command(std::move(request));
  }
  if (reindex->parsed()) {
    TRY(auto request, to_request(reindex_words));
    return Command(std::move(request));
  }
  TRY(auto request, operator_verbs.read(environment));
  if (request) return Command(*std::move(request));
  TRY(auto config, read_config(std::move(flags), environment));
  return Command(std::move(config));
}

}  // namespace obelisk::market_app
