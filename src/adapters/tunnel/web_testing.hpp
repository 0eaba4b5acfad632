// For tests: web visitors of a World's leases, with TLS and without, and certificates for them.
#pragma once

#include <openssl/ssl.h>

#include "adapters/http/certificate_testing.hpp"
#include "adapters/tunnel/testing.hpp"
#include "core/tunnel/door_name.hpp"
#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel::testing {

inline const std::string web_domain = "gw.test";

// A blocking client that believes every certificate; reads and writes may be on two threads only
// without TLS.
class WebClient {
 public:
  WebClient(std::uint16_t port, bool is_tls, const std::string& asked_name)
      : socket_(http::testing::RawSocket::connect(port)) {
    if (!is_tls || !socket_.good()) return;
    context_ = SSL_CTX_new(TLS_client_method());
    static constexpr unsigned char kHttp[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context_, kHttp, 9);
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, socket_.fd());
    if (!asked_name.empty()) SSL_set_tlsext_host_name(tls_, asked_name.c_str());
    is_good_ = SSL_connect(tls_) == 1;
  }
  ~WebClient() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
  }
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  bool good() const { return is_good_ && socket_.good(); }
  SSL* tls() const { return tls_; }
  const http::testing::RawSocket& raw() const { return socket_; }
  bool send(std::string_view bytes) const {
    if (tls_ == nullptr) return socket_.send(bytes);
    return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  std::string read_some() const {
    if (tls_ == nullptr) return socket_.read_some();
    std::string bytes(65'536, '\0');
    const int got = SSL_read(tls_, bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  std::string read_all() const { return http::testing::read_parts(*this); }
  std::string read_until(std::string_view mark) const {
    return http::testing::read_parts(*this, mark);
  }
  long serial() const {
    X509* seen = SSL_get1_peer_certificate(tls_);
    const long out = seen == nullptr ? 0 : ASN1_INTEGER_get(X509_get_serialNumber(seen));
    X509_free(seen);
    return out;
  }

 private:
  http::testing::RawSocket socket_;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  bool is_good_ = true;
};

inline base::UnixSeconds now_s() { return std::time(nullptr); }

// A world with a web door, with TLS or without.
class WebWorld : public World {
 public:
  explicit WebWorld(bool is_tls) : World(true), is_tls_(is_tls) {
    options.web.address = "127.0.0.1";
    options.web.domain = web_domain;
    options.web.kept_file = certificate.folder() + "/kept.json";
    if (!is_tls) return;
    options.web.certificate_file = certificate.chain();
    options.web.key_file = certificate.key();
  }

  std::uint16_t web_port() const {
    const std::string origin = gateway->web_origin();
    return static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1)));
  }
  std::string host_name(std::uint16_t port) const {
    return label_of({lease(), port}) + "." + web_domain;
  }
  Pass pass(std::uint16_t port, Audience audience = Audience::holder, base::UnixSeconds from = 0,
            base::UnixSeconds for_s = 600) const {
    return pass_by(renter, port, audience, from, for_s);
  }
  Pass pass_by(const base::Keypair& wallet, std::uint16_t port, Audience audience,
               base::UnixSeconds from, base::UnixSeconds for_s) const {
    const auto from_s = now_s() + from;
    const auto text = pass_text(lease(), port, audience, from_s, from_s + for_s);
    return {audience, from_s, from_s + for_s, wallet.sign(base::view_of(text))};
  }
  static std::string shown(const Pass& what) { return "X-Obelisk-Pass: " + to_text(what) + "\r\n"; }

  std::string head(std::uint16_t port, const std::string& first, const std::string& fields) const {
    return first + " HTTP/1.1\r\nHost: " + host_name(port) + "\r\n" + fields + "\r\n";
  }
  std::unique_ptr<WebClient> client(std::uint16_t port) const {
    return std::make_unique<WebClient>(web_port(), is_tls_, host_name(port));
  }
  // One request, the whole answer.
  std::string ask(std::uint16_t port, const std::string& first, const std::string& fields) const {
    const auto visitor = client(port);
    EXPECT_TRUE(visitor->good());
    EXPECT_TRUE(visitor->send(head(port, first, fields)));
    return visitor->read_all();
  }

  http::testing::Certificate certificate{"*." + web_domain};

 private:
  bool is_tls_;
};

inline unsigned status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? static_cast<unsigned>(std::stoi(answer.substr(9))) : 0;
}

}  // namespace obelisk::tunnel::testing
