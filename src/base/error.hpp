// What can go wrong and is nobody's bug: one exhaustive list for every program, with the words, the
// exit code and the HTTP status that belong to each. It must never be used for a bug (see
// check.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace obelisk::base {

// Each kind of failure an outsider can meet. The snake_case names of error.cpp are contract: the
// CLI prints them with --json, HTTP problems carry them, scripts branch on them.
enum class Code {
  internal,            // a bug, reported instead of hidden
  usage,               // the command line or the request cannot be understood
  invalid_input,       // understood, but a value is out of its range
  declined,            // the person said no
  insufficient_funds,  // the wallet cannot pay for this
  not_found,           // no such thing
  expired,             // it was there and its time is over
  conflict,            // somebody else changed or took it first
  unauthorized,        // nobody said who asks, or not so that it can be believed
  forbidden,           // the key that signed may not do this
  unreachable,         // no answer from the other side
  timeout,             // an answer did not come in time
  rate_limited,        // asked too often
  refunded,            // paid, not delivered, and everything is back
  refused,             // a check of ours said no (a transaction does more than its quote, ...)
  rejected_on_chain,   // the program or the runtime refused the transaction
  missing_dependency,  // something this machine needs is not there (podman, root, a port, space)
  unsupported,         // valid, and not something this version does
};

// The stable name, for example "insufficient_funds".
std::string_view code_name(Code code);
// The process exit code of docs/contract.md: 0 done, 1 bug, 2 usage, 3 declined, 4 funds, ...
int exit_code(Code code);
// The HTTP status a server answers with.
int http_status(Code code);
// The code with that name; `internal` for a name this version does not know.
Code code_from_name(std::string_view name);

// One failure as a person reads it: what happened, what to do, what it cost (in lamports).
struct Error {
  Code code = Code::internal;
  std::string message;
  std::string action;
  std::uint64_t charged_lamports = 0;
};

}  // namespace obelisk::base
