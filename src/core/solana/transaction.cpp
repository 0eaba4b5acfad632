#include "core/solana/transaction.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "core/solana/shortvec.hpp"

namespace obelisk::solana {
namespace {

using base::Code;
using base::Error;

Error malformed(std::string_view what) {
  return Error{Code::invalid_input, "This is not a Solana transaction: " + std::string(what) + ".",
               "Ask for the transaction again."};
}

struct Split {
  base::ByteView signatures;
  base::ByteView message;
};

// Signatures stand before the message, but after it in v1, whose first byte says so.
base::Result<Split> split(base::ByteView wire) {
  if (wire.empty()) return malformed("it is empty");
  if (wire[0] == 0x81) {
    if (wire.size() > kMaxTransactionBytesV1) return malformed("it is longer than 4,096 bytes");
    const std::size_t tail = wire.size() < 2 ? 0 : std::size_t{wire[1]} * 64;
    if (tail == 0 || tail + 2 > wire.size()) return malformed("its signatures are missing");
    return Split{wire.last(tail), wire.first(wire.size() - tail)};
  }
  if (wire.size() > kMaxTransactionBytes) return malformed("it is longer than 1,232 bytes");
  base::Reader in(wire);
  const auto count = read_shortvec(in);
  if (!count || *count == 0) return malformed("it has no signatures");
  const base::ByteView signatures = in.take(std::size_t{*count} * 64);
  if (!in.ok()) return malformed("it breaks off in its signatures");
  return Split{signatures, in.take(in.left())};
}

}  // namespace

Transaction::Transaction(Message message)
    : message_(std::move(message)),
      message_bytes_(serialize(message_)),
      signatures_(message_.signers) {}

base::Bytes Transaction::wire() const {
  base::Writer out;
  const bool v1 = message_.version == MessageVersion::v1;
  if (v1) out.put(message_bytes_);
  if (!v1) put_shortvec(out, static_cast<std::uint16_t>(signatures_.size()));
  for (const base::Signature& signature : signatures_) out.put(signature.view());
  if (!v1) out.put(message_bytes_);
  return std::move(out).take();
}

std::string Transaction::base64() const { return base::to_base64(wire()); }

bool Transaction::needs(const base::PublicKey& key) const {
  const auto end = message_.keys.begin() + message_.signers;
  return std::find(message_.keys.begin(), end, key) != end;
}

base::Result<void> Transaction::add_signature(const base::PublicKey& key,
                                              const base::Signature& signature) {
  if (!needs(key)) {
    return Error{Code::refused,
                 "This transaction has no place for a signature of " + key.to_string() + ".",
                 "Use the wallet that the transaction was made for."};
  }
  if (!base::verify(key, message_bytes_, signature)) {
    return Error{Code::refused,
                 "This signature is not one of " + key.to_string() + " over this transaction.",
                 "Sign the transaction exactly as it was given."};
  }
  const auto at = std::find(message_.keys.begin(), message_.keys.end(), key);
  signatures_[static_cast<std::size_t>(at - message_.keys.begin())] = signature;
  return {};
}

bool Transaction::is_signed() const {
  for (std::size_t i = 0; i < signatures_.size(); ++i) {
    if (!base::verify(message_.keys[i], message_bytes_, signatures_[i])) return false;
  }
  return true;
}

std::vector<base::PublicKey> Transaction::missing() const {
  std::vector<base::PublicKey> out;
  for (std::size_t i = 0; i < signatures_.size(); ++i) {
    if (signatures_[i].is_zero()) out.push_back(message_.keys[i]);
  }
  return out;
}

base::Result<Transaction> decode_transaction(base::ByteView wire) {
  TRY(const Split parts, split(wire));
  TRY(Message message, decode_message(parts.message));
  if (parts.signatures.size() != std::size_t{message.signers} * 64) {
    return malformed("it has another number of signatures than its header says");
  }
  Transaction out(std::move(message));
  base::Reader in(parts.signatures);
  for (base::Signature& signature : out.signatures_) signature.bytes = in.array<64>();
  return out;
}

base::Result<Transaction> decode_transaction_base64(std::string_view text) {
  // Base64 grows by a third: bounded before it is decoded.
  if (text.size() > kMaxTransactionBytesV1 * 4 / 3 + 4) return malformed("it is too long");
  const auto wire = base::from_base64(text);
  if (!wire) return malformed("it is not base64");
  return decode_transaction(*wire);
}

}  // namespace obelisk::solana
