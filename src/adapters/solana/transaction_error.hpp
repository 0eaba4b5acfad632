// What the runtime says of a transaction that failed, as an Error for people. A program's own
// number stays findable in it, since the words for it are the program's client's to say.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

// `error_json` is the TransactionError as JSON text; `logs` may be empty.
base::Error transaction_error(std::string_view error_json, const std::vector<std::string>& logs);

// The program's own error number, if it is an InstructionError with Custom.
std::optional<std::uint32_t> custom_code(std::string_view error_json);

// The number again, out of an Error that transaction_error() made.
std::optional<std::uint32_t> program_error_in(const base::Error& error);

// The error of a transaction that landed and failed: its fee is gone, nothing else moved.
base::Error landed_error(const ports::SignatureStatus& status, base::Lamports fee);

}  // namespace obelisk::solana_rpc
