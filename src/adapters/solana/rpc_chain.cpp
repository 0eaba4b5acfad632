#include "adapters/solana/rpc_chain.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <limits>
#include <thread>

#include "adapters/solana/answers.hpp"
#include "adapters/solana/json_rpc.hpp"
#include "adapters/solana/program_watch.hpp"
#include "adapters/solana/signature_socket.hpp"
#include "core/solana/cluster_url.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;

constexpr std::size_t kMaxAddressesPerCall = 100;
constexpr std::size_t kMaxSignaturesPerCall = 256;
constexpr std::size_t kMaxSignaturesListed = 1000;
constexpr std::size_t kMaxFeeAddresses = 128;
constexpr std::size_t kMaxFeeBlocks = 1000;  // a node keeps 150

json::object commitment_only(Commitment commitment) {
  return {{"commitment", commitment_name(commitment)}};
}

json::object base64_at(Commitment commitment) {
  return {{"encoding", "base64"}, {"commitment", commitment_name(commitment)}};
}

template <class T>
json::array texts_of(const std::vector<T>& values, std::size_t from, std::size_t count) {
  json::array out;
  for (std::size_t i = from; i < std::min(values.size(), from + count); ++i) {
    out.emplace_back(values[i].to_string());
  }
  return out;
}

Error no_block(std::uint64_t slot) {
  return {Code::not_found, "Slot " + std::to_string(slot) + " has no block.",
          "Ask for another slot."};
}

}  // namespace

class RpcChain::Impl {
 public:
  Impl(const http::Url& url, http::Url websocket, const RpcOptions& options, ports::Clock& clock_)
      : rpc(url, options.call_timeout_ms, clock_, options.pause, options.on_limited),
        websocket_url(std::move(websocket)),
        signature_socket(websocket_url),
        clock(clock_),
        most_ahead_s(options.most_ahead_s) {}

  Error strange(std::string_view method) const {
    return {Code::unreachable,
            rpc.where() + " answers " + std::string(method) + " with something else.",
            "Try again, or use another RPC node."};
  }

  JsonRpc rpc;
  http::Url websocket_url;
  SignatureSocket signature_socket;
  ports::Clock& clock;
  std::optional<base::UnixSeconds> most_ahead_s;
};

