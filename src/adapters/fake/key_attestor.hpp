// An Attestor that signs whatever it is asked, for tests of what is asked and what becomes of it.
// It must never stand in a program: what the watch refuses is in apps/watch.
#pragma once

#include "core/market/terms.hpp"
#include "ports/attestor.hpp"
#include "ports/signer.hpp"

namespace obelisk::fake {

class KeyAttestor final : public ports::Attestor {
 public:
  // The signer must outlive it.
  explicit KeyAttestor(ports::Signer& key) : key_(key) {}
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Result<base::Signature> quote(const std::string& terms) override {
    return sign(market::quote_message(market::terms_hash(terms)));
  }
  base::Result<base::Signature> attestation(const escrow::AttestationFields& fields) override {
    return sign(escrow::encode_attestation(fields));
  }
  base::Result<base::Signature> ready(const lease::Quote&, base::ByteView message) override {
    return sign(message);
  }
  base::Result<base::Signature> dark(base::ByteView message) override {
    ++asked_dark;
    if (finds_dark) return sign(message);
    return base::Error{base::Code::refused, "The machine answers.", "Wait.", 0};
  }
  base::Result<base::Signature> settlement(base::ByteView message) override {
    return sign(message);
  }

  // Set: it refuses everything, as a watch that is not there.
  bool away = false;
  bool finds_dark = true;
  int asked_dark = 0;

 private:
  base::Result<base::Signature> sign(base::ByteView message) {
    if (away) return base::Error{base::Code::unreachable, "The watch does not answer.", "Wait.", 0};
    return key_.sign(message);
  }
  ports::Signer& key_;
};

}  // namespace obelisk::fake
