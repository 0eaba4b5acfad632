// The verbs that ask the market: cards, offers, quote, rent; and the wallet.
#include "apps/cli/declare.hpp"

namespace obelisk::cli {
namespace {

void declare_time(CLI::App& verb, TimeArguments& time, const std::string& what) {
  verb.add_option("--hours", time.hours, what + ", for example 1.5")->type_name("H");
  verb.add_option("--minutes", time.minutes, "The same in minutes")->type_name("M");
  verb.add_option("--seconds", time.seconds, "The same in seconds, 60 or more")->type_name("S");
  verb.add_option("--for", time.span, "The same with its unit: 90m, 2h, 1d")->type_name("TIME");
}

void declare_order(CLI::App& verb, QuoteOptions& order) {
  verb.add_option("card", order.card, "A card of `obelisk cards`")->type_name("CARD");
  declare_time(verb, order.time, "How long to buy");
  verb.add_option("--count", order.count, "Cards in one machine; 1 if not said")->type_name("N");
  verb.add_option("--max-hours", order.max_hours, "How far it may be extended at this rate")
      ->type_name("H");
  verb.add_option("--disk", order.disk, "For example 50GB")->type_name("SIZE");
  verb.add_option("--template", order.template_name,
                  "What the machine starts with: jupyter; the host's own if not said")
      ->type_name("NAME");
  verb.add_option("--image", order.image,
                  "The same by its digest; with REGISTRY/NAME@ before it, a host brings it")
      ->type_name("sha256:HEX");
  verb.add_option("--offer", order.offer, "One offer of `obelisk offers` instead of a card")
      ->type_name("ID");
  verb.add_option("--ssh-key", order.ssh_key, "Your PUBLIC key; ~/.ssh/id_ed25519.pub if not said")
      ->type_name("FILE");
}

void declare_offers(CLI::App& app, Typed* t) {
  CLI::App* list = declare_verb(app, "offers", "Search what can be rented now",
                                "  obelisk offers\n"
                                "  obelisk offers 'vram>=24GB price<=1.50' --sort price --limit 5\n"
                                "  obelisk offers 'card=rtx-4090,a40 gpus>=2 not simulated'\n"
                                "  obelisk offers --fields");
  list->add_option("query", t->offers.query, "What to look for; the language is in docs/search.md")
      ->type_name("QUERY");
  list->add_option("--sort", t->offers.sort, "Fields, a minus turns one around: price,-vram")
      ->type_name("KEYS");
  list->add_option("--limit", t->offers.limit, "So many at most, 1 to 500; 20 if not said")
      ->type_name("N");
  list->add_option("--cursor", t->offers.cursor, "Go on after the page that ended with this")
      ->type_name("TEXT");
  list->add_flag("--fields", t->offers.fields, "Only list the fields, and who says what they are");
  list->add_option("--card", t->offers.card, "Only this card")->type_name("CARD");
  list->add_option("--count", t->offers.count, "With so many of them free")->type_name("N");
  list->callback([t] { t->verb = [o = t->offers](Session& s) { return offers(s, o); }; });
}

void declare_report(CLI::App& app, Typed* t) {
  CLI::App* tell = declare_verb(app, "report", "Tell the market's operator about a host",
                                "  obelisk report 4iUn... --lease 7Xw4 --reason other_hardware "
                                "--text 'nvidia-smi shows an A40'\n"
                                "  obelisk report 4iUn... --reason fraud --text '...' --json");
  tell->add_option("host", t->report.host, "The host's address")->type_name("HOST")->required();
  tell->add_option("--reason", t->report.reason,
                   "other_hardware, does_not_work, intrusion, fraud, unlawful, other")
      ->type_name("REASON")
      ->required();
  tell->add_option("--text", t->report.text, "What happened, 2000 bytes at most")
      ->type_name("TEXT")
      ->required();
  tell->add_option("--lease", t->report.lease, "A lease of yours on that host, if it is about one")
      ->type_name("LEASE");
  tell->callback([t] { t->verb = [o = t->report](Session& s) { return report(s, o); }; });
}

void declare_host_score(CLI::App& app, Typed* t) {
  CLI::App* verb = declare_verb(app, "host-score", "How a host's leases went",
                                "  obelisk host-score 4iUn...\n"
                                "  obelisk host-score 4iUn... --recompute --rpc-url URL\n"
                                "  obelisk host-score 4iUn... --recompute --by-image");
  verb->add_option("host", t->host_score.host, "The host's address")->type_name("HOST")->required();
  verb->add_flag("--recompute", t->host_score.recompute,
                 "Add it up from a node's history of the chain; no market is asked");
  verb->add_flag("--by-image", t->host_score.by_image,
                 "Also the time to ready by image; the market is asked which image each lease had");
  verb->add_option("--leases", t->host_score.leases, "Of the newest N leases; 100 if not said")
      ->type_name("N");
  verb->callback([t] { t->verb = [o = t->host_score](Session& s) { return host_score(s, o); }; });
}

void declare_history(CLI::App& app, Typed* t) {
  CLI::App* verb = declare_verb(app, "history", "What a card cost and how much of it was free",
                                "  obelisk history h100-sxm\n  obelisk history a40 --days 90");
  verb->add_option("card", t->history.card, "A card of `obelisk cards`")
      ->type_name("CARD")
      ->required();
  verb->add_option("--days", t->history.days, "How far back, 1 to 365; 7 if not said; to 2 by hour")
      ->type_name("N");
  verb->add_flag("--simulated", t->history.simulated, "Of the simulated ones on a local network");
  verb->callback([t] { t->verb = [o = t->history](Session& s) { return history(s, o); }; });
}

void declare_rent(CLI::App& app, Typed* t) {
  CLI::App* take = declare_verb(app, "rent", "Quote, confirm, pay, wait, and be logged in",
                                "  obelisk rent rtx-4090 --hours 1\n"
                                "  obelisk rent a40 --hours 8 --max-hours 24 --yes --json\n"
                                "  obelisk rent h100 --wait --max-price 2.50 --for 2h\n"
                                "  obelisk rent --quote 5f1c...");
  declare_order(*take, t->rent.quote);
  take->add_option("--quote", t->rent.quote_id, "Pay exactly this quote, of `obelisk quote`")
      ->type_name("ID");
  take->add_flag("--wait", t->rent.wait, "Wait until such an offer is there");
  take->add_option("--max-price", t->rent.max_price,
                   "Nothing dearer: USD for one card and hour, disk apart")
      ->type_name("USD");
  take->add_option("--identity", t->rent.identity,
                   "The private key that logs in; the one beside --ssh-key if not said")
      ->type_name("FILE");
  take->add_flag("--yes", t->rent.yes, "Agree to the price without being asked");
  take->add_flag("--no-ssh", t->rent.no_ssh,
                 "End once the login works; on a terminal it opens otherwise");
  take->callback([t] { t->verb = [o = t->rent](Session& s) { return rent(s, o); }; });
}

}  // namespace

void declare_wallet(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  CLI::App* wallet = declare_verb(app, "wallet", "The key that pays: new, show, airdrop",
                                  "  obelisk wallet new\n  obelisk wallet show");
  wallet->require_subcommand(1);
  CLI::App* made = declare_verb(*wallet, "new", "Make a key and its file (mode 0600)",
                                "  obelisk wallet new --out ~/renter.json");
  made->add_option("--out", t->wallet_new.out, "The file; it must not exist yet")
      ->type_name("FILE");
  made->callback([t] { t->verb = [o = t->wallet_new](Session& s) { return wallet_new(s, o); }; });
  declare_verb(*wallet, "show", "Its address and what it holds", "  obelisk wallet show --json")
      ->callback([t] { t->verb = wallet_show; });
  CLI::App* drop = declare_verb(*wallet, "airdrop", "Play money, on test networks only",
                                "  obelisk wallet airdrop 2");
  drop->add_option("sol", t->airdrop.sol, "How much; 1 if not said")->type_name("SOL");
  drop->callback([t] { t->verb = [o = t->airdrop](Session& s) { return wallet_airdrop(s, o); }; });
}

void declare_market(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  declare_verb(app, "cards", "Every kind of card, what it can do, what it costs now",
               "  obelisk cards")
      ->callback([t] { t->verb = cards; });
  declare_offers(app, t);
  declare_report(app, t);
  declare_host_score(app, t);
  declare_history(app, t);

  CLI::App* ask = declare_verb(app, "quote", "The final price, checked; nothing is signed",
                               "  obelisk quote rtx-4090 --hours 1\n"
                               "  obelisk quote h100-sxm --minutes 30 --disk 100GB --json\n"
                               "  obelisk quote --give-up 5f1c...");
  declare_order(*ask, t->quote);
  ask->add_option("--give-up", t->quote.given_up, "Let go of the cards that this quote holds")
      ->type_name("ID");
  ask->callback([t] { t->verb = [o = t->quote](Session& s) { return quote(s, o); }; });

  declare_rent(app, t);
}

void declare_leases(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  declare_verb(app, "ls", "This wallet's leases", "  obelisk ls")->callback([t] {
    t->verb = list_leases;
  });
  CLI::App* one = declare_verb(app, "show", "One lease: time, money, state",
                               "  obelisk show 7Xw4\n  obelisk show 7Xw4 --events");
  declare_lease(*one, t->lease.lease);
  one->add_flag("--events", t->lease.events, "Everything that happened to it, oldest first");
  one->callback([t] { t->verb = [o = t->lease](Session& s) { return show(s, o); }; });

  CLI::App* enter = declare_verb(app, "ssh", "Log in, or run a command there",
                                 "  obelisk ssh 7Xw4\n"
                                 "  obelisk ssh 7Xw4 -- nvidia-smi -L\n"
                                 "  obelisk ssh 7Xw4 --print");
  declare_lease(*enter, t->ssh.lease);
  enter->add_option("--identity", t->ssh.identity, "The private key")->type_name("FILE");
  enter->add_flag("--print", t->ssh.print, "Only print the ssh command");
  enter->callback([t] { t->verb = [t](Session& s) { return ssh(s, t->ssh); }; });

  CLI::App* entry =
      declare_verb(app, "ssh-config", "An entry for your own ssh, scp, rsync and editor",
                   "  obelisk ssh-config 7Xw4\n"
                   "  obelisk ssh-config 7Xw4 --install && ssh obelisk-7Xw4abcd");
  declare_lease(*entry, t->ssh_config.lease);
  entry->add_option("--identity", t->ssh_config.identity, "The private key")->type_name("FILE");
  entry->add_flag("--install", t->ssh_config.install,
                  "Write it, and one Include line above everything in ~/.ssh/config");
  entry->callback([t] { t->verb = [o = t->ssh_config](Session& s) { return ssh_config(s, o); }; });

  CLI::App* more =
      declare_verb(app, "extend", "Add time at the same rate", "  obelisk extend 7Xw4 --hours 2");
  declare_lease(*more, t->extend.lease);
  declare_time(*more, t->extend.time, "How much to add");
  more->add_flag("--yes", t->extend.yes, "Do not ask");
  more->callback([t] { t->verb = [o = t->extend](Session& s) { return extend(s, o); }; });

  CLI::App* end = declare_verb(app, "stop", "Stop now; the unused part is back at once",
                               "  obelisk stop 7Xw4 --yes");
  declare_lease(*end, t->stop.lease);
  end->add_flag("--yes", t->stop.yes, "Do not ask");
  end->callback([t] { t->verb = [o = t->stop](Session& s) { return stop(s, o); }; });

  CLI::App* paper = declare_verb(app, "receipt", "What it came to, from the chain alone",
                                 "  obelisk receipt 7Xw4 --json\n"
                                 "  obelisk receipt 7Xw4 --save rental.json\n"
                                 "  obelisk receipt --verify rental.json");
  paper->add_option("lease", t->receipt.lease, "Its address, or its beginning")->type_name("LEASE");
  paper->add_option("--save", t->receipt.save, "Also write it into this file, with its proofs")
      ->type_name("FILE");
  paper
      ->add_option("--verify", t->receipt.verify,
                   "Check such a file against the chain: exit 0 where all of it holds, else 1")
      ->type_name("FILE");
  paper->callback([t] { t->verb = [o = t->receipt](Session& s) { return receipt(s, o); }; });

  CLI::App* kept =
      declare_verb(app, "attestations", "The newest proof of service, to settle with it alone",
                   "  obelisk attestations 7Xw4 --save newest.json");
  declare_lease(*kept, t->attestations.lease);
  kept->add_option("--save", t->attestations.save, "Write it into this file")->type_name("FILE");
  kept->callback(
      [t] { t->verb = [o = t->attestations](Session& s) { return attestations(s, o); }; });
}

}  // namespace obelisk::cli
