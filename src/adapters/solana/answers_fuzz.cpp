// libFuzzer over everything that reads a node's JSON. The first byte chooses what the rest is taken
// for.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/solana/answers.hpp"
#include "adapters/solana/json_rpc.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "base/check.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

void check_printable(std::string_view words) {
  for (const char c : words) CHECK(c >= 0x20 && c < 0x7f);
}

void check_error(const base::Error& error) {
  CHECK(!error.message.empty() && error.message.size() <= 1024);
  check_printable(error.message);
  check_printable(error.action);
}

void read_account(const json::value& value) {
  const auto found = program_account_in(&value);
  if (!found) return;
  const ports::Account& account = found->account;
  CHECK(matches(*found, account.owner, account.data.size(), {{0, account.data}}));
  CHECK(!matches(*found, account.owner, account.data.size() + 1, {}));
  CHECK(!matches(*found, account.owner, std::nullopt, {{account.data.size(), {0}}}));
}

void read_status(const json::value& value) {
  const auto status = status_in(&value);
  if (!status) return;
  CHECK(!status->custom || status->error);
  if (status->error) check_error(landed_error(*status, {5000}));
}

void read_record(const json::value& value) {
  // Asked for by the name that it gives itself: else none would ever be accepted.
  const json::value* transaction = member(&value, "transaction");
  const json::array* pair = transaction ? transaction->if_array() : nullptr;
  const auto text = pair && !pair->empty() ? text_in(&pair->front()) : std::nullopt;
  const auto decoded = solana::decode_transaction_base64(text.value_or(""));
  const base::Signature id = decoded.ok() ? decoded->id() : base::Signature{};
  const auto record = record_in(&value, id);
  if (!record) return;
  CHECK(decoded.ok() && record->wire == decoded->wire() && record->signature == id);
  CHECK(record->pre_balances.size() == record->post_balances.size());
  for (const std::string& line : record->logs) check_printable(line);
}

void read_simulation(const json::value& value) {
  const auto found = simulation_in(&value);
  if (found) CHECK(!found->custom || found->error);
}

void read_history(const json::value& value) {
  const auto found = history_entry_in(&value);
  if (found) CHECK(found->signature.to_string() == text_in(member(&value, "signature")));
}

// What a socket pushes of a program's account, as ProgramWatch takes it apart.
void read_notification(const json::value& value) {
  const json::value* result = member(member(&value, "params"), "result");
  const auto slot = unsigned_in(member(member(result, "context"), "slot"));
  const auto found = program_account_in(member(result, "value"));
  if (slot && found) CHECK(!found->address.to_string().empty());
}

}  // namespace
}  // namespace obelisk::solana_rpc

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::solana_rpc;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_error(transaction_error(text, {}));
  const auto value = parse_json(text);
  if (!value) return 0;
  if (data[0] >= 0xf0) {
    switch (data[0] % 3) {
      case 0: read_simulation(*value); break;
      case 1: read_history(*value); break;
      default: read_notification(*value); break;
    }
    return 0;
  }
  switch (data[0] % 4) {
    case 0: read_account(*value); break;
    case 1: read_status(*value); break;
    case 2: read_record(*value); break;
    default: check_error(rpc_error(*value, "node")); break;
  }
  return 0;
}
