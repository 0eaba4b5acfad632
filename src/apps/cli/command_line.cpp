#include "apps/cli/command_line.hpp"

#include <algorithm>

#include "apps/cli/declare.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr char kFooter[] =
    "Examples:\n"
    "  obelisk offers\n"
    "  obelisk rent rtx-4090 --hours 2\n"
    "  obelisk ssh 7Xw4 -- nvidia-smi\n"
    "  obelisk stop 7Xw4\n\n"
    "Settings: flags, then OBELISK_MARKET_URL, OBELISK_RPC_URL, OBELISK_WS_URL, OBELISK_KEYPAIR,\n"
    "OBELISK_CONFIG, then the file (~/.config/obelisk/config.toml), then the Solana CLI's files.\n"
    "Exit codes: 0 done, 1 bug, 2 usage, 3 declined, 4 funds, 5 not found or expired,\n"
    "6 unreachable, 7 refunded instead of delivered, 8 something missing on this machine.";

void declare_common(CLI::App& app, CommonFlags& flags) {
  app.add_option("--market-url", flags.market_url, "The market")->type_name("URL");
  app.add_option("--rpc-url", flags.rpc_url,
                 "A Solana node, or devnet, testnet, localhost; several with commas between")
      ->type_name("URL[,URL]");
  app.add_option("--ws-url", flags.ws_url, "Their WebSocket URLs, if not the usual ones")
      ->type_name("URL[,URL]");
  app.add_option("--keypair", flags.keypair, "The wallet's key file")->type_name("FILE");
  app.add_option("--config", flags.config, "The settings file, TOML")->type_name("FILE");
  app.add_option("--state", flags.state, "Where notes about leases are kept")->type_name("DIR");
  app.add_option("--program", flags.program, "The only escrow program to trust")->type_name("KEY");
  app.add_flag("--mainnet", flags.mainnet, "Allow real money to be spent");
  app.add_flag("--json", flags.json, "One line of JSON at the end, and nothing else");
}

// What CLI11 says, as one sentence of ours.
Error usage_error(const CLI::ParseError& error) {
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  if (!what.empty() && what.back() != '.') what += '.';
  return {Code::usage, "The command line cannot be understood: " + what, "See obelisk --help"};
}

}  // namespace

CLI::App* declare_verb(CLI::App& parent, const std::string& name, const std::string& what,
                       const std::string& examples) {
  CLI::App* verb = parent.add_subcommand(name, what);
  verb->fallthrough();
  verb->footer("Examples:\n" + examples);
  return verb;
}

void declare_lease(CLI::App& verb, std::string& lease) {
  verb.add_option("lease", lease, "Its address, or the beginning of one rented from here")
      ->type_name("LEASE")
      ->required();
}

bool wants_json(const std::vector<std::string>& arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

base::Result<CommandLine> read_command_line(const std::vector<std::string>& arguments) {
  // What stands after "--" is a command for the lease, and none of our business.
  const auto split = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> ours(arguments.begin(), split);
  const auto typed = std::make_shared<Typed>();
  if (split != arguments.end()) typed->ssh.command.assign(split + 1, arguments.end());

  CLI::App app{"Rent a card with a wallet: pick, pay in SOL, connect in 60 seconds.", "obelisk"};
  app.set_version_flag("--version", std::string("obelisk ") + OBELISK_VERSION);
  app.require_subcommand(0, 1);
  app.footer(kFooter);
  declare_common(app, typed->flags);
  declare_market(app, typed);
  declare_leases(app, typed);
  declare_living(app, typed);
  declare_wallet(app, typed);
  declare_sessions(app, typed);
  declare_escrow(app, typed);

  CommandLine out;
  try {
    std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back
    app.parse(ours);
  } catch (const CLI::CallForVersion& version) {
    out.text = version.what();
    return out;
  } catch (const CLI::CallForHelp&) {
    out.text = app.help();
    return out;
  } catch (const CLI::CallForAllHelp&) {
    out.text = app.help("", CLI::AppFormatMode::All);
    return out;
  } catch (const CLI::ParseError& error) {
    return usage_error(error);
  }
  out.flags = typed->flags;
  if (!typed->verb && wants_json(arguments)) {
    return Error{Code::usage, "No verb was given.", "See obelisk --help"};
  }
  if (!typed->verb) out.text = app.help();
  if (!typed->ssh.command.empty() && !app.got_subcommand("ssh") && !app.got_subcommand("exec")) {
    return Error{Code::usage, "Only ssh and exec take a command after --.",
                 "See obelisk ssh --help"};
  }
  out.verb = [typed](Session& session) { return typed->verb(session); };
  if (!typed->verb) out.verb = nullptr;
  return out;
}

}  // namespace obelisk::cli
