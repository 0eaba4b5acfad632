#include "apps/cli/declare.hpp"

namespace obelisk::cli {

void declare_sessions(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  CLI::App* in = declare_verb(app, "login", "Sign in, and keep a token; other verbs need none",
                              "  obelisk login\n  obelisk login --days 1 --label laptop --json");
  in->add_option("--days", t->login.days, "How long it lasts, 1 to 30; 7 if not said")
      ->type_name("N");
  in->add_option("--label", t->login.label, "For the list of sessions")->type_name("TEXT");
  in->callback([t] { t->verb = [o = t->login](Session& s) { return login(s, o); }; });

  CLI::App* out = declare_verb(app, "logout", "End the session kept here, or the one named",
                               "  obelisk logout\n  obelisk logout 5f3759df5f3759df");
  out->add_option("session", t->logout.session, "As `obelisk sessions` names it")
      ->type_name("SESSION");
  out->callback([t] { t->verb = [o = t->logout](Session& s) { return logout(s, o); }; });

  declare_verb(app, "sessions", "Where this wallet is signed in", "  obelisk sessions")
      ->callback([t] { t->verb = sessions; });
}

}  // namespace obelisk::cli
