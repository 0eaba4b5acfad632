// Transaction: a message and the signatures it has so far. What is signed are the very bytes that
// were read or compiled, never a second rendering of them. It must never hold a secret key.
#pragma once

#include <string>
#include <vector>

#include "core/solana/message.hpp"

namespace obelisk::solana {

class Transaction {
 public:
  // Unsigned: every signature is zeros.
  explicit Transaction(Message message);

  const Message& message() const { return message_; }
  // What every signer signs.
  const base::Bytes& message_bytes() const { return message_bytes_; }
  // By index of the key; zeros where one is still missing.
  const std::vector<base::Signature>& signatures() const { return signatures_; }

  base::Bytes wire() const;
  std::string base64() const;
  // The payer's signature names the transaction; zeros until the payer signed.
  const base::Signature& id() const { return signatures_.front(); }

  // Whether `key` has to sign at all.
  bool needs(const base::PublicKey& key) const;
  // Puts in one signature; refuses a key that does not sign here or a signature that is not its.
  base::Result<void> add_signature(const base::PublicKey& key, const base::Signature& signature);
  // Every signature is there and valid.
  bool is_signed() const;
  // The keys whose signature is missing.
  std::vector<base::PublicKey> missing() const;

 private:
  friend base::Result<Transaction> decode_transaction(base::ByteView wire);
  Message message_;
  base::Bytes message_bytes_;
  std::vector<base::Signature> signatures_;
};

// The transaction of exactly these bytes; signatures may be zeros and are not checked here.
base::Result<Transaction> decode_transaction(base::ByteView wire);
base::Result<Transaction> decode_transaction_base64(std::string_view text);

// Signs with a base::Keypair or anything else that has public_key() and sign(bytes), as the Signer
// port does, which core must not know.
template <class Signer>
base::Result<void> sign(Transaction& transaction, Signer& signer) {
  if (!transaction.needs(signer.public_key())) {
    return base::Error{
        base::Code::refused,
        "This transaction is not for the key " + signer.public_key().to_string() + " to sign.",
        "Use the wallet that the transaction was made for."};
  }
  return transaction.add_signature(signer.public_key(), signer.sign(transaction.message_bytes()));
}

}  // namespace obelisk::solana
