#include "core/escrow/error_text.hpp"

#include <array>

namespace obelisk::escrow {
namespace {

// From program/description.json: texts.
// clang-format off
constexpr std::array<ErrorText, 25> kTexts = {{
    {Error::bad_data, "BAD_DATA",
     "The instruction's tag, length or way of stopping is none we know.",
     "Update the client."},
    {Error::bad_count, "BAD_COUNT",
     "The number of accounts is not the instruction's.",
     "Update the client."},
    {Error::duplicate_account, "DUPLICATE_ACCOUNT",
     "Two of the accounts are the same.",
     "Use a different wallet for each party."},
    {Error::not_writable, "NOT_WRITABLE",
     "An account that receives or pays is read-only.",
     "Update the client; a reserved key can be no party."},
    {Error::not_signer, "NOT_SIGNER",
     "A signature that this instruction needs is missing.",
     "Sign with the wallet of the party that it names."},
    {Error::wrong_program, "WRONG_PROGRAM",
     "The System program or the instructions sysvar is not where it should be.",
     "Update the client."},
    {Error::wrong_owner, "WRONG_OWNER",
     "The account is not one of this program.",
     "Check the address: the lease may be closed already, and paid out."},
    {Error::wrong_kind, "WRONG_KIND",
     "The account is of another kind, version or size.",
     "Check the address."},
    {Error::wrong_key, "WRONG_KEY",
     "An account is not the one that the lease or market names.",
     "Read the lease and use the parties that stand in it."},
    {Error::stale_lease, "STALE_LEASE",
     "The address was closed and opened again since.",
     "Read the lease again."},
    {Error::wrong_state, "WRONG_STATE",
     "The lease is in a state that does not allow this.",
     "Read the lease again: it may be active, contested or over by now."},
    {Error::paused, "PAUSED",
     "The market takes no new leases at the moment.",
     "Rent later. Running leases are not touched."},
    {Error::market_changed, "MARKET_CHANGED",
     "The market's terms have changed since the quote.",
     "Ask for a new quote."},
    {Error::quote_expired, "QUOTE_EXPIRED",
     "The quote is too old.",
     "Ask for a new quote."},
    {Error::out_of_range, "OUT_OF_RANGE",
     "A rate, time or term lies outside its bounds.",
     "Choose a value within the bounds."},
    {Error::same_party, "SAME_PARTY",
     "Renter, host, treasury, attestor and lease are not five different keys.",
     "Rent with a wallet that is no other party."},
    {Error::empty_wallet, "EMPTY_WALLET",
     "A wallet that is to be paid holds 0 lamports.",
     "Send it 0.001 SOL first."},
    {Error::already_open, "ALREADY_OPEN",
     "There is an account at this address already.",
     "Choose another nonce."},
    {Error::too_early, "TOO_EARLY",
     "The time for this has not come.",
     "Wait for the host's deadline, the end or the window's end, as in the lease."},
    {Error::too_late, "TOO_LATE",
     "The time for this has passed.",
     "Not ready in time: cancel and take the money back. Ended: rent again."},
    {Error::no_ed25519, "NO_ED25519",
     "No Ed25519 instruction stands right before the claim.",
     "Put the attestation's instruction directly before it."},
    {Error::bad_ed25519, "BAD_ED25519",
     "The Ed25519 instruction is not of the one shape taken.",
     "One signature, no accounts, 200 bytes, all offsets within itself."},
    {Error::wrong_message, "WRONG_MESSAGE",
     "The attestation is for another program, lease or opening of it.",
     "Use the newest attestation of this lease."},
    {Error::wrong_attestor, "WRONG_ATTESTOR",
     "The attestation is signed by neither the lease's attestor nor its renter.",
     "Use an attestation of the attestor that stands in the lease."},
    {Error::overflow, "OVERFLOW",
     "An amount or a time does not fit.",
     "Report this: the bounds should make it impossible."},
}};
// clang-format on
// End of texts.

}  // namespace

std::span<const ErrorText> error_texts() { return kTexts; }

const ErrorText* error_text(std::uint64_t code) {
  for (const ErrorText& text : kTexts) {
    if (static_cast<std::uint64_t>(text.code) == code) return &text;
  }
  return nullptr;
}

}  // namespace obelisk::escrow
