// Our side of ./dev bench chain: reads the two files of chain_input.mjs, then does one round for
// each line it is given, and answers with a line of JSON. It must never time the reading of a file,
// nor the checksum.
//
//   chain_bench MESSAGES-FILE RECORDS-FILE [DATABASE-FILE]
//     "decode MS", "index MS": as many passes as begin within MS milliseconds
//     "store MS": writes of one decoded record each into the database, without folding leases
//     "checksum decode", "checksum index": SHA-256 over every field of what is decoded
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "adapters/sqlite/sqlite_index.hpp"
#include "base/crypto.hpp"
#include "core/index/decode.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::bench {
namespace {

using base::Bytes;
using base::Reader;
using base::Writer;

struct Record {
  std::uint64_t slot = 0;
  std::uint32_t block_index = 0;
  base::UnixSeconds time = 0;
  base::Lamports fee;
  std::uint64_t units = 0;
  std::string error;
  Bytes wire;
  std::vector<std::string> logs;
  base::Signature signature;
};

struct Input {
  std::vector<Bytes> messages;
  base::PublicKey program;
  std::vector<Record> records;
};

Bytes file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  CHECK(in.is_open());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Bytes sized(Reader& in) {
  const base::ByteView bytes = in.take(in.u32());
  return {bytes.begin(), bytes.end()};
}

std::string text(Reader& in) {
  const Bytes bytes = sized(in);
  return {bytes.begin(), bytes.end()};
}

Record read_record(Reader& in) {
  Record out;
  out.slot = in.u64();
  out.block_index = in.u32();
  out.time = in.i64();
  out.fee = {in.u64()};
  out.units = in.u64();
  out.error = text(in);
  out.wire = sized(in);
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) out.logs.push_back(text(in));
  // The first signature names it, as a node does.
  const auto transaction = solana::decode_transaction(out.wire);
  CHECK(transaction.ok());
  out.signature = transaction->id();
  return out;
}

Input read_input(const char* messages_file, const char* records_file) {
  Input out;
  const Bytes messages = file(messages_file);
  Reader in(messages);
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left)
    out.messages.push_back(sized(in));
  CHECK(in.at_end());
  const Bytes records = file(records_file);
  Reader from(records);
  out.program = base::PublicKey{from.array<32>()};
  for (std::uint32_t left = from.u32(); left > 0 && from.ok(); --left) {
    out.records.push_back(read_record(from));
  }
  CHECK(from.at_end());
  return out;
}

struct Parsed {
  solana::Transaction transaction;
  std::vector<solana::Instruction> instructions;
};

Parsed decode(const Bytes& wire) {
  auto transaction = solana::decode_transaction(wire);
  CHECK(transaction.ok());
  auto instructions = solana::instructions_of(transaction->message());
  return {*std::move(transaction), std::move(instructions)};
}

index::Decoded decode(const Record& record, const base::PublicKey& program) {
  index::Landed landed{.signature = record.signature,
                       .slot = record.slot,
                       .block_index = record.block_index,
                       .block_time_s = record.time,
                       .wire = record.wire,
                       .fee = record.fee,
                       .logs = record.logs,
                       .compute_units = record.units};
  if (!record.error.empty()) landed.error = record.error;
  auto decoded = index::decode(landed, program);
  CHECK(decoded.ok());
  return *std::move(decoded);
}

void write(Writer& out, const Parsed& parsed) {
  const solana::Message& message = parsed.transaction.message();
  out.u8(static_cast<std::uint8_t>(message.version));
  out.u8(static_cast<std::uint8_t>(parsed.transaction.signatures().size()));
  for (const base::Signature& one : parsed.transaction.signatures()) out.put(one.bytes);
  out.put(message.blockhash.bytes);
  out.u32(message.config.mask);
  out.u64(message.config.priority_fee_lamports);
  out.u32(message.config.unit_limit);
  out.u32(message.config.loaded_accounts_bytes);
  out.u32(message.config.heap_bytes);
  out.u8(static_cast<std::uint8_t>(parsed.instructions.size()));
  for (const solana::Instruction& one : parsed.instructions) {
    out.put(one.program.bytes);
    out.u8(static_cast<std::uint8_t>(one.accounts.size()));
    for (const solana::AccountMeta& meta : one.accounts) {
      out.put(meta.key.bytes);
      out.u8(static_cast<std::uint8_t>((meta.signer ? 1 : 0) + (meta.writable ? 2 : 0) +
                                       (meta.unresolved ? 4 : 0)));
    }
    out.u32(static_cast<std::uint32_t>(one.data.size()));
    out.put(one.data);
  }
}

// A value that may be missing: whether it is there, then itself or zeros.
template <class T, class Put>
void maybe(Writer& out, const std::optional<T>& value, const Put& put) {
  out.u8(value ? 1 : 0);
  put(value.value_or(T{}));
}

