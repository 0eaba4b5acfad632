#include "adapters/solana/answers.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/solana/transaction_error.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

using ports::Commitment;

constexpr std::size_t kMaxLogBytes = 64 * 1024;

std::optional<base::Bytes> base64_pair(const json::value* value) {
  const json::array* pair = value ? value->if_array() : nullptr;
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  const auto encoding = text_in(&(*pair)[1]);
  const auto text = text_in(&(*pair)[0]);
  if (encoding != "base64" || !text) return std::nullopt;
  return base::from_base64(*text);
}

// Those of meta.loadedAddresses; a node that does not tell them leaves them unknown, but it must
// not tell another number than the message asks for.
std::optional<std::vector<base::PublicKey>> loaded_keys_in(const json::value* value,
                                                           const solana::Message& message) {
  std::size_t writable = 0;
  std::size_t readonly = 0;
  for (const solana::TableLookup& lookup : message.lookups) {
    writable += lookup.writable.size();
    readonly += lookup.readonly.size();
  }
  std::vector<base::PublicKey> out;
  if (value == nullptr || value->is_null()) return out;
  const auto read = [&](std::string_view name, std::size_t count) {
    const json::value* field = member(value, name);
    const json::array* list = field ? field->if_array() : nullptr;
    if (list == nullptr || list->size() != count) return false;
    for (const json::value& entry : *list) {
      const auto key = fixed_in<base::PublicKey>(&entry);
      if (!key) return false;
      out.push_back(*key);
    }
    return true;
  };
  if (!read("writable", writable) || !read("readonly", readonly)) return std::nullopt;
  return out;
}

std::optional<Commitment> commitment_in(const json::value* value) {
  const auto name = text_in(value);
  for (const Commitment known :
       {Commitment::processed, Commitment::confirmed, Commitment::finalized}) {
    if (name == commitment_name(known)) return known;
  }
  return std::nullopt;
}

// "err" is null for a transaction that succeeded, and must be there.
bool read_error(const json::value* err, std::optional<std::string>& out) {
  if (err == nullptr) return false;
  if (!err->is_null()) out = json::serialize(*err);
  return true;
}

std::optional<std::vector<base::Lamports>> balances_in(const json::value* value) {
  const json::array* list = value ? value->if_array() : nullptr;
  if (list == nullptr || list->size() > 256) return std::nullopt;
  std::vector<base::Lamports> out;
  for (const json::value& entry : *list) {
    const auto lamports = unsigned_in(&entry);
    if (!lamports) return std::nullopt;
    out.push_back({*lamports});
  }
  return out;
}

// A node may keep no logs: then there are none.
std::vector<std::string> logs_in(const json::value* value) {
  std::vector<std::string> out;
  const json::array* lines = value ? value->if_array() : nullptr;
  if (lines == nullptr) return out;
  std::size_t left = kMaxLogBytes;
  for (const json::value& line : *lines) {
    const auto text = text_in(&line);
    if (!text || text->size() > left) return out;
    left -= text->size();
    out.push_back(printable(*text, text->size()));
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max) {
  std::string out(text.substr(0, max));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7e) c = ' ';
  }
  return out;
}

std::optional<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = 32;
  boost::system::error_code error;
  json::value out = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return out;
}

std::string_view commitment_name(Commitment commitment) {
  switch (commitment) {
    case Commitment::processed: return "processed";
    case Commitment::confirmed: return "confirmed";
    case Commitment::finalized: return "finalized";
  }
  return "finalized";
}

const json::value* member(const json::value* object, std::string_view key) {
  const json::object* members = object ? object->if_object() : nullptr;
  return members ? members->if_contains(key) : nullptr;
}

