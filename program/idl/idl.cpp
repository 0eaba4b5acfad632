// Writes the program's interface description (Codama, standard 1.6.0) to the file it is given.
// It refuses to write one whose fields do not fill the bytes of the structs they describe.
#include <cstdio>
#include <fstream>
#include <string>

#include "core/escrow/error_text.hpp"
#include "program/idl/description.hpp"

namespace {

using namespace obelisk;
using namespace obelisk::idl;

Json discriminator_value(unsigned value) {
  return node("numberValueNode", {{"number", std::to_string(value)}});
}

// Fields must lie one after the other from `start`, and end at `size`.
bool fills(std::string_view name, const std::vector<Field>& fields, std::size_t start,
           std::size_t size) {
  std::size_t at = start;
  for (const Field& field : fields) {
    if (field.offset != 0 && field.offset != at) {
      std::fprintf(stderr, "%s: %s is at %zu, described at %zu\n", std::string(name).c_str(),
                   std::string(field.name).c_str(), field.offset, at);
      return false;
    }
    at += size_of(field.type);
  }
  if (at != size) {
    std::fprintf(stderr, "%s: %zu bytes described, %zu there\n", std::string(name).c_str(), at,
                 size);
  }
  return at == size;
}

Json struct_of(const std::vector<Field>& fields) {
  std::vector<Json> nodes;
  for (const Field& field : fields) {
    nodes.push_back(node("structFieldTypeNode",
                         {{"name", quote(field.name)}, {"type", type_node(field.type)}}));
  }
  return node("structTypeNode", {{"fields", list(nodes)}});
}

Json account_node(const AccountDescription& account) {
  const Json kind = node("constantValueNode", {{"type", type_node(Type::u8)},
                                               {"value", discriminator_value(account.kind)}});
  return node("accountNode",
              {{"name", quote(account.name)},
               {"size", std::to_string(account.size)},
               {"data", struct_of(account.fields)},
               {"pda", node("pdaLinkNode", {{"name", quote(account.name)}})},
               {"discriminators",
                list({node("constantDiscriminatorNode", {{"offset", "0"}, {"constant", kind}}),
                      node("sizeDiscriminatorNode", {{"size", std::to_string(account.size)}})})}});
}

Json account_use_node(const AccountUse& use) {
  const Json signer = use.signer == "either" ? quote("either") : boolean(use.signer == "yes");
  if (use.address.empty()) {
    return node("instructionAccountNode", {{"name", quote(use.name)},
                                           {"isWritable", boolean(use.is_writable)},
                                           {"isSigner", signer},
                                           {"isOptional", boolean(use.is_optional)}});
  }
  const Json address = node("publicKeyValueNode", {{"publicKey", quote(use.address)}});
  return node("instructionAccountNode", {{"name", quote(use.name)},
                                         {"isWritable", boolean(use.is_writable)},
                                         {"isSigner", signer},
                                         {"isOptional", boolean(use.is_optional)},
                                         {"defaultValue", address}});
}

Json instruction_node(const InstructionDescription& instruction) {
  std::vector<Json> uses;
  for (const AccountUse& use : instruction.accounts) uses.push_back(account_use_node(use));
  std::vector<Json> arguments = {
      node("instructionArgumentNode",
           {{"name", quote("discriminator")},
            {"defaultValueStrategy", quote("omitted")},
            {"type", type_node(Type::u8)},
            {"defaultValue", discriminator_value(static_cast<unsigned>(instruction.tag))}})};
  for (const Field& field : instruction.arguments) {
    arguments.push_back(node("instructionArgumentNode",
                             {{"name", quote(field.name)}, {"type", type_node(field.type)}}));
  }
  const Json first =
      node("fieldDiscriminatorNode", {{"name", quote("discriminator")}, {"offset", "0"}});
  return node("instructionNode", {{"name", quote(instruction.name)},
                                  {"docs", list({quote(instruction.docs)})},
                                  {"optionalAccountStrategy", quote("omitted")},
                                  {"accounts", list(uses)},
                                  {"arguments", list(arguments)},
                                  {"discriminators", list({first})}});
}

Json text_seed(std::string_view text) {
  return node("constantPdaSeedNode",
              {{"type", node("stringTypeNode", {{"encoding", quote("utf8")}})},
               {"value", node("stringValueNode", {{"string", quote(text)}})}});
}

Json variable_seed(std::string_view name, Type type) {
  return node("variablePdaSeedNode", {{"name", quote(name)}, {"type", type_node(type)}});
}

Json pdas() {
  return list(
      {node("pdaNode",
            {{"name", quote("market")},
             {"seeds", list({text_seed("market"), variable_seed("operator", Type::key)})}}),
       node("pdaNode", {{"name", quote("lease")},
                        {"seeds", list({text_seed("lease"), variable_seed("renter", Type::key),
                                        variable_seed("nonce", Type::u64)})}})});
}

// BAD_DATA as badData, the spelling of the standard.
std::string camel(std::string_view name) {
  std::string out;
  bool capital = false;
  for (const char one : name) {
    if (one == '_') {
      capital = true;
      continue;
    }
    const bool lower = one >= 'A' && one <= 'Z' && !capital;
    out += lower ? static_cast<char>(one - 'A' + 'a') : one;
    capital = false;
  }
  return out;
}

Json errors() {
  std::vector<Json> nodes;
  for (const escrow::ErrorText& text : escrow::error_texts()) {
    nodes.push_back(
        node("errorNode",
             {{"name", quote(camel(text.name))},
              {"code", std::to_string(static_cast<std::uint64_t>(text.code))},
              {"message", quote(std::string(text.meaning) + " " + std::string(text.action))}}));
  }
  return list(nodes);
}

Json events() {
  const Json magic =
      node("constantValueNode", {{"type", bytes_type(4)},
                                 {"value", node("bytesValueNode", {{"encoding", quote("base16")},
                                                                   {"data", quote("4f424b31")}})}});
  const Json data = node("hiddenPrefixTypeNode",
                         {{"type", struct_of(event_fields())}, {"prefix", list({magic})}});
  return list({node("eventNode",
                    {{"name", quote("moved")},
                     {"data", data},
                     {"discriminators", list({node("constantDiscriminatorNode",
                                                   {{"offset", "0"}, {"constant", magic}})})}})});
}

bool is_complete() {
  bool ok = fills("event", event_fields(), 4, sizeof(escrow::Event));
  for (const AccountDescription& account : accounts()) {
    ok = fills(account.name, account.fields, 0, account.size) && ok;
  }
  for (const InstructionDescription& instruction : instructions()) {
    ok = fills(instruction.name, instruction.arguments, 1, instruction.data_length) && ok;
  }
  return ok;
}

Json root() {
  std::vector<Json> account_nodes;
  for (const AccountDescription& account : accounts()) {
    account_nodes.push_back(account_node(account));
  }
  std::vector<Json> instruction_nodes;
  for (const InstructionDescription& instruction : instructions()) {
    instruction_nodes.push_back(instruction_node(instruction));
  }
  // The address is that of the deployment; the System program's stands for "none yet".
  const Json program =
      node("programNode", {{"name", quote("obelisk")},
                           {"publicKey", quote("11111111111111111111111111111111")},
                           {"version", quote(OBELISK_VERSION)},
                           {"accounts", list(account_nodes)},
                           {"instructions", list(instruction_nodes)},
                           {"definedTypes", list({})},
                           {"pdas", pdas()},
                           {"errors", errors()},
                           {"events", events()}});
  return node("rootNode", {{"standard", quote("codama")},
                           {"version", quote("1.6.0")},
                           {"program", program},
                           {"additionalPrograms", list({})}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: obelisk-idl OUT.json\n", stderr);
    return 2;
  }
  if (!is_complete()) return 1;
  std::ofstream out(argv[1], std::ios::trunc);
  out << root() << '\n';
  out.close();
  if (!out) std::fprintf(stderr, "%s cannot be written: check the folder\n", argv[1]);
  return out ? 0 : 1;
}
