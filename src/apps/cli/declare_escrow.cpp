// The verbs below `escrow`: leases, a node, a key, and no market.
#include "apps/cli/declare.hpp"

namespace obelisk::cli {
namespace {

void declare_looking(CLI::App& escrow, Typed* t) {
  CLI::App* list =
      declare_verb(escrow, "list", "Every lease of this wallet, found on the chain",
                   "  obelisk escrow list --program 9xQe...\n"
                   "  obelisk escrow list --as-host --keypair host.json --program 9xQe...");
  list->add_flag("--as-host", t->list.as_host, "Those it serves instead of those it rents");
  list->callback([t] { t->verb = [o = t->list](Session& s) { return escrow_list(s, o); }; });

  CLI::App* one =
      declare_verb(escrow, "show", "Every field of the account, and what can be done, by whom",
                   "  obelisk escrow show 7Xw4...");
  declare_lease(*one, t->lease.lease);
  one->callback([t] { t->verb = [o = t->lease](Session& s) { return escrow_show(s, o); }; });
}

// What a party's own word does: asked about, unless --yes.
void declare_own_word(CLI::App& escrow, Typed* t) {
  CLI::App* attest =
      declare_verb(escrow, "attest", "The renter says: served until now; and the host is paid",
                   "  obelisk escrow attest 7Xw4... --yes\n"
                   "  obelisk escrow attest 7Xw4... --out served.json");
  declare_lease(*attest, t->attest.lease);
  attest->add_option("--out", t->attest.out, "Only write it into this file")->type_name("FILE");
  attest->add_flag("--yes", t->attest.yes, "Do not ask");
  attest->callback([t] { t->verb = [o = t->attest](Session& s) { return escrow_attest(s, o); }; });

  CLI::App* end = declare_verb(escrow, "stop", "Stop in the way you say",
                               "  obelisk escrow stop 7Xw4... --how dispute --yes\n"
                               "  obelisk escrow stop 7Xw4... --how waive --keypair host.json");
  declare_lease(*end, t->escrow_stop.lease);
  end->add_option("--how", t->escrow_stop.how,
                  "served (0): I was served till now; dispute (1): I dispute the unproven time; "
                  "waive (2): the host waives it; dark (3): the attestor says the host is dark")
      ->type_name("served|dispute|waive|dark")
      ->required();
  end->add_flag("--yes", t->escrow_stop.yes, "Do not ask");
  end->callback([t] { t->verb = [o = t->escrow_stop](Session& s) { return escrow_stop(s, o); }; });

  CLI::App* back =
      declare_verb(escrow, "cancel", "All back: the renter before ready, anyone past the deadline",
                   "  obelisk escrow cancel 7Xw4... --yes");
  declare_lease(*back, t->stop.lease);
  back->add_flag("--yes", t->stop.yes, "Do not ask");
  back->callback([t] { t->verb = [o = t->stop](Session& s) { return escrow_cancel(s, o); }; });
}

// Where the rules alone say who gets what: said, never asked.
void declare_anyone(CLI::App& escrow, Typed* t) {
  CLI::App* claim = declare_verb(escrow, "claim", "Pay the host what is proven; anyone may",
                                 "  obelisk escrow claim 7Xw4... --attestation newest.json");
  declare_lease(*claim, t->claim.lease);
  claim
      ->add_option("--attestation", t->claim.attestation,
                   "A saved attestation; if not said: the market's newest, or the one kept here")
      ->type_name("FILE");
  claim->add_flag("--yes", t->stop.yes, "Nothing is asked anyway");
  claim->callback([t] { t->verb = [o = t->claim](Session& s) { return escrow_claim(s, o); }; });

  CLI::App* last =
      declare_verb(escrow, "finish", "Settle a lease whose time or window is over; anyone may",
                   "  obelisk escrow finish 7Xw4...");
  declare_lease(*last, t->lease.lease);
  last->add_flag("--yes", t->stop.yes, "Nothing is asked anyway");
  last->callback([t] { t->verb = [o = t->lease](Session& s) { return escrow_finish(s, o); }; });
}

}  // namespace

void declare_escrow(CLI::App& app, const TypedPointer& typed) {
  CLI::App* escrow = declare_verb(app, "escrow", "Leases by the chain alone, without a market",
                                  "  obelisk escrow list --program 9xQe...\n"
                                  "  obelisk escrow show 7Xw4...\n"
                                  "  obelisk escrow stop 7Xw4... --how served");
  escrow->require_subcommand(1);
  declare_looking(*escrow, typed.get());
  declare_own_word(*escrow, typed.get());
  declare_anyone(*escrow, typed.get());
}

}  // namespace obelisk::cli
