// The verbs that look into a lease that runs.
#include "apps/cli/declare.hpp"

namespace obelisk::cli {

namespace {

void declare_open(CLI::App& app, Typed* t) {
  CLI::App* link = declare_verb(app, "open", "A link to a port of a lease, by https",
                                "  obelisk open 7Xw4 8888\n"
                                "  obelisk open 7Xw4 8888 --for 30m\n"
                                "  obelisk open 7Xw4 8888 --public\n"
                                "  obelisk open 7Xw4 8888 --private");
  declare_lease(*link, t->open.lease);
  link->add_option("port", t->open.port, "What the server in the lease listens on, 1 to 65535")
      ->type_name("PORT")
      ->required();
  link->add_option("--for", t->open.time,
                   "How long the link works: 30m, 12h, 7d; 12h if not said, and no longer than the "
                   "lease and an hour")
      ->type_name("TIME");
  link->add_flag("--public", t->open.is_public, "Let everybody in, without a link of yours");
  link->add_flag("--private", t->open.is_private, "Take that back");
  link->add_flag("--print", t->open.print, "The link and nothing else");
  link->callback([t] { t->verb = [o = t->open](Session& s) { return open_port(s, o); }; });
}

}  // namespace

void declare_living(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  declare_open(app, t);
  CLI::App* words = declare_verb(app, "logs", "What a lease's first process printed last",
                                 "  obelisk logs 7Xw4\n"
                                 "  obelisk logs 7Xw4 --tail 500\n"
                                 "  obelisk logs 7Xw4 --follow");
  declare_lease(*words, t->logs.lease);
  words->add_option("--tail", t->logs.tail, "So many lines, 1 to 1000; 100 if not said")
      ->type_name("N");
  words->add_flag("--follow", t->logs.follow, "Go on with what comes, until Ctrl-C");
  words->callback([t] { t->verb = [o = t->logs](Session& s) { return logs(s, o); }; });

  CLI::App* once = declare_verb(app, "exec", "Run one command in a lease, as its root",
                                "  obelisk exec 7Xw4 -- nvidia-smi -L\n"
                                "  obelisk exec 7Xw4 -- sh -c 'ls | wc -l'\n"
                                "  obelisk exec 7Xw4 --stdin -- tee notes.txt < notes.txt\n"
                                "  obelisk exec -t 7Xw4");
  declare_lease(*once, t->exec.lease);
  once->add_option("--timeout", t->exec.timeout,
                   "Seconds until it is killed, 1 to 60; 30 if not said")
      ->type_name("S");
  once->add_flag("--stdin", t->exec.input, "Hand on standard input, 18 kB at most");
  once->add_flag("-t,--terminal", t->exec.terminal,
                 "On a terminal that outlives a lost connection; without a command a login shell");
  once->add_option("--session", t->exec.session, "With -t: back to one that runs")->type_name("ID");
  once->callback([t] {
    t->verb = [t](Session& s) {
      ExecOptions options = t->exec;
      options.command = t->ssh.command;
      return exec(s, options);
    };
  });

  CLI::App* look = declare_verb(app, "top", "What a lease uses, and the time and money left",
                                "  obelisk top 7Xw4\n  obelisk top 7Xw4 --once\n"
                                "  obelisk top 7Xw4 --json");
  declare_lease(*look, t->top.lease);
  look->add_flag("--once", t->top.once, "Print it once and end; so does everything but a terminal");
  look->callback([t] { t->verb = [o = t->top](Session& s) { return top(s, o); }; });
}

}  // namespace obelisk::cli