std::optional<std::uint64_t> unsigned_in(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (const std::uint64_t* number = value->if_uint64()) return *number;
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::int64_t> signed_in(const json::value* value) {
  const std::int64_t* number = value ? value->if_int64() : nullptr;
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<std::string_view> text_in(const json::value* value) {
  const json::string* text = value ? value->if_string() : nullptr;
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<ports::Account> account_in(const json::value* value) {
  const auto lamports = unsigned_in(member(value, "lamports"));
  const auto owner = fixed_in<base::PublicKey>(member(value, "owner"));
  auto data = base64_pair(member(value, "data"));
  if (!lamports || !owner || !data) return std::nullopt;
  return ports::Account{{*lamports}, *owner, *std::move(data)};
}

std::optional<ports::ProgramAccount> program_account_in(const json::value* value) {
  const auto address = fixed_in<base::PublicKey>(member(value, "pubkey"));
  auto account = account_in(member(value, "account"));
  if (!address || !account) return std::nullopt;
  return ports::ProgramAccount{*address, *std::move(account)};
}

bool matches(const ports::ProgramAccount& found, const base::PublicKey& program,
             std::optional<std::size_t> data_size, const std::vector<ports::DataFilter>& filters) {
  const base::Bytes& data = found.account.data;
  if (found.account.owner != program || (data_size && data.size() != *data_size)) return false;
  return std::all_of(filters.begin(), filters.end(), [&](const ports::DataFilter& filter) {
    if (filter.offset > data.size() || filter.bytes.size() > data.size() - filter.offset) {
      return false;
    }
    return std::equal(filter.bytes.begin(), filter.bytes.end(),
                      data.begin() + static_cast<std::ptrdiff_t>(filter.offset));
  });
}

std::optional<ports::SignatureStatus> status_in(const json::value* value) {
  ports::SignatureStatus out;
  const auto slot = unsigned_in(member(value, "slot"));
  const auto commitment = commitment_in(member(value, "confirmationStatus"));
  if (!slot || !commitment || !read_error(member(value, "err"), out.error)) return std::nullopt;
  out.slot = *slot;
  out.commitment = *commitment;
  if (out.error) out.custom = custom_code(*out.error);
  return out;
}

std::optional<ports::Simulation> simulation_in(const json::value* value) {
  const json::value* said = member(value, "value");
  const auto slot = unsigned_in(member(member(value, "context"), "slot"));
  const auto units = unsigned_in(member(said, "unitsConsumed"));
  ports::Simulation out;
  if (!slot || !units || !read_error(member(said, "err"), out.error)) return std::nullopt;
  out.slot = *slot;
  out.compute_units = *units;
  if (out.error) out.custom = custom_code(*out.error);
  return out;
}

std::optional<ports::HistoryEntry> history_entry_in(const json::value* value) {
  const auto signature = fixed_in<base::Signature>(member(value, "signature"));
  const auto slot = unsigned_in(member(value, "slot"));
  std::optional<std::string> error;
  if (!signature || !slot || !read_error(member(value, "err"), error)) return std::nullopt;
  return ports::HistoryEntry{*signature, *slot, error.has_value()};
}

std::optional<ports::TransactionRecord> record_in(const json::value* value,
                                                  const base::Signature& signature) {
  const json::value* meta = member(value, "meta");
  const auto slot = unsigned_in(member(value, "slot"));
  auto wire = base64_pair(member(value, "transaction"));
  const auto fee = unsigned_in(member(meta, "fee"));
  auto before = balances_in(member(meta, "preBalances"));
  auto after = balances_in(member(meta, "postBalances"));
  ports::TransactionRecord out;
  if (!slot || !wire || !fee || !before || !after || !read_error(member(meta, "err"), out.error)) {
    return std::nullopt;
  }
  const auto decoded = solana::decode_transaction(*wire);
  if (!decoded || decoded->id() != signature || before->size() != after->size()) {
    return std::nullopt;
  }
  auto loaded = loaded_keys_in(member(meta, "loadedAddresses"), decoded->message());
  if (!loaded) return std::nullopt;
  out.loaded_keys = *std::move(loaded);
  out.signature = signature;
  out.slot = *slot;
  out.block_time = signed_in(member(value, "blockTime"));
  out.wire = *std::move(wire);
  out.fee = {*fee};
  out.pre_balances = *std::move(before);
  out.post_balances = *std::move(after);
  out.logs = logs_in(member(meta, "logMessages"));
  out.compute_units = unsigned_in(member(meta, "computeUnitsConsumed")).value_or(0);
  return out;
}

}  // namespace obelisk::solana_rpc
