// The operator's verbs: each does one thing, writes into the audit trail what it did, and answers
// with the words or the line of JSON to print. None of them can touch a lease or its money: no
// instruction of the program would let them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/market/operator/requests.hpp"
#include "ports/audit_store.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/refusal_store.hpp"
#include "ports/report_store.hpp"
#include "ports/signer.hpp"
#include "ports/stores.hpp"

namespace obelisk::market_app::operators {

using Words = base::Result<std::string>;

// What was asked for, with everything real behind it. `open_chain` checks the cluster.
using OpenChain = std::function<base::Result<std::unique_ptr<ports::Chain>>(const Ground&)>;
Words run(const Request& request, ports::Clock& clock, const OpenChain& open_chain);

// --- each alone, over whatever it is given ---

// The user of this machine, as the trail names them: "user root".
std::string this_user();

Words init(const InitRequest& request);

// Without `operator_key` the terms are shown. `audit` is null where no records are on this machine.
struct TermsParts {
  ports::Chain& chain;
  ports::Clock& clock;
  ports::Signer* operator_key;
  ports::AuditStore* audit;
};
Words terms(const TermsRequest& request, const TermsParts& parts);

Words refuse(const RefuseRequest& request, ports::RefusalStore& refusals, ports::AuditStore& audit,
             ports::Clock& clock);
Words show_audit(const TrailRequest& request, ports::AuditStore& audit);
Words show_reports(const TrailRequest& request, ports::ReportStore& reports);

Words backup(const BackupRequest& request, ports::Clock& clock);
Words restore(const RestoreRequest& request, ports::Clock& clock);

// One line of a terminal, whatever an outsider wrote.
std::string plain_line(std::string_view text);

}  // namespace obelisk::market_app::operators
