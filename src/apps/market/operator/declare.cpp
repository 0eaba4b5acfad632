#include "apps/market/operator/declare.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kUsualLimit = 100;
constexpr std::size_t kMostLimit = 1'000;

base::Result<base::PublicKey> address(const std::string& text, const char* what) {
  const auto key = base::PublicKey::parse(text);
  if (key) return *key;
  return Error{Code::usage, std::string(what) + " is not an address.",
               "Give its base58 form, 32 to 44 letters and digits."};
}

void take(CLI::App& verb, Given& given, std::initializer_list<const char*> flags) {
  for (const Setting& setting : settings()) {
    if (std::ranges::find(flags, std::string_view(setting.flag)) == flags.end()) continue;
    const std::string name = setting.flag;
    const auto keep = [&given, name](const std::string& value) { given[name] = value; };
    if (setting.is_switch) {
      verb.add_flag_function("--" + name, [keep](std::int64_t) { keep("true"); }, setting.help);
    } else {
      verb.add_option_function<std::string>("--" + name, keep, setting.help);
    }
  }
  verb.add_option_function<std::string>(
      "--config", [&given](const std::string& value) { given["config"] = value; },
      "The market's TOML file");
}

}  // namespace

// What was typed, verb by verb; each has its own ground.
struct Declared::Words {
  struct Verb {
    CLI::App* app = nullptr;
    Given given;
    bool json = false;
  };
  Verb init, terms, pause, rotate, refuse, audit, reports, backup, restore;
  InitRequest init_request;
  std::string program;
  std::string operator_keypair, treasury, new_keypair;
  NewTerms news;
  bool lift_pause = false;
  std::string refused;
  RefuseRequest refuse_request;
  bool list = false;
  std::size_t limit = kUsualLimit;
  std::uint64_t before = 0;
  std::string to, from;
  bool force = false;

  static CLI::App* add(CLI::App& app, Verb& verb, const char* name, const char* what,
                       const char* examples) {
    verb.app = app.add_subcommand(name, what);
    verb.app->footer(std::string("Examples:\n") + examples);
    verb.app->add_flag("--json", verb.json, "The outcome as one line of JSON on stdout");
    return verb.app;
  }
  static void add_records(Verb& verb) { take(*verb.app, verb.given, {"state", "database"}); }
  void add_chain(Verb& verb) {
    take(*verb.app, verb.given,
         {"state", "database", "rpc", "ws", "program", "operator", "market", "mainnet"});
    verb.app->add_option("--operator-keypair", operator_keypair, "File of the operator's key");
  }
  void add_init(CLI::App& app);
  void add_terms(CLI::App& app);
  void add_lists(CLI::App& app);
  void add_copies(CLI::App& app);
  base::Result<Request> read_terms(const Verb& verb, const char* name, NewTerms changes,
                                   const Environment& environment) const;
  base::Result<Request> read_refuse(const Environment& environment) const;
  base::Result<Request> read_trail(const Verb& verb, bool of_reports,
                                   const Environment& environment) const;
};

void Declared::Words::add_init(CLI::App& app) {
  init_request.folder = ".";
  init_request.rpc_url = kDefaultRpcUrl;
  CLI::App* verb = add(app, init, "init",
                       "Make what a new operator needs: keys, folder, settings; replaces nothing",
                       "  obelisk-market init --dir /srv/market --program PROGRAM\n"
                       "  obelisk-market init --dir .state/market --local --json");
  verb->add_option("--dir", init_request.folder, "Where; this folder if not said");
  verb->add_option("--rpc", init_request.rpc_url, "A Solana node's RPC URL, for the settings");
  verb->add_option("--program", program, "The lease program's address, for the settings");
  verb->add_flag("--local", init_request.local, "Settings for a local network");
}

void Declared::Words::add_terms(CLI::App& app) {
  CLI::App* verb =
      add(app, terms, "terms", "Show the terms of future leases, or change those that are named",
          "  obelisk-market terms --config market.toml\n"
          "  obelisk-market terms --config market.toml --operator-keypair operator.json "
          "--fee-bps 300");
  add_chain(terms);
  verb->add_option("--fee-bps", news.fee_bps, "Fee in 1/10000 of what hosts earn, 0 to 1000");
  verb->add_option("--ready-deadline-s", news.ready_deadline_s, "30 to 600");
  verb->add_option("--gap-limit-s", news.gap_limit_s, "60 to 600");
  verb->add_option("--claim-window-s", news.claim_window_s, "600 to 86400");
  verb->add_option("--treasury", treasury, "Address that receives the fees; not empty");
  verb = add(app, pause, "pause", "Take no new leases; running ones go on",
             "  obelisk-market pause --config market.toml --operator-keypair operator.json\n"
             "  obelisk-market pause --lift --config market.toml --operator-keypair operator.json");
  add_chain(pause);
  verb->add_flag("--lift", lift_pause, "Take new leases again");
  verb = add(app, rotate, "rotate-attestor",
             "Name another attestor for future leases; running ones keep theirs",
             "  obelisk-market rotate-attestor --new-keypair new.json --config market.toml "
             "--operator-keypair operator.json");
  add_chain(rotate);
  verb->add_option("--new-keypair", new_keypair, "File of the new attestor's key (0600)")
      ->required();
}

