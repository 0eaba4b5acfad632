// The verbs below `escrow`: one lease, a node, a key, and no market.
#include "apps/cli/declare.hpp"

namespace obelisk::cli {

void declare_escrow(CLI::App& app, const TypedPointer& typed) {
  Typed* t = typed.get();
  CLI::App* escrow = declare_verb(app, "escrow", "A lease by the chain alone, without a market",
                                  "  obelisk escrow show 7Xw4...\n"
                                  "  obelisk escrow stop 7Xw4... --how 0");
  escrow->require_subcommand(1);

  CLI::App* one =
      declare_verb(*escrow, "show", "The account as it stands", "  obelisk escrow show 7Xw4...");
  declare_lease(*one, t->lease.lease);
  one->callback([t] { t->verb = [o = t->lease](Session& s) { return escrow_show(s, o); }; });

  CLI::App* back =
      declare_verb(*escrow, "cancel", "All back: the renter before ready, anyone past the deadline",
                   "  obelisk escrow cancel 7Xw4... --yes");
  declare_lease(*back, t->stop.lease);
  back->add_flag("--yes", t->stop.yes, "Do not ask");
  back->callback([t] { t->verb = [o = t->stop](Session& s) { return escrow_cancel(s, o); }; });

  CLI::App* claim = declare_verb(*escrow, "claim", "Pay the host what is proven; anyone may",
                                 "  obelisk escrow claim 7Xw4... --attestation newest.json");
  declare_lease(*claim, t->claim.lease);
  claim
      ->add_option("--attestation", t->claim.attestation,
                   "The API's Attestation as JSON; the market is asked if not said")
      ->type_name("FILE");
  claim->callback([t] { t->verb = [o = t->claim](Session& s) { return escrow_claim(s, o); }; });

  CLI::App* attest =
      declare_verb(*escrow, "attest", "The renter says: served until now; and the host is paid",
                   "  obelisk escrow attest 7Xw4... --yes\n"
                   "  obelisk escrow attest 7Xw4... --out served.json");
  declare_lease(*attest, t->attest.lease);
  attest->add_option("--out", t->attest.out, "Only write it into this file")->type_name("FILE");
  attest->add_flag("--yes", t->attest.yes, "Do not ask");
  attest->callback([t] { t->verb = [o = t->attest](Session& s) { return escrow_attest(s, o); }; });

  CLI::App* end = declare_verb(*escrow, "stop", "Stop in the way you say",
                               "  obelisk escrow stop 7Xw4... --how 1 --yes");
  declare_lease(*end, t->escrow_stop.lease);
  end->add_option("--how", t->escrow_stop.how,
                  "0: I was served till now; 1: I dispute the unproven time; 2: the host waives it")
      ->type_name("0|1|2")
      ->required();
  end->add_flag("--yes", t->escrow_stop.yes, "Do not ask");
  end->callback([t] { t->verb = [o = t->escrow_stop](Session& s) { return escrow_stop(s, o); }; });

  CLI::App* last =
      declare_verb(*escrow, "finish", "Settle a lease whose time or window is over; anyone may",
                   "  obelisk escrow finish 7Xw4...");
  declare_lease(*last, t->lease.lease);
  last->callback([t] { t->verb = [o = t->lease](Session& s) { return escrow_finish(s, o); }; });
}

}  // namespace obelisk::cli
