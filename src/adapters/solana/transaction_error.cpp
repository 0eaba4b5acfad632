#include "adapters/solana/transaction_error.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "adapters/solana/answers.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kProgramError = "the program's error ";
constexpr std::string_view kAddSol = "Add SOL to the wallet, then try again.";

struct InstructionFailure {
  std::uint64_t instruction = 0;
  std::optional<std::uint32_t> custom;
  std::string name;
};

std::optional<InstructionFailure> instruction_failure(const json::value& error) {
  const json::object* object = error.if_object();
  const json::value* inner = object ? object->if_contains("InstructionError") : nullptr;
  const json::array* pair = inner ? inner->if_array() : nullptr;
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  InstructionFailure out;
  boost::system::error_code ignored;
  out.instruction = (*pair)[0].to_number<std::uint64_t>(ignored);
  if (const json::string* name = (*pair)[1].if_string()) {
    out.name = printable({name->data(), name->size()}, 60);
    return out;
  }
  const json::object* detail = (*pair)[1].if_object();
  const json::value* code = detail ? detail->if_contains("Custom") : nullptr;
  if (code != nullptr) {
    boost::system::error_code failed;
    const auto number = code->to_number<std::uint32_t>(failed);
    if (!failed) out.custom = number;
  }
  if (!out.custom) out.name = printable(json::serialize((*pair)[1]), 60);
  return out;
}

// The System program's line of the log, which alone says what was missing.
std::optional<std::string> missing_lamports(const std::vector<std::string>& logs) {
  constexpr std::string_view kMark = "insufficient lamports ";
  for (const std::string& line : logs) {
    const std::size_t at = line.find(kMark);
    if (at == std::string::npos) continue;
    return printable(std::string_view(line).substr(at + kMark.size()), 60);
  }
  return std::nullopt;
}

Error insufficient(const std::string& what) {
  return {Code::insufficient_funds, what, std::string(kAddSol)};
}

Error refused(const std::string& what) {
  return {Code::rejected_on_chain, what, "Ask for a new transaction, or look at its logs."};
}

Error named_error(std::string_view name) {
  if (name == "BlockhashNotFound") {
    return {Code::expired, "This transaction's 30 s are over, or the node does not know it yet.",
            "Ask for a new transaction and sign that."};
  }
  if (name == "InsufficientFundsForFee" || name == "AccountNotFound") {
    return insufficient("The wallet cannot pay the network fee.");
  }
  if (name == "AlreadyProcessed") {
    return {Code::conflict, "This transaction has landed already.", "Look at its signature."};
  }
  return refused("The network refuses the transaction: " + printable(name, 60) + ".");
}

Error instruction_error(const InstructionFailure& failure, const std::vector<std::string>& logs) {
  const std::string which = "Instruction " + std::to_string(failure.instruction) + " fails";
  if (failure.custom == 1u || failure.name == "InsufficientFunds") {
    // 1 is the System program's word for this, unless another program uses the number too.
    if (const auto missing = missing_lamports(logs)) {
      return insufficient("The wallet cannot pay for this. It has lamports " + *missing + ".");
    }
  }
  if (failure.name == "InsufficientFunds") return insufficient(which + ": not enough lamports.");
  if (failure.custom) {
    return refused(which + " with " + std::string(kProgramError) + std::to_string(*failure.custom) +
                   ".");
  }
  return refused(which + ": " + failure.name + ".");
}

}  // namespace

Error transaction_error(std::string_view error_json, const std::vector<std::string>& logs) {
  const auto error = parse_json(error_json);
  if (!error) return refused("The network refuses the transaction.");
  if (const json::string* name = error->if_string()) {
    return named_error({name->data(), name->size()});
  }
  if (const auto failure = instruction_failure(*error)) return instruction_error(*failure, logs);
  const json::object* object = error->if_object();
  if (object != nullptr && object->contains("InsufficientFundsForRent")) {
    return insufficient("An account would be left with less than its rent minimum.");
  }
  return refused("The network refuses the transaction: " + printable(error_json, 100) + ".");
}

std::optional<std::uint32_t> custom_code(std::string_view error_json) {
  const auto error = parse_json(error_json);
  const auto failure = error ? instruction_failure(*error) : std::nullopt;
  return failure ? failure->custom : std::nullopt;
}

std::optional<std::uint32_t> program_error_in(const Error& error) {
  if (error.code != Code::rejected_on_chain) return std::nullopt;
  const std::size_t at = error.message.find(kProgramError);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view digits = std::string_view(error.message).substr(at + kProgramError.size());
  std::uint32_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  return number;
}

Error landed_error(const ports::SignatureStatus& status, base::Lamports fee) {
  Error error = transaction_error(status.error.value_or("null"), {});
  // It is in a block: whatever the reason was, waiting or paying again does not undo that.
  if (error.code == Code::expired || error.code == Code::conflict) {
    error.code = Code::rejected_on_chain;
  }
  error.charged_lamports = fee.count;
  return error;
}

}  // namespace obelisk::solana_rpc
