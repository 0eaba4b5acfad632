// The verbs of `obelisk`: each does one thing a person asked for, prints it, and returns or says
// why not. They take what they need from the session and keep nothing.
#pragma once

#include "apps/cli/session.hpp"
#include "apps/cli/verbs/options.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

base::Result<void> wallet_new(Session& session, const WalletNewOptions& options);
base::Result<void> wallet_show(Session& session);
base::Result<void> wallet_airdrop(Session& session, const WalletAirdropOptions& options);

base::Result<void> login(Session& session, const LoginOptions& options);
base::Result<void> logout(Session& session, const LogoutOptions& options);
base::Result<void> sessions(Session& session);

base::Result<void> cards(Session& session);
base::Result<void> offers(Session& session, const OffersOptions& options);
base::Result<void> history(Session& session, const HistoryOptions& options);
base::Result<void> quote(Session& session, const QuoteOptions& options);
base::Result<void> rent(Session& session, const RentOptions& options);

base::Result<void> list_leases(Session& session);
base::Result<void> show(Session& session, const LeaseOptions& options);
base::Result<void> ssh(Session& session, const SshOptions& options);
base::Result<void> ssh_config(Session& session, const SshConfigOptions& options);
base::Result<void> open_port(Session& session, const OpenOptions& options);
base::Result<void> logs(Session& session, const LogsOptions& options);
base::Result<void> exec(Session& session, const ExecOptions& options);
// The same on a terminal, for as long as it takes.
base::Result<void> exec_terminal(Session& session, const ExecOptions& options);
base::Result<void> top(Session& session, const TopOptions& options);
base::Result<void> extend(Session& session, const ExtendOptions& options);
base::Result<void> stop(Session& session, const StopOptions& options);
base::Result<void> receipt(Session& session, const ReceiptOptions& options);
base::Result<void> host_score(Session& session, const HostScoreOptions& options);
base::Result<void> report(Session& session, const ReportOptions& options);
base::Result<void> attestations(Session& session, const AttestationsOptions& options);

base::Result<void> escrow_list(Session& session, const EscrowListOptions& options);
base::Result<void> escrow_show(Session& session, const LeaseOptions& options);
base::Result<void> escrow_cancel(Session& session, const StopOptions& options);
base::Result<void> escrow_claim(Session& session, const EscrowClaimOptions& options);
base::Result<void> escrow_attest(Session& session, const EscrowAttestOptions& options);
base::Result<void> escrow_stop(Session& session, const EscrowStopOptions& options);
base::Result<void> escrow_finish(Session& session, const LeaseOptions& options);

}  // namespace obelisk::cli
