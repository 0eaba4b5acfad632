// A chain whose every answer a test decides: blocks with signatures, what a node lists of them and
// what it keeps. Blocks can be lost again. Only tests include it.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "adapters/sqlite/sqlite_index.hpp"
#include "apps/market/indexer/indexer.hpp"
#include "core/index/testing.hpp"

namespace obelisk::indexer::testing {

using index::testing::kProgram;

inline base::Error away() { return {base::Code::unreachable, "Away.", "Wait."}; }

class ScriptedChain final : public ports::Chain {
 public:
  // Puts a transaction at the end of the block in `slot`, by its Told::id.
  void land(std::uint64_t slot, const index::testing::Told& told) {
    ports::TransactionRecord record;
    record.signature = told.id;
    record.slot = slot;
    record.block_time = 5000 + static_cast<base::UnixSeconds>(slot);
    record.wire = told.wire;
    record.fee = {5000};
    record.pre_balances = told.before;
    record.post_balances = told.after;
    record.logs = told.logs;
    record.error = told.error;
    records.insert_or_assign(record.signature, record);
    blocks[slot].push_back(record.signature);
    if (hidden_program.count(record.signature) == 0) listed.push_back(record.signature);
  }
  // Somebody else's transaction, which takes a place in the block.
  void other(std::uint64_t slot, std::uint8_t name) {
    blocks[slot].push_back(index::testing::signature(name));
  }
  // A fork lost: the block is gone, with all that was in it.
  void lose(std::uint64_t slot) {
    for (const base::Signature& one : blocks[slot]) {
      records.erase(one);
      std::erase(listed, one);
    }
    blocks.erase(slot);
  }

  base::Result<ports::ChainTime> now(ports::Commitment commitment) override {
    TRY_VOID(up());
    return ports::ChainTime{commitment == ports::Commitment::finalized ? finalized : confirmed, 0};
  }
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey&,
                                                         const ports::HistoryPage& page) override {
    TRY_VOID(up());
    ++pages;
    if (page.before && std::find(listed.begin(), listed.end(), *page.before) == listed.end()) {
      return std::vector<ports::HistoryEntry>{};  // as a real node
    }
    std::vector<ports::HistoryEntry> out;
    bool started = !page.before;
    for (auto at = listed.rbegin(); at != listed.rend(); ++at) {
      if (out.size() == std::min(page.limit, page_limit) || *at == page.until) break;
      if (started) out.push_back({*at, slot_of(*at), false});
      started = started || *at == page.before;
    }
    return out;
  }
  base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t slot) override {
    TRY_VOID(up());
    if (unkept_blocks.contains(slot)) return base::Error{base::Code::unsupported, "Old.", "-"};
    const auto found = blocks.find(slot);
    if (found == blocks.end()) return base::Error{base::Code::not_found, "None.", "-"};
    return found->second;
  }
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature& signature) override {
    TRY_VOID(up());
    ++reads;
    const auto found = records.find(signature);
    if (found == records.end() || unkept.contains(signature)) {
      return std::optional<ports::TransactionRecord>();
    }
    return std::optional(found->second);
  }
  base::Result<std::vector<ports::AccountAt>> accounts(
      const std::vector<base::PublicKey>& addresses, ports::Commitment) override {
    TRY_VOID(up());
    std::vector<ports::AccountAt> out;
    for (const base::PublicKey& one : addresses) {
      const auto found = held.find(one);
      out.push_back({confirmed, found == held.end() ? std::nullopt : std::optional(found->second)});
    }
    return out;
  }

  // --- not for the indexer ---
  base::Result<ports::LatestBlockhash> latest_blockhash(ports::Commitment) override {
    return away();
  }
  base::Result<ports::BlockHeight> block_height(ports::Commitment) override { return away(); }
  base::Result<ports::AccountAt> account(const base::PublicKey&, ports::Commitment) override {
    return away();
  }
  base::Result<std::vector<ports::ProgramAccount>> program_accounts(
      const base::PublicKey&, std::optional<std::size_t>, const std::vector<ports::DataFilter>&,
      ports::Commitment) override {
    return away();
  }
  base::Result<base::Lamports> minimum_balance(std::size_t) override { return away(); }
  base::Result<base::Signature> send(base::ByteView, bool) override { return away(); }
  base::Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>&,
                                                  ports::Search) override {
    return away();
  }
  base::Result<ports::Simulation> simulate(base::ByteView) override { return away(); }
  base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>&) override {
    return away();
  }
  base::Result<base::Signature> airdrop(const base::PublicKey&, base::Lamports) override {
    return away();
  }
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey&, ports::Commitment,
                                                     ProgramCallback callback) override {
    callbacks.push_back(std::move(callback));
    return std::make_unique<ports::Subscription>();
  }
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature&, ports::Commitment,
                                                       std::function<void()>) override {
    return std::make_unique<ports::Subscription>();
  }

  std::map<std::uint64_t, std::vector<base::Signature>> blocks;
  std::map<base::Signature, ports::TransactionRecord> records;
  std::vector<base::Signature> listed;  // of our program, oldest first
  std::set<base::Signature> hidden_program;
  std::set<base::Signature> unkept;
  std::set<std::uint64_t> unkept_blocks;
  std::map<base::PublicKey, ports::Account> held;
  std::vector<ProgramCallback> callbacks;
  std::uint64_t confirmed = 1000;
  std::uint64_t finalized = 1000;
  std::size_t page_limit = 1000;
  std::size_t pages = 0;
  std::size_t reads = 0;
  int answers_left = -1;  // then it is away; below 0: it never is

 private:
  std::uint64_t slot_of(const base::Signature& signature) const {
    return records.at(signature).slot;
  }
  base::Result<void> up() {
    if (answers_left == 0) return away();
    if (answers_left > 0) --answers_left;
    return {};
  }
};

// A store in a folder of its own, which goes with it.
class StoreInAFolder {
 public:
  StoreInAFolder() {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-indexer-XXXXXX").string();
    CHECK(::mkdtemp(folder_.data()) != nullptr);
    reopen();
  }
  StoreInAFolder(const StoreInAFolder&) = delete;
  StoreInAFolder& operator=(const StoreInAFolder&) = delete;
  ~StoreInAFolder() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    store_.reset();
    auto opened = sqlite::open_index(folder_ + "/index.sqlite", kProgram);
    CHECK(opened.ok());
    store_ = *std::move(opened);
  }
  ports::IndexStore& operator*() { return *store_; }
  ports::IndexStore* operator->() { return store_.get(); }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::unique_ptr<ports::IndexStore> store_;
};

// One transaction with one call, named by `name`.
inline index::testing::Told told(std::uint8_t name, const escrow::Call& call,
                                 const escrow::Event& event) {
  index::testing::Told out;
  out.id = index::testing::signature(name);
  out.wire = index::testing::wire_of({call});
  out.logs = index::testing::logged(event);
  return out;
}

}  // namespace obelisk::indexer::testing
