// answers: the values inside a node's JSON, read into the Chain port's types. Internal to this
// folder. A shape that is not as asked gives nothing; it must never be patched up into something.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

namespace json = boost::json;

// At most `max` printable ASCII characters of what a stranger wrote.
std::string printable(std::string_view text, std::size_t max = 200);

// JSON text of bounded depth; nothing where it is malformed.
std::optional<json::value> parse_json(std::string_view text);

// Null where `object` is no object or has no such key.
const json::value* member(const json::value* object, std::string_view key);
std::optional<std::uint64_t> unsigned_in(const json::value* value);
std::optional<std::int64_t> signed_in(const json::value* value);
std::optional<std::string_view> text_in(const json::value* value);

template <class Fixed>
std::optional<Fixed> fixed_in(const json::value* value) {
  const auto text = text_in(value);
  return text ? Fixed::parse(*text) : std::nullopt;
}

// {"lamports","owner","data":["...","base64"],...}
std::optional<ports::Account> account_in(const json::value* value);
// {"pubkey","account":{...}}
std::optional<ports::ProgramAccount> program_account_in(const json::value* value);
// Whether it is one that program_accounts() asked for.
bool matches(const ports::ProgramAccount& found, const base::PublicKey& program,
             std::optional<std::size_t> data_size, const std::vector<ports::DataFilter>& filters);
// {"slot","confirmationStatus","err",...}
std::optional<ports::SignatureStatus> status_in(const json::value* value);
// The result of simulateTransaction.
std::optional<ports::Simulation> simulation_in(const json::value* value);
// {"signature","slot","err",...}
std::optional<ports::HistoryEntry> history_entry_in(const json::value* value);
// The result of getTransaction with base64, which must be the transaction of that signature.
std::optional<ports::TransactionRecord> record_in(const json::value* value,
                                                  const base::Signature& signature);

std::string_view commitment_name(ports::Commitment commitment);

}  // namespace obelisk::solana_rpc
