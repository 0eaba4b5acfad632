// What our code makes of a thing, for solana_test.mjs to hold beside what @solana/kit makes of it:
//
//   obelisk_conformance      a line {"do": NAME, ...} in, a line of JSON out, until the input ends
//
// A refusal is {"refused": why}; {"broken": why} says that the question itself made no sense.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "adapters/keyfile/cli_config.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "core/solana/pda.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::conformance {
namespace {

namespace json = boost::json;
using solana::Message;
using solana::MessageVersion;

std::string text(const json::value& value) { return json::value_to<std::string>(value); }

template <class T>
T number(const json::value& value) {
  return value.to_number<T>();
}

// JSON in JavaScript has no 64 bits: such numbers travel as text.
std::uint64_t wide(const json::value& value) { return std::stoull(text(value)); }

template <class Fixed>
Fixed fixed(const json::value& value) {
  return Fixed::parse(text(value)).value();
}

base::Bytes bytes(const json::value& value) { return base::from_base64(text(value)).value(); }

std::vector<std::uint8_t> indexes(const json::value& value) {
  return json::value_to<std::vector<std::uint8_t>>(value);
}

json::object refused(const base::Error& error) { return {{"refused", error.message}}; }

MessageVersion version_in(const json::value& value) {
  if (value == "legacy") return MessageVersion::legacy;
  if (value == "0") return MessageVersion::v0;
  if (value == "1") return MessageVersion::v1;
  throw std::invalid_argument("no such version");
}

const char* name_of(MessageVersion version) {
  switch (version) {
    case MessageVersion::legacy: return "legacy";
    case MessageVersion::v0: return "0";
    case MessageVersion::v1: return "1";
  }
  return "";
}

json::array fields_of(const std::vector<solana::CompiledInstruction>& instructions) {
  json::array out;
  for (const auto& each : instructions) {
    out.push_back(json::object{{"program", each.program},
                               {"accounts", json::value_from(each.accounts)},
                               {"data", base::to_base64(each.data)}});
  }
  return out;
}

json::array fields_of(const std::vector<solana::TableLookup>& lookups) {
  json::array out;
  for (const auto& each : lookups) {
    out.push_back(json::object{{"table", each.table.to_string()},
                               {"writable", json::value_from(each.writable)},
                               {"readonly", json::value_from(each.readonly)}});
  }
  return out;
}

json::array fields_of(const solana::MessageConfig& config) {
  return {std::to_string(config.mask), std::to_string(config.priority_fee_lamports),
          std::to_string(config.unit_limit), std::to_string(config.loaded_accounts_bytes),
          std::to_string(config.heap_bytes)};
}

template <class Fixed>
json::array texts(const std::vector<Fixed>& values) {
  json::array out;
  for (const Fixed& value : values) out.emplace_back(value.to_string());
  return out;
}

json::object fields_of(const Message& message) {
  return {{"version", name_of(message.version)},
          {"header", {message.signers, message.readonly_signers, message.readonly_others}},
          {"keys", texts(message.keys)},
          {"blockhash", message.blockhash.to_string()},
          {"instructions", fields_of(message.instructions)},
          {"lookups", fields_of(message.lookups)},
          {"config", fields_of(message.config)}};
}

Message message_in(const json::object& fields) {
  Message out;
  out.version = version_in(fields.at("version"));
  const auto header = indexes(fields.at("header"));
  out.signers = header.at(0);
  out.readonly_signers = header.at(1);
  out.readonly_others = header.at(2);
  for (const json::value& key : fields.at("keys").as_array()) {
    out.keys.push_back(fixed<base::PublicKey>(key));
  }
  out.blockhash = fixed<base::Hash>(fields.at("blockhash"));
  for (const json::value& each : fields.at("instructions").as_array()) {
    out.instructions.push_back({number<std::uint8_t>(each.at("program")),
                                indexes(each.at("accounts")), bytes(each.at("data"))});
  }
  for (const json::value& each : fields.at("lookups").as_array()) {
    out.lookups.push_back({fixed<base::PublicKey>(each.at("table")), indexes(each.at("writable")),
                           indexes(each.at("readonly"))});
  }
  const json::array& config = fields.at("config").as_array();
  out.config = {static_cast<std::uint32_t>(wide(config.at(0))), wide(config.at(1)),
                static_cast<std::uint32_t>(wide(config.at(2))),
                static_cast<std::uint32_t>(wide(config.at(3))),
                static_cast<std::uint32_t>(wide(config.at(4)))};
  return out;
}

// Each instruction as its program and then "KEY/ROLE", where 1 may write and 2 signs, as in kit. A
// key that only a lookup table knows is "?".
json::array roles_of(const Message& message) {
  json::array out;
  for (const solana::Instruction& instruction : solana::instructions_of(message)) {
    json::array row{instruction.program.to_string()};
    for (const solana::AccountMeta& account : instruction.accounts) {
      const int role = (account.writable ? 1 : 0) + (account.signer ? 2 : 0);
      row.emplace_back((account.unresolved ? "?" : account.key.to_string()) + "/" +
                       std::to_string(role));
    }
    out.push_back(std::move(row));
  }
  return out;
}

json::object decode(const json::object& in) {
  const auto transaction = solana::decode_transaction(bytes(in.at("wire")));
  if (!transaction.ok()) return refused(transaction.error());
  json::object out = fields_of(transaction->message());
  out["roles"] = roles_of(transaction->message());
  out["signatures"] = texts(transaction->signatures());
  out["missing"] = texts(transaction->missing());
  out["signed"] = transaction->is_signed();
  out["message"] = base::to_base64(solana::serialize(transaction->message()));
  out["wire"] = base::to_base64(transaction->wire());
  return out;
}

json::object encode(const json::object& in) {
  return {{"message", base::to_base64(solana::serialize(message_in(in)))}};
}

json::object compile(const json::object& in) {
  std::vector<solana::Instruction> instructions;
  for (const json::value& each : in.at("instructions").as_array()) {
    solana::Instruction instruction{fixed<base::PublicKey>(each.at("program")), {}, {}};
    instruction.data = bytes(each.at("data"));
    for (const json::value& account : each.at("accounts").as_array()) {
      const int role = number<int>(account.at("role"));
      instruction.accounts.push_back(
          {fixed<base::PublicKey>(account.at("key")), (role & 2) != 0, (role & 1) != 0, false});
    }
    instructions.push_back(std::move(instruction));
  }
  const auto message =
      solana::compile_message(fixed<base::PublicKey>(in.at("payer")), instructions,
                              fixed<base::Hash>(in.at("blockhash")), version_in(in.at("version")));
  if (!message.ok()) return refused(message.error());
  return {{"message", base::to_base64(solana::serialize(*message))}};
}

// Both ways to a program address: the search for a bump, and these seeds as they are.
json::object address(const json::object& in) {
  std::vector<base::Bytes> seeds;
  for (const json::value& seed : in.at("seeds").as_array()) seeds.push_back(bytes(seed));
  const std::vector<base::ByteView> views(seeds.begin(), seeds.end());
  const auto program = fixed<base::PublicKey>(in.at("program"));
  if (in.at("search").as_bool()) {
    const auto found = solana::find_program_address(views, program);
    if (!found.ok()) return refused(found.error());
    return {{"address", found->address.to_string()}, {"bump", found->bump}};
  }
  const auto made = solana::create_program_address(views, program);
  if (!made.ok()) return refused(made.error());
  return {{"address", made->to_string()}};
}

json::object keypair(const json::object& in) {
  const std::string file = text(in.at("file"));
  const auto key =
      in.at("make").as_bool() ? keyfile::create_keypair(file) : keyfile::load_keypair(file);
  if (!key.ok()) return refused(key.error());
  return {{"address", key->public_key().to_string()},
          {"signature", key->sign(bytes(in.at("message"))).to_string()}};
}

json::object config(const json::object& in) {
  const auto read = keyfile::load_cli_config(text(in.at("file")));
  if (!read.ok()) return refused(read.error());
  return {{"rpc_url", read->rpc_url.value_or("")},
          {"websocket_url", read->websocket_url.value_or("")},
          {"keypair_file", read->keypair_file.value_or("")}};
}

json::object answer(const std::string& line) {
  static const std::map<std::string, json::object (*)(const json::object&), std::less<>> known{
      {"decode", decode},   {"encode", encode},   {"compile", compile},
      {"address", address}, {"keypair", keypair}, {"config", config}};
  try {
    const json::value asked = json::parse(line);
    return known.at(text(asked.at("do")))(asked.as_object());
  } catch (const std::exception& error) {
    return {{"broken", error.what()}};
  }
}

}  // namespace
}  // namespace obelisk::conformance

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << boost::json::serialize(obelisk::conformance::answer(line)) << '\n' << std::flush;
  }
  return std::cout.good() ? 0 : 1;
}
