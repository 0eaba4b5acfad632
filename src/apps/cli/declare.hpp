// Declares the verbs to CLI11: names, options, help, examples. The only files that see CLI11 are
// those that include this one.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "apps/cli/command_line.hpp"
#include "apps/cli/verbs/verbs.hpp"

namespace obelisk::cli {

// Everything the options are written into while a line is read.
struct Typed {
  CommonFlags flags;
  WalletNewOptions wallet_new;
  WalletAirdropOptions airdrop;
  OffersOptions offers;
  HistoryOptions history;
  QuoteOptions quote;
  RentOptions rent;
  LeaseOptions lease;
  SshOptions ssh;
  SshConfigOptions ssh_config;
  OpenOptions open;
  LogsOptions logs;
  ExecOptions exec;
  TopOptions top;
  ExtendOptions extend;
  StopOptions stop;
  ReceiptOptions receipt;
  AttestationsOptions attestations;
  HostScoreOptions host_score;
  ReportOptions report;
  LoginOptions login;
  LogoutOptions logout;
  EscrowListOptions list;
  EscrowClaimOptions claim;
  EscrowAttestOptions attest;
  EscrowStopOptions escrow_stop;
  Verb verb;
};
using TypedPointer = std::shared_ptr<Typed>;

// A verb with its examples; the common flags may stand after it.
CLI::App* declare_verb(CLI::App& parent, const std::string& name, const std::string& what,
                       const std::string& examples);
void declare_lease(CLI::App& verb, std::string& lease);

void declare_wallet(CLI::App& app, const TypedPointer& typed);
void declare_market(CLI::App& app, const TypedPointer& typed);
void declare_leases(CLI::App& app, const TypedPointer& typed);
void declare_living(CLI::App& app, const TypedPointer& typed);
void declare_sessions(CLI::App& app, const TypedPointer& typed);
void declare_escrow(CLI::App& app, const TypedPointer& typed);

}  // namespace obelisk::cli
