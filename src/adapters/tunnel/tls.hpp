// TLS 1.3 between hosts and gateways. A gateway shows a certificate that it made itself; what the
// host trusts is its key alone, pinned beforehand, so there is no authority that could be fooled.
// It must never speak an older version, and never accept another key than the pinned one.
// Towards browsers a gateway shows the certificate of its files, by TLS 1.2 or newer.
// The process ignores SIGPIPE: OpenSSL writes to sockets that may be gone.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "core/tunnel/frames.hpp"

namespace obelisk::tunnel {

class Tls {
 public:
  // For the side that is dialed: shows that key.
  static base::Result<Tls> for_gateway(const base::Keypair& key);
  // For browsers: HTTP/1.1 alone. invalid_input where the files hold no chain with its key.
  static base::Result<Tls> for_web(const std::string& certificate_file,
                                   const std::string& key_file);
  // For the side that dials: peer_key() has to be compared with the pinned one.
  static base::Result<Tls> for_host();

  SSL_CTX* context() const { return context_.get(); }

 private:
  explicit Tls(SSL_CTX* context) : context_(context) {}
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

// The Ed25519 key that the peer proved to have, once the handshake is done.
std::optional<base::PublicKey> peer_key(SSL* tls);
// The name that the client asked for (SNI), in lower case; nothing where it said none.
std::optional<std::string> asked_name(SSL* tls);
// What binds a signature to this connection (RFC 9266).
std::optional<Binding> binding_of(SSL* tls);

}  // namespace obelisk::tunnel
