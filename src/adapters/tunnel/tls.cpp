#include "adapters/tunnel/tls.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <string_view>

namespace obelisk::tunnel {
namespace {

using base::Code;
using base::Error;

constexpr long kForeverSeconds = 100L * 365 * 24 * 3600;
// Whole records are taken from the socket in one go.
constexpr std::size_t kReadBuffer = 64 << 10;

Error no_tls(const char* what) {
  return {Code::internal, std::string("OpenSSL could not make ") + what + ".", "Report this."};
}

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* thing) const { Free(thing); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

Key private_key(const base::Keypair& key) {
  auto secret = key.secret_bytes();
  Key out(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), 32));
  sodium_memzero(secret.data(), secret.size());
  return out;
}

// Names and dates say nothing here; hosts look at the key.
Certificate certificate_of(EVP_PKEY* key) {
  Certificate out(X509_new());
  if (!out) return nullptr;
  static constexpr unsigned char kName[] = "obelisk-gateway";
  X509_NAME* name = X509_get_subject_name(out.get());
  const bool made = X509_set_version(out.get(), 2) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(out.get()), -86'400) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(out.get()), kForeverSeconds) != nullptr &&
                    X509_set_pubkey(out.get(), key) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(out.get(), name) == 1 &&
                    X509_sign(out.get(), key, nullptr) != 0;
  return made ? std::move(out) : nullptr;
}

bool prepare(SSL_CTX* context) {
  // AES first: the machines that carry much have instructions for it.
  const bool set = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_ciphersuites(
                       context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                   SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
                   SSL_CTX_set_num_tickets(context, 0) == 1;
  // A waiting session holds no buffers: thousands of them do most of the time.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBuffer);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  return set;
}

}  // namespace

void Tls::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

base::Result<Tls> Tls::for_gateway(const base::Keypair& key) {
  Tls out(SSL_CTX_new(TLS_server_method()));
  if (!out.context_ || !prepare(out.context())) return no_tls("a server");
  const Key secret = private_key(key);
  const Certificate certificate = secret ? certificate_of(secret.get()) : nullptr;
  if (!certificate || SSL_CTX_use_certificate(out.context(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(out.context(), secret.get()) != 1) {
    return no_tls("the gateway's certificate");
  }
  return out;
}

base::Result<Tls> Tls::for_host() {
  Tls out(SSL_CTX_new(TLS_client_method()));
  if (!out.context_ || !prepare(out.context())) return no_tls("a client");
  // No authority is asked. That the peer holds the key is proven in the handshake all the same.
  SSL_CTX_set_verify(out.context(), SSL_VERIFY_NONE, nullptr);
  // Nor is the certificate's own signature looked at: it says nothing that the pin does not.
  SSL_CTX_set_cert_verify_callback(
      out.context(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  return out;
}

std::optional<base::PublicKey> peer_key(SSL* tls) {
  X509* certificate = SSL_get0_peer_certificate(tls);
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  base::PublicKey out;
  std::size_t size = out.bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, out.bytes.data(), &size) != 1 || size != 32) {
    return std::nullopt;
  }
  return out;
}

std::optional<Binding> binding_of(SSL* tls) {
  static constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  Binding out{};
  const int done = SSL_export_keying_material(tls, out.data(), out.size(), kLabel.data(),
                                              kLabel.size(), nullptr, 0, 0);
  return done == 1 ? std::optional(out) : std::nullopt;
}

}  // namespace obelisk::tunnel
