// What each verb may be told, as it was typed: texts that the verb reads and refuses by itself, so
// that an error is one of ours whatever parsed the line. It must never hold a default that spends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/text/arguments.hpp"

namespace obelisk::cli {

using MaybeText = std::optional<std::string>;

struct WalletNewOptions {
  MaybeText out;
};
struct WalletAirdropOptions {
  std::string sol = "1";
};
struct OffersOptions {
  std::vector<std::string> query;  // its words, however the shell cut them
  MaybeText card;
  MaybeText count;
  MaybeText sort;
  MaybeText limit;
  MaybeText cursor;
  bool fields = false;
};
struct LoginOptions {
  MaybeText days;
  MaybeText label;
};
struct LogoutOptions {
  MaybeText session;
};
struct HistoryOptions {
  std::string card;
  MaybeText days;
  bool simulated = false;
};
struct QuoteOptions {
  MaybeText card;
  MaybeText offer;
  TimeArguments time;
  MaybeText count;
  MaybeText max_hours;
  MaybeText disk;
  MaybeText template_name;
  MaybeText image;
  MaybeText ssh_key;
  MaybeText given_up;  // quote: one that will not be paid
};
struct RentOptions {
  QuoteOptions quote;
  MaybeText quote_id;   // one that was made before
  MaybeText max_price;  // USD for a card and hour
  bool wait = false;
  MaybeText identity;
  bool yes = false;
  bool no_ssh = false;
};
struct LeaseOptions {
  std::string lease;
  bool events = false;  // show: everything that happened
};
struct SshOptions {
  std::string lease;
  MaybeText identity;
  bool print = false;
  std::vector<std::string> command;
};
struct SshConfigOptions {
  std::string lease;
  MaybeText identity;
  bool install = false;
};
struct OpenOptions {
  std::string lease;
  std::string port;
  MaybeText time;
  bool is_public = false;
  bool is_private = false;
  bool print = false;
};
struct LogsOptions {
  std::string lease;
  MaybeText tail;
  bool follow = false;
};
struct ExecOptions {
  std::string lease;
  MaybeText timeout;
  bool input = false;
  bool terminal = false;
  MaybeText session;  // with a terminal: one that is there
  std::vector<std::string> command;
};
struct TopOptions {
  std::string lease;
  bool once = false;
};
struct ExtendOptions {
  std::string lease;
  TimeArguments time;
  bool yes = false;
};
struct StopOptions {
  std::string lease;
  bool yes = false;
};
struct ReceiptOptions {
  MaybeText lease;
  MaybeText save;
  MaybeText verify;
};
struct AttestationsOptions {
  std::string lease;
  MaybeText save;
};
struct HostScoreOptions {
  std::string host;
  bool recompute = false;
  bool by_image = false;
  MaybeText leases;
};
struct ReportOptions {
  std::string host;
  std::string reason;
  std::string text;
  MaybeText lease;
};
struct EscrowListOptions {
  bool as_host = false;
};
struct EscrowClaimOptions {
  std::string lease;
  MaybeText attestation;
};
struct EscrowAttestOptions {
  std::string lease;
  MaybeText out;
  bool yes = false;
};
struct EscrowStopOptions {
  std::string lease;
  std::string how;
  bool yes = false;
};

}  // namespace obelisk::cli