void write(Writer& out, const index::StepRow& step) {
  const auto key = [&](const auto& value) { out.put(value.bytes); };
  const auto lamports = [&](base::Lamports value) { out.u64(value.count); };
  const auto byte = [&](auto value) { out.u8(static_cast<std::uint8_t>(value)); };
  const auto word = [&](std::uint32_t value) { out.u32(value); };
  const auto number = [&](auto value) { out.u64(static_cast<std::uint64_t>(value)); };
  out.u32(step.number);
  maybe(out, step.instruction, word);
  maybe(out, step.tag, byte);
  maybe(out, step.lease, key);
  maybe(out, step.state, byte);
  for (const auto& amount : {step.to_host, step.to_treasury, step.to_renter}) {
    maybe(out, amount, lamports);
  }
  maybe(out, step.proven_until_s, number);
  maybe(out, step.stopped_at_s, number);
  for (const auto& party : {step.market, step.renter, step.host}) maybe(out, party, key);
  maybe(out, step.how, byte);
  maybe(out, step.renter_signed, byte);
  maybe(out, step.nonce, number);
  maybe(out, step.rate_per_hour, lamports);
  maybe(out, step.max_seconds, word);
  maybe(out, step.terms_hash, key);
  maybe(out, step.seconds, word);
}

void write(Writer& out, const index::Decoded& decoded) {
  const index::TransactionRow& row = decoded.transaction;
  out.put(row.signature.bytes);
  out.u64(row.slot);
  out.u32(row.block_index);
  out.i64(row.block_time_s.value_or(0));
  out.u8(static_cast<std::uint8_t>(row.version));
  out.put(row.payer.bytes);
  out.u64(row.fee.count);
  out.u64(row.compute_units);
  out.u8(row.error ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(decoded.steps.size()));
  for (const index::StepRow& step : decoded.steps) write(out, step);
}

std::string checksum(const Input& input, const std::string& what) {
  Writer out;
  if (what == "decode") {
    for (const Bytes& wire : input.messages) write(out, decode(wire));
  } else {
    for (const Record& record : input.records) write(out, decode(record, input.program));
  }
  return base::to_hex(base::sha256(out.bytes()).view());
}

// Something of every result, so that none can be left undone.
std::size_t pass(const Input& input, const std::string& what) {
  std::size_t sum = 0;
  if (what == "decode") {
    for (const Bytes& wire : input.messages) {
      for (const auto& one : decode(wire).instructions) sum += one.accounts.size();
    }
  } else {
    for (const Record& record : input.records) sum += decode(record, input.program).steps.size();
  }
  return sum;
}

void answer(const Input& input, const std::string& what, int ms) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  std::size_t passes = 0;
  std::size_t sum = 0;
  do {
    sum = pass(input, what);
    ++passes;
  } while (Clock::now() - began < std::chrono::milliseconds(ms));
  const std::chrono::duration<double> took = Clock::now() - began;
  const std::size_t each = what == "decode" ? input.messages.size() : input.records.size();
  std::printf("{\"per_s\": %.1f, \"passes\": %zu, \"sum\": %zu}\n",
              static_cast<double>(each * passes) / took.count(), passes, sum);
}

// What SQLite alone costs. Each record is a slot, and so a write, of its own, as it is for a market
// that follows the chain.
void answer_store(const Input& input, ports::IndexStore& store, int ms, std::size_t& next) {
  using Clock = std::chrono::steady_clock;
  std::chrono::duration<double> took{};
  const std::size_t first = next;
  // A signature is there once only; records come again under others.
  for (; took < std::chrono::milliseconds(ms); ++next) {
    const Record& record = input.records[next % input.records.size()];
    index::Decoded decoded = decode(record, input.program);
    base::Signature name = record.signature;
    std::memcpy(name.bytes.data(), &next, sizeof next);
    decoded.transaction.signature = name;
    for (index::StepRow& step : decoded.steps) step.signature = name;
    const ports::IndexWrite write{.transactions = {decoded.transaction}, .steps = decoded.steps};
    const auto began = Clock::now();
    CHECK(store.write(write).ok());
    took += Clock::now() - began;
  }
  std::printf("{\"per_s\": %.1f}\n", static_cast<double>(next - first) / took.count());
}

int run(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fputs("chain_bench MESSAGES RECORDS [DATABASE]. ./dev bench chain starts it.\n", stderr);
    return 2;
  }
  const Input input = read_input(argv[1], argv[2]);
  std::unique_ptr<ports::IndexStore> store;
  if (argc == 4) {
    auto opened = sqlite::open_index(argv[3], input.program);
    CHECK(opened.ok());
    store = *std::move(opened);
  }
  std::size_t stored = 0;
  for (std::string verb, what; std::cin >> verb >> what;) {
    if (verb == "checksum") {
      std::printf("{\"checksum\": \"%s\"}\n", checksum(input, what).c_str());
    } else if (verb == "store" && store) {
      answer_store(input, *store, std::stoi(what), stored);
    } else {
      answer(input, verb, std::stoi(what));
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace obelisk::bench

int main(int argc, char** argv) { return obelisk::bench::run(argc, argv); }