void Declared::Words::add_lists(CLI::App& app) {
  CLI::App* verb = add(
      app, refuse, "refuse", "Do no new business with an address; what runs goes on and is paid",
      "  obelisk-market refuse ADDRESS --why 'reports 3 and 7' --config market.toml\n"
      "  obelisk-market refuse ADDRESS --lift --config market.toml\n"
      "  obelisk-market refuse --list --config market.toml");
  add_records(refuse);
  verb->add_option("address", refused, "A host or a renter")->type_name("ADDRESS");
  verb->add_option("--why", refuse_request.why, "For your own list; 200 bytes at most");
  verb->add_flag("--lift", refuse_request.lift, "Refuse it no longer");
  verb->add_flag("--list", list, "Who is refused");
  verb = add(app, audit, "audit", "What was done by the operator, and reported, newest first",
             "  obelisk-market audit --config market.toml\n"
             "  obelisk-market audit --limit 10 --before 40 --json --config market.toml");
  add_records(audit);
  CLI::App* told = add(app, reports, "reports", "What wallets reported of hosts, newest first",
                       "  obelisk-market reports --config market.toml");
  add_records(reports);
  for (CLI::App* one : {verb, told}) {
    one->add_option("--limit", limit, "So many at most, 1 to 1000; 100 if not said")
        ->check(CLI::Range(std::size_t{1}, kMostLimit));
    one->add_option("--before", before, "Only those with a smaller number");
  }
}

void Declared::Words::add_copies(CLI::App& app) {
  CLI::App* verb =
      add(app, backup, "backup", "Copy the records and the index; the market may run",
          "  obelisk-market backup --to /backup/market-2026-11-28 --config market.toml");
  add_records(backup);
  verb->add_option("--to", to, "A new file; the index goes beside it, as FILE.index")->required();
  verb = add(app, restore, "restore", "Put a backup in place; no market may run there",
             "  obelisk-market restore --from /backup/market-2026-11-28 --state DIR");
  add_records(restore);
  verb->add_option("--from", from, "What backup wrote")->required();
  verb->add_flag("--force", force, "Also where records are; they are moved aside");
}

base::Result<Request> Declared::Words::read_terms(const Verb& verb, const char* name,
                                                  NewTerms changes,
                                                  const Environment& environment) const {
  TermsRequest out;
  out.verb = name;
  out.json = verb.json;
  out.operator_keypair = operator_keypair;
  TRY(out.ground, read_ground(verb.given, environment));
  if (!out.ground.program) {
    return Error{Code::usage, "--program is missing.",
                 "Give --program with a base58 address, or the --config that names it."};
  }
  out.news = changes;
  return Request(std::move(out));
}

base::Result<Request> Declared::Words::read_refuse(const Environment& environment) const {
  RefuseRequest out = refuse_request;
  out.json = refuse.json;
  if (list == !refused.empty()) {
    return Error{Code::usage, "refuse takes an address, or --list.",
                 "See obelisk-market refuse --help."};
  }
  if (!refused.empty()) {
    TRY(out.address, address(refused, "ADDRESS"));
  }
  TRY(out.ground, read_ground(refuse.given, environment));
  return Request(std::move(out));
}

base::Result<Request> Declared::Words::read_trail(const Verb& verb, bool of_reports,
                                                  const Environment& environment) const {
  TrailRequest out;
  out.reports = of_reports;
  out.json = verb.json;
  out.limit = limit;
  out.before = before;
  TRY(out.ground, read_ground(verb.given, environment));
  return Request(std::move(out));
}

Declared::Declared(CLI::App& app) : words_(std::make_unique<Words>()) {
  words_->add_init(app);
  words_->add_terms(app);
  words_->add_lists(app);
  words_->add_copies(app);
}

Declared::~Declared() = default;

base::Result<std::optional<Request>> Declared::read(const Environment& environment) const {
  const Words& words = *words_;
  std::optional<Request> out;
  if (words.init.app->parsed()) {
    InitRequest request = words.init_request;
    request.json = words.init.json;
    if (!words.program.empty()) {
      TRY(request.program, address(words.program, "--program"));
    }
    out = std::move(request);
  } else if (words.terms.app->parsed()) {
    NewTerms news = words.news;
    if (!words.treasury.empty()) {
      TRY(news.treasury, address(words.treasury, "--treasury"));
    }
    TRY(out, words.read_terms(words.terms, "terms", news, environment));
  } else if (words.pause.app->parsed()) {
    NewTerms news;
    news.paused = !words.lift_pause;
    TRY(out, words.read_terms(words.pause, "pause", news, environment));
  } else if (words.rotate.app->parsed()) {
    TRY(auto request, words.read_terms(words.rotate, "rotate-attestor", {}, environment));
    std::get<TermsRequest>(request).new_keypair = words.new_keypair;
    out = std::move(request);
  } else if (words.refuse.app->parsed()) {
    TRY(out, words.read_refuse(environment));
  } else if (words.audit.app->parsed()) {
    TRY(out, words.read_trail(words.audit, false, environment));
  } else if (words.reports.app->parsed()) {
    TRY(out, words.read_trail(words.reports, true, environment));
  } else if (words.backup.app->parsed()) {
    BackupRequest request{{}, words.to, words.backup.json};
    TRY(request.ground, read_ground(words.backup.given, environment));
    out = std::move(request);
  } else if (words.restore.app->parsed()) {
    RestoreRequest request{{}, words.from, words.force, words.restore.json};
    TRY(request.ground, read_ground(words.restore.given, environment));
    out = std::move(request);
  }
  return out;
}

}  // namespace obelisk::market_app::operators