RpcChain::RpcChain(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RpcChain::~RpcChain() = default;

Result<std::unique_ptr<RpcChain>> RpcChain::create(RpcOptions options, ports::Clock& clock) {
  options.rpc_url = solana::cluster_url(options.rpc_url);
  TRY(const http::Url url, http::Url::parse(options.rpc_url));
  if (url.scheme != http::Scheme::http && url.scheme != http::Scheme::https) {
    return Error{Code::invalid_input, "The RPC URL is not an http or https URL.",
                 "Use one like http://127.0.0.1:8899."};
  }
  if (options.websocket_url.empty()) {
    options.websocket_url = solana::derived_websocket_url(options.rpc_url).value_or("");
  }
  TRY(http::Url websocket, http::Url::parse(options.websocket_url));
  if (!websocket.web_socket()) {
    return Error{Code::invalid_input, "The WebSocket URL is not a ws or wss URL.",
                 "Use one like ws://127.0.0.1:8900."};
  }
  if (!options.pause) {
    options.pause = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  }
  return std::unique_ptr<RpcChain>(
      new RpcChain(std::make_unique<Impl>(url, std::move(websocket), options, clock)));
}

Result<ports::LatestBlockhash> RpcChain::latest_blockhash(Commitment commitment) {
  TRY(const json::value answer,
      impl_->rpc.call("getLatestBlockhash", {commitment_only(commitment)}));
  const json::value* value = member(&answer, "value");
  const auto slot = unsigned_in(member(member(&answer, "context"), "slot"));
  const auto blockhash = fixed_in<base::Hash>(member(value, "blockhash"));
  const auto height = unsigned_in(member(value, "lastValidBlockHeight"));
  if (!slot || !blockhash || !height) return impl_->strange("getLatestBlockhash");
  return ports::LatestBlockhash{*blockhash, *height, *slot};
}

Result<ports::BlockHeight> RpcChain::block_height(Commitment commitment) {
  // Of one block: a height and a slot from two questions could be of two nodes.
  TRY(const json::value answer, impl_->rpc.call("getEpochInfo", {commitment_only(commitment)}));
  const auto height = unsigned_in(member(&answer, "blockHeight"));
  const auto slot = unsigned_in(member(&answer, "absoluteSlot"));
  if (!height || !slot || *height > *slot) return impl_->strange("getEpochInfo");
  return ports::BlockHeight{*height, *slot};
}

Result<ports::ChainTime> RpcChain::now(Commitment commitment) {
  TRY(const ports::AccountAt clock, account(solana::kClockSysvar, commitment));
  if (!clock.account) return impl_->strange("the Clock account");
  TRY(const solana::ClockSysvar parsed, solana::parse_clock(clock.account->data));
  base::UnixSeconds unix_s = parsed.unix_s;
  if (impl_->most_ahead_s) {
    unix_s = std::min(unix_s, impl_->clock.now_ms() / 1000 + *impl_->most_ahead_s);
  }
  return ports::ChainTime{parsed.slot, unix_s};
}

Result<ports::AccountAt> RpcChain::account(const base::PublicKey& address, Commitment commitment) {
  TRY(const json::value answer,
      impl_->rpc.call("getAccountInfo", {address.to_string(), base64_at(commitment)}));
  const json::value* value = member(&answer, "value");
  const auto slot = unsigned_in(member(member(&answer, "context"), "slot"));
  if (!slot || value == nullptr) return impl_->strange("getAccountInfo");
  if (value->is_null()) return ports::AccountAt{*slot, std::nullopt};
  auto found = account_in(value);
  if (!found) return impl_->strange("getAccountInfo");
  return ports::AccountAt{*slot, std::move(found)};
}

Result<std::vector<ports::AccountAt>> RpcChain::accounts(
    const std::vector<base::PublicKey>& addresses, Commitment commitment) {
  if (addresses.empty()) return std::vector<ports::AccountAt>{};
  if (addresses.size() > kMaxAddressesPerCall) {
    return Error{Code::invalid_input, "At most 100 accounts are read at once.", "Ask for fewer."};
  }
  TRY(const json::value answer,
      impl_->rpc.call("getMultipleAccounts",
                      {texts_of(addresses, 0, addresses.size()), base64_at(commitment)}));
  const auto slot = unsigned_in(member(member(&answer, "context"), "slot"));
  const json::value* value = member(&answer, "value");
  const json::array* list = value ? value->if_array() : nullptr;
  if (!slot || list == nullptr || list->size() != addresses.size()) {
    return impl_->strange("getMultipleAccounts");
  }
  std::vector<ports::AccountAt> out;
  for (const json::value& entry : *list) {
    auto found = account_in(&entry);
    if (!found && !entry.is_null()) return impl_->strange("getMultipleAccounts");
    out.push_back({*slot, std::move(found)});
  }
  return out;
}

Result<std::vector<ports::ProgramAccount>> RpcChain::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  json::array wanted;
  if (data_size) wanted.emplace_back(json::object{{"dataSize", *data_size}});
  for (const ports::DataFilter& filter : filters) {
    const json::object compare{{"offset", filter.offset},
                               {"bytes", base::to_base64(filter.bytes)},
                               {"encoding", "base64"}};
    wanted.emplace_back(json::object{{"memcmp", compare}});
  }
  json::object settings = base64_at(commitment);
  if (!wanted.empty()) settings["filters"] = std::move(wanted);
  TRY(const json::value answer,
      impl_->rpc.call("getProgramAccounts", {program.to_string(), std::move(settings)}));
  const json::array* list = answer.if_array();
  if (list == nullptr) return impl_->strange("getProgramAccounts");
  std::vector<ports::ProgramAccount> out;
  for (const json::value& entry : *list) {
    auto found = program_account_in(&entry);
    if (!found || !matches(*found, program, data_size, filters)) {
      return impl_->strange("getProgramAccounts");
    }
    out.push_back(*std::move(found));
  }
  return out;
}

