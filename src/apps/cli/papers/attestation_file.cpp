#include "apps/cli/papers/attestation_file.hpp"

#include <boost/json.hpp>

#include "apps/cli/files.hpp"
#include "apps/cli/lease_file.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// Absent is fine; there and not a key is not.
base::Result<std::optional<base::PublicKey>> key_in(const boost::json::object& object,
                                                    const char* name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return std::optional<base::PublicKey>{};
  const auto* text = value->if_string();
  const auto key = text ? base::PublicKey::parse(std::string_view(*text)) : std::nullopt;
  if (!key) return Error{Code::invalid_input, std::string("its ") + name + " is no address.", ""};
  return key;
}

std::string path_in(const std::string& state_dir, const base::PublicKey& lease) {
  return lease_folder(state_dir, lease) + "/attestation.json";
}

}  // namespace

base::Result<AttestationFile> parse_attestation_file(std::string_view text) {
  AttestationFile out;
  // The bounds of the three fields that count are the API's own.
  TRY(out.attestation, api::attestation_from_json(text));
  if (out.attestation.opened_slot > INT64_MAX || out.attestation.alive_until > INT64_MAX) {
    return Error{Code::invalid_input, "its numbers are out of range.", ""};
  }
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) return Error{Code::invalid_input, "it is no JSON object.", ""};
  TRY(out.program, key_in(*object, "program"));
  TRY(out.lease, key_in(*object, "lease"));
  TRY(out.signer, key_in(*object, "signer"));
  return out;
}

std::string attestation_file_text(const settlement::Proof& proof) {
  return base::JsonLine()
             .key("program", proof.fields.program)
             .key("lease", proof.fields.lease)
             .number("opened_slot", static_cast<std::int64_t>(proof.fields.opened_slot))
             .number("alive_until", proof.fields.alive_until)
             .key("signer", proof.signer)
             .signature("signature", proof.signature)
             .done() +
         "\n";
}

base::Result<void> keep_attestation(const std::string& state_dir, const settlement::Proof& proof) {
  const auto kept = kept_attestation(state_dir, proof.fields.lease);
  const auto alive_until = static_cast<std::uint64_t>(proof.fields.alive_until);
  if (kept && kept->attestation.opened_slot == proof.fields.opened_slot &&
      kept->attestation.alive_until >= alive_until) {
    return {};
  }
  TRY_VOID(make_private_dir(lease_folder(state_dir, proof.fields.lease)));
  return write_private_file(path_in(state_dir, proof.fields.lease), attestation_file_text(proof));
}

std::optional<AttestationFile> kept_attestation(const std::string& state_dir,
                                                const base::PublicKey& lease) {
  const auto text = read_file(path_in(state_dir, lease), kMaxAttestationBytes);
  if (!text || !*text) return std::nullopt;
  const auto parsed = parse_attestation_file(**text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

}  // namespace obelisk::cli
