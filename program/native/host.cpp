#include "program/native/host.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "program/native/host_syscalls.hpp"

namespace obelisk::program {
namespace {

using Words = std::unique_ptr<std::uint64_t[]>;

// The input region in a heap block of its own, so that the sanitizer sees every step outside it.
struct Region {
  Words words;
  std::size_t size = 0;
  std::vector<std::size_t> starts;  // of each account's record; a duplicate's is that of the first

  std::uint8_t* bytes() const { return reinterpret_cast<std::uint8_t*>(words.get()); }
};

std::size_t first_use(const escrow::Call& call, std::size_t index) {
  std::size_t first = 0;
  while (call.accounts[first].key != call.accounts[index].key) ++first;
  return first;
}

// A record's bytes after its header: data, room to grow, padding to eight.
std::size_t room_of(const HostAccount& account) {
  return (account.data.size() + kGrowthBytes + 7) / 8 * 8;
}

// Writes into memory that is zero already: most of a region is room to grow.
class Cursor {
 public:
  explicit Cursor(std::uint8_t* at) : at_(at) {}

  void u8(std::uint8_t value) { *at_++ = value; }
  void u64(std::uint64_t value) { put({reinterpret_cast<const std::uint8_t*>(&value), 8}); }
  void put(base::ByteView bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }
  void skip(std::size_t count) { at_ += count; }
  std::size_t offset(const std::uint8_t* from) const {
    return static_cast<std::size_t>(at_ - from);
  }

 private:
  std::uint8_t* at_;
};

void put_record(Cursor& out, const HostAccount& account, const escrow::CallAccount& use) {
  out.u8(kFirstSeen);
  out.u8(use.is_signer);
  out.u8(use.is_writable);
  out.skip(5);
  out.put(account.key.view());
  out.put(account.owner.view());
  out.u64(account.lamports);
  out.u64(account.data.size());
  out.put(account.data);
  out.skip(room_of(account) - account.data.size());
  out.u64(UINT64_MAX);
}

Region serialize(const escrow::Call& call, const std::vector<HostAccount>& accounts) {
  constexpr std::size_t kHeader = 8 + 32 + 32 + 8 + 8;
  Region region;
  region.size = 8 + 8 + call.data.size() + 32;
  for (std::size_t i = 0; i < call.accounts.size(); ++i) {
    region.size += first_use(call, i) != i ? 8 : kHeader + room_of(accounts[i]) + 8;
  }
  region.words = std::make_unique<std::uint64_t[]>((region.size + 7) / 8);
  Cursor out(region.bytes());
  out.u64(call.accounts.size());
  for (std::size_t i = 0; i < call.accounts.size(); ++i) {
    const std::size_t first = first_use(call, i);
    region.starts.push_back(first != i ? region.starts[first] : out.offset(region.bytes()));
    if (first != i) {
      out.u64(first);
    } else {
      put_record(out, accounts[i], call.accounts[i]);
    }
  }
  out.u64(call.data.size());
  out.put(call.data);
  out.put(call.program.view());
  CHECK(out.offset(region.bytes()) == region.size);
  return region;
}

HostAccount read_back(const Region& region, std::size_t index) {
  base::Reader in({region.bytes(), region.size});
  in.take(region.starts[index] + 8);
  HostAccount account;
  account.key.bytes = in.array<32>();
  account.owner.bytes = in.array<32>();
  account.lamports = in.u64();
  const base::ByteView data = in.take(in.u64());
  CHECK(in.ok());
  account.data.assign(data.begin(), data.end());
  return account;
}

// What the chain checks after an instruction.
std::string violation_of(const escrow::Call& call, const std::vector<HostAccount>& before,
                         const std::vector<HostAccount>& after) {
  std::uint64_t sum_before = 0;
  std::uint64_t sum_after = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (first_use(call, i) != i) continue;
    sum_before += before[i].lamports;
    sum_after += after[i].lamports;
    if (before[i].key != after[i].key) return "a key was changed";
    if (!call.accounts[i].is_writable && !(before[i] == after[i])) return "a read-only account";
    const bool ours = before[i].owner == call.program || after[i].owner == call.program;
    const bool lost = after[i].lamports < before[i].lamports;
    if (lost && !ours && !call.accounts[i].is_signer) return "lamports of another";
    if (before[i].data != after[i].data && !ours) return "data of another";
  }
  return sum_before == sum_after ? "" : "lamports are not conserved";
}

// Two instructions, of which the second is running.
base::Bytes instructions_data(const escrow::Call* before, const escrow::Call& call) {
  std::vector<const escrow::Call*> all;
  if (before != nullptr) all.push_back(before);
  all.push_back(&call);
  base::Writer body;
  std::vector<std::size_t> offsets;
  for (const escrow::Call* one : all) {
    offsets.push_back(2 + 2 * all.size() + body.bytes().size());
    body.u16(static_cast<std::uint16_t>(one->accounts.size()));
    for (const escrow::CallAccount& account : one->accounts) {
      body.u8(static_cast<std::uint8_t>(account.is_signer | account.is_writable << 1));
      body.put(account.key.view());
    }
    body.put(one->program.view());
    body.u16(static_cast<std::uint16_t>(one->data.size()));
    body.put(one->data);
  }
  base::Writer out;
  out.u16(static_cast<std::uint16_t>(all.size()));
  for (const std::size_t offset : offsets) out.u16(static_cast<std::uint16_t>(offset));
  out.put(body.bytes());
  out.u16(static_cast<std::uint16_t>(all.size() - 1));
  return std::move(out).take();
}

}  // namespace

HostAccount& Host::at(const base::PublicKey& key) {
  for (HostAccount& account : accounts_) {
    if (account.key == key) return account;
  }
  accounts_.push_back({key, {}, 0, {}});
  return accounts_.back();
}

Outcome Host::run(const escrow::Call& call, const escrow::Call* before) {
  std::vector<HostAccount> given;
  for (const escrow::CallAccount& use : call.accounts) {
    given.push_back(at(use.key));
    if (use.key == escrow::instructions_sysvar()) {
      given.back().data = instructions_data(before, call);
    }
  }
  const Region region = serialize(call, given);
  Running running = {call.program, now, slot, {}};
  Running::current() = &running;
  Outcome outcome;
  outcome.code = entrypoint(region.bytes());
  Running::current() = nullptr;
  if (outcome.code != 0) return outcome;
  std::vector<HostAccount> after;
  for (std::size_t i = 0; i < given.size(); ++i) after.push_back(read_back(region, i));
  outcome.violation = violation_of(call, given, after);
  outcome.events = std::move(running.events);
  for (const HostAccount& account : after) at(account.key) = account;
  return outcome;
}

Address find_address(const base::PublicKey& program, const std::vector<base::Bytes>& seeds) {
  for (int bump = 255; bump >= 0; --bump) {
    base::Bytes all;
    for (const base::Bytes& seed : seeds) all.insert(all.end(), seed.begin(), seed.end());
    all.push_back(static_cast<std::uint8_t>(bump));
    all.insert(all.end(), program.bytes.begin(), program.bytes.end());
    const auto marker = base::view_of("ProgramDerivedAddress");
    all.insert(all.end(), marker.begin(), marker.end());
    const base::PublicKey key{base::sha256(all).bytes};
    if (!base::is_on_curve(key)) return {key, static_cast<std::uint8_t>(bump)};
  }
  CHECK(false);
  return {};
}

}  // namespace obelisk::program