Result<base::Lamports> RpcChain::minimum_balance(std::size_t data_size) {
  TRY(const json::value answer, impl_->rpc.call("getMinimumBalanceForRentExemption", {data_size}));
  const auto lamports = unsigned_in(&answer);
  if (!lamports) return impl_->strange("getMinimumBalanceForRentExemption");
  return base::Lamports{*lamports};
}

Result<base::Signature> RpcChain::send(base::ByteView transaction, bool preflight) {
  TRY(const solana::Transaction decoded, solana::decode_transaction(transaction));
  const base::Signature signature = decoded.id();
  // Preflight runs on the newest state, so that a transaction may build on one that just landed.
  const json::object settings{{"encoding", "base64"},
                              {"skipPreflight", !preflight},
                              {"preflightCommitment", "processed"},
                              {"maxRetries", 0}};
  auto answer =
      impl_->rpc.call("sendTransaction", {base::to_base64(transaction), json::value(settings)});
  if (!answer && answer.error().code == Code::conflict) return signature;  // landed before
  if (!answer) return std::move(answer).error();
  if (fixed_in<base::Signature>(&*answer) != signature) return impl_->strange("sendTransaction");
  return signature;
}

Result<ports::SignatureStatuses> RpcChain::statuses(const std::vector<base::Signature>& signatures,
                                                    ports::Search search) {
  ports::SignatureStatuses out{std::numeric_limits<std::uint64_t>::max(), {}};
  const json::object settings{{"searchTransactionHistory", search == ports::Search::whole}};
  for (std::size_t from = 0; from < signatures.size(); from += kMaxSignaturesPerCall) {
    json::array asked = texts_of(signatures, from, kMaxSignaturesPerCall);
    const std::size_t count = asked.size();
    TRY(const json::value answer,
        impl_->rpc.call("getSignatureStatuses", {std::move(asked), json::value(settings)}));
    const json::value* value = member(&answer, "value");
    const json::array* list = value ? value->if_array() : nullptr;
    const auto slot = unsigned_in(member(member(&answer, "context"), "slot"));
    if (!slot || list == nullptr || list->size() != count) {
      return impl_->strange("getSignatureStatuses");
    }
    out.slot = std::min(out.slot, *slot);
    for (const json::value& entry : *list) {
      auto status = status_in(&entry);
      if (!status && !entry.is_null()) return impl_->strange("getSignatureStatuses");
      out.found.push_back(std::move(status));
    }
  }
  return out;
}

Result<ports::Simulation> RpcChain::simulate(base::ByteView transaction) {
  const json::object settings{{"encoding", "base64"},
                              {"sigVerify", false},
                              {"replaceRecentBlockhash", true},
                              {"commitment", "processed"}};
  TRY(const json::value answer,
      impl_->rpc.call("simulateTransaction",
                      {base::to_base64(transaction), json::value(settings)}));
  auto out = simulation_in(&answer);
  if (!out) return impl_->strange("simulateTransaction");
  return *std::move(out);
}

Result<std::vector<std::uint64_t>> RpcChain::recent_fees(
    const std::vector<base::PublicKey>& writable) {
  if (writable.size() > kMaxFeeAddresses) {
    return Error{Code::invalid_input, "Fees are asked for at most 128 accounts at once.",
                 "Ask for fewer."};
  }
  TRY(const json::value answer,
      impl_->rpc.call("getRecentPrioritizationFees", {texts_of(writable, 0, writable.size())}));
  const json::array* list = answer.if_array();
  if (list == nullptr) return impl_->strange("getRecentPrioritizationFees");
  std::vector<std::uint64_t> out;
  for (const json::value& entry : *list) {
    const auto fee = unsigned_in(member(&entry, "prioritizationFee"));
    if (!fee || out.size() == kMaxFeeBlocks) return impl_->strange("getRecentPrioritizationFees");
    out.push_back(*fee);
  }
  return out;
}

