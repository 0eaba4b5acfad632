#include "apps/watch/options.hpp"

#include <pwd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "core/settlement/settlement.hpp"
#include "core/solana/cluster_url.hpp"

namespace obelisk::watch_app {
namespace {

using base::Code;
using base::Error;

constexpr const char* kDefaultRpcUrl = "http://127.0.0.1:8899";
constexpr const char* kAbout =
    "Keeps a market's attestor key, logs into its leases, and signs what it has seen itself: "
    "quotes, `ready`, attestations, stops of dark hosts, and what anybody may send.";
constexpr const char* kExamples = R"(Examples:
  obelisk-watch --program PROGRAM --operator ADDRESS --attestor-keypair attestor.json
  obelisk-watch --program PROGRAM --market MARKET --attestor-keypair new.json,old.json \
      --listen /run/obelisk-watch/watch.sock --market-user obelisk-market \
      --gateways gw1.example:7443#KEY,gw2.example:7443#KEY
The market is then started with --watch SOCKET. Give the watch a user of its own: what stands
between a stolen market and the key is that it cannot read this process nor its files.
docs/watch.md says what it signs and what it refuses.)";

Error usage(std::string what, std::string action) {
  return {Code::usage, std::move(what), std::move(action), 0};
}

// The words as they stand on the line.
struct Words {
  std::string state;
  std::string listen;
  std::string rpc = kDefaultRpcUrl;
  std::string ws;
  std::string program;
  std::string operator_key;
  std::string market;
  std::string attestor_keypair;
  std::string market_user;
  std::string gateways;
  std::uint64_t fee_most = Options{}.fee_most_lamports;
  std::string ready_file;
  bool mainnet = false;
};

void declare(CLI::App& app, Words& words) {
  app.add_option("--state", words.state, "Where what it saw and its login key lie (0700)")
      ->envname("OBELISK_STATE");
  app.add_option("--listen", words.listen, "Its unix socket; STATE/watch.sock if not said")
      ->envname("OBELISK_WATCH");
  app.add_option("--rpc", words.rpc,
                 "Its own Solana node's RPC URL, or several with commas between")
      ->envname("OBELISK_RPC_URL");
  app.add_option("--ws", words.ws, "Their WebSocket URLs, if not the usual ones")
      ->envname("OBELISK_WS_URL");
  app.add_option("--program", words.program, "The lease program's address")
      ->envname("OBELISK_PROGRAM");
  app.add_option("--operator", words.operator_key,
                 "The operator's address; the market account follows from it")
      ->envname("OBELISK_OPERATOR");
  app.add_option("--market", words.market, "The market account itself, instead of --operator")
      ->envname("OBELISK_MARKET");
  app.add_option("--attestor-keypair", words.attestor_keypair,
                 "File of the attestor's key (0600); older ones after it, with commas")
      ->envname("OBELISK_ATTESTOR_KEYPAIR");
  app.add_option("--market-user", words.market_user,
                 "The user that the market runs as, by name or number, where it is another");
  app.add_option("--gateways", words.gateways,
                 "The market's gateways, as it names them: NAME:PORT#KEY, with commas between")
      ->envname("OBELISK_GATEWAYS");
  app.add_option("--fee-most", words.fee_most,
                 "The most lamports of priority fee that it pays for one transaction");
  app.add_option("--ready-file", words.ready_file,
                 "Written (0600) with {socket, pid} once it answers");
  app.add_flag("--mainnet", words.mainnet, "Allow Solana's mainnet, where SOL is money");
}

base::Result<base::PublicKey> address(const std::string& text, const char* flag) {
  if (const auto key = base::PublicKey::parse(text)) return *key;
  return usage(std::string(flag) + (text.empty() ? " is missing." : " is not an address."),
               "Give its base58 form, 32 to 44 letters and digits.");
}

base::Result<uid_t> user_of(const std::string& name) {
  uid_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc{} && end == name.data() + name.size()) return number;
  if (const passwd* found = ::getpwnam(name.c_str())) return found->pw_uid;
  return usage("--market-user names nobody on this machine.", "Name the market's user.");
}

base::Result<Options> to_options(const Words& words, const Environment& environment) {
  Options out;
  out.state_dir = words.state;
  if (out.state_dir.empty()) {
    const auto home = environment("XDG_STATE_HOME");
    out.state_dir = home ? *home + "/obelisk-watch"
                         : environment("HOME").value_or("/var/lib") + "/.local/state/obelisk-watch";
  }
  out.socket = words.listen.empty() ? out.state_dir + "/watch.sock" : words.listen;
  out.rpc_url = solana::cluster_url(words.rpc);
  out.ws_url = words.ws;
  TRY(out.program, address(words.program, "--program"));
  if (!words.operator_key.empty() && !words.market.empty()) {
    return usage("--operator and --market say the same thing twice.", "Give one of them.");
  }
  if (words.market.empty()) {
    TRY(const auto operator_key, address(words.operator_key, "--operator"));
    out.market = settlement::market_address(out.program, operator_key).address;
  } else {
    TRY(out.market, address(words.market, "--market"));
  }
  TRY(out.attestor_keypairs, key_files(words.attestor_keypair));
  if (out.attestor_keypairs.empty()) {
    return usage("--attestor-keypair is missing.",
                 "Name the file of the key that the market account has as its attestor.");
  }
  if (!words.market_user.empty()) {
    if (words.listen.empty()) {
      return usage("--market-user cannot reach a socket in --state, which is this user's alone.",
                   "Name one in a folder that both may enter: --listen PATH.");
    }
    TRY(out.market_user, user_of(words.market_user));
  }
  TRY(out.gateways, tunnel::parse_places(words.gateways));
  out.fee_most_lamports = words.fee_most;
  out.ready_file = words.ready_file;
  out.mainnet = words.mainnet;
  return out;
}

}  // namespace

base::Result<std::vector<std::string>> key_files(std::string_view text) {
  constexpr std::size_t kMostKeys = 8;
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string file(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (file.empty() || std::ranges::find(out, file) != out.end() || out.size() == kMostKeys) {
      return usage("--attestor-keypair is not a list of key files.",
                   "Name up to eight different files with commas between, the current one first.");
    }
    out.push_back(file);
  }
  return out;
}

base::Result<std::variant<Finished, Options>> parse_options(int count, char** words,
                                                            const Environment& environment) {
  using Parsed = std::variant<Finished, Options>;
  CLI::App app(kAbout, "obelisk-watch");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("obelisk-watch ") + OBELISK_VERSION);
  Words said;
  declare(app, said);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return Parsed(Finished{code == 0 ? 0 : base::exit_code(Code::usage)});
  }
  TRY(auto options, to_options(said, environment));
  return Parsed(std::move(options));
}

}  // namespace obelisk::watch_app