Result<std::vector<ports::HistoryEntry>> RpcChain::history(const base::PublicKey& address,
                                                           const ports::HistoryPage& page) {
  json::object settings{{"limit", std::clamp<std::size_t>(page.limit, 1, kMaxSignaturesListed)},
                        {"commitment", commitment_name(page.commitment)}};
  if (page.before) settings["before"] = page.before->to_string();
  if (page.until) settings["until"] = page.until->to_string();
  if (page.at_least_slot != 0) settings["minContextSlot"] = page.at_least_slot;
  TRY(const json::value answer,
      impl_->rpc.call("getSignaturesForAddress", {address.to_string(), std::move(settings)}));
  const json::array* list = answer.if_array();
  if (list == nullptr || list->size() > kMaxSignaturesListed) {
    return impl_->strange("getSignaturesForAddress");
  }
  std::vector<ports::HistoryEntry> out;
  for (const json::value& line : *list) {
    const auto entry = history_entry_in(&line);
    if (!entry) return impl_->strange("getSignaturesForAddress");
    out.push_back(*entry);
  }
  return out;
}

Result<std::vector<base::Signature>> RpcChain::block_signatures(std::uint64_t slot) {
  const json::object settings{{"transactionDetails", "signatures"},
                              {"rewards", false},
                              {"commitment", commitment_name(Commitment::confirmed)},
                              {"maxSupportedTransactionVersion", 1}};
  TRY(const json::value answer, impl_->rpc.call("getBlock", {slot, json::value(settings)}));
  if (answer.is_null()) return no_block(slot);
  const json::value* field = member(&answer, "signatures");
  const json::array* list = field ? field->if_array() : nullptr;
  if (list == nullptr) return impl_->strange("getBlock");
  std::vector<base::Signature> out;
  for (const json::value& entry : *list) {
    const auto signature = fixed_in<base::Signature>(&entry);
    if (!signature) return impl_->strange("getBlock");
    out.push_back(*signature);
  }
  return out;
}

Result<std::optional<ports::TransactionRecord>> RpcChain::transaction(
    const base::Signature& signature) {
  json::object settings = base64_at(Commitment::confirmed);
  settings["maxSupportedTransactionVersion"] = 1;
  TRY(const json::value answer,
      impl_->rpc.call("getTransaction", {signature.to_string(), std::move(settings)}));
  if (answer.is_null()) return std::optional<ports::TransactionRecord>{};
  auto record = record_in(&answer, signature);
  if (!record) return impl_->strange("getTransaction");
  return record;
}

Result<base::Signature> RpcChain::airdrop(const base::PublicKey& to, base::Lamports amount) {
  TRY(const json::value answer,
      impl_->rpc.call("requestAirdrop",
                      {to.to_string(), amount.count, commitment_only(Commitment::confirmed)},
                      Repeat::never));
  const auto signature = fixed_in<base::Signature>(&answer);
  if (!signature) return impl_->strange("requestAirdrop");
  return *signature;
}

std::unique_ptr<ports::Subscription> RpcChain::watch_program(const base::PublicKey& program,
                                                             Commitment commitment,
                                                             ProgramCallback callback) {
  return std::make_unique<ProgramWatch>(impl_->websocket_url, program, commitment,
                                        std::move(callback));
}

std::unique_ptr<ports::Subscription> RpcChain::watch_signature(const base::Signature& signature,
                                                               Commitment commitment,
                                                               std::function<void()> callback) {
  return impl_->signature_socket.watch(signature, commitment, std::move(callback));
}

}  // namespace obelisk::solana_rpc
