#include "adapters/watch/client.hpp"

#include <thread>

#include "adapters/watch/line_socket.hpp"
#include "core/watch/wire.hpp"

namespace obelisk::watch_link {
namespace {

using base::Code;
using base::Error;
using base::Result;

// It reads an account or two before it signs, and may look at a machine or two.
constexpr int kSignMs = 30'000;
// A login that hangs, one at the place where it worked before, and looks at others.
constexpr int kLoginMs = 60'000;
constexpr int kAgainMs = 50;

Error strange() {
  return {Code::internal, "The watch answered something else than it was asked.",
          "Market and watch must be of one version.", 0};
}

Result<watch::Answer> ask(const std::string& path, const watch::Ask& what, int timeout_ms) {
  const Deadline deadline = in_ms(timeout_ms);
  TRY(const Socket socket, connect_to(path));
  TRY_VOID(write_line(socket, watch::to_line(what), deadline));
  TRY(const std::string line, read_line(socket, watch::kMostLineBytes, deadline));
  return watch::answer_from(line);
}

Result<base::Signature> signature_of(const std::string& path, const watch::Ask& what) {
  TRY(const watch::Answer answer, ask(path, what, kSignMs));
  if (const auto* signature = std::get_if<base::Signature>(&answer)) return *signature;
  if (const auto* error = std::get_if<Error>(&answer)) return *error;
  return strange();
}

base::Bytes bytes_of(base::ByteView message) { return {message.begin(), message.end()}; }

class RemoteAttestor final : public ports::Attestor {
 public:
  RemoteAttestor(std::string path, const base::PublicKey& key)
      : path_(std::move(path)), key_(key) {}
  const base::PublicKey& public_key() const override { return key_; }
  Result<base::Signature> quote(const std::string& terms) override {
    return signature_of(path_, watch::AskQuote{terms});
  }
  Result<base::Signature> attestation(const escrow::AttestationFields& fields) override {
    return signature_of(path_, watch::AskAttestation{key_, fields});
  }
  Result<base::Signature> ready(const lease::Quote& quote, base::ByteView message) override {
    return signature_of(path_, watch::AskReady{bytes_of(message), watch::words_of(quote)});
  }
  Result<base::Signature> dark(base::ByteView message) override {
    return signature_of(path_, watch::AskDark{bytes_of(message)});
  }
  Result<base::Signature> settlement(base::ByteView message) override {
    return signature_of(path_, watch::AskSettlement{bytes_of(message)});
  }

 private:
  const std::string path_;
  const base::PublicKey key_;
};

class RemoteLogins final : public ports::Logins {
 public:
  RemoteLogins(std::string path, std::string key) : path_(std::move(path)), key_(std::move(key)) {}
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                            bool check_card) override {
    const auto answer =
        ask(path_, watch::AskLogin{watch::words_of(quote), access, check_card}, kLoginMs);
    if (answer) {
      if (const auto* login = std::get_if<watch::LoginAnswer>(&*answer)) return *login;
    }
    watch::LoginAnswer none;
    const auto* error = answer ? std::get_if<Error>(&*answer) : &answer.error();
    none.why = (error != nullptr ? *error : strange()).message;
    return none;
  }
  const std::string& public_key() const override { return key_; }

 private:
  const std::string path_;
  const std::string key_;
};

Result<watch::Keys> keys_of(const std::string& path) {
  TRY(const watch::Answer answer, ask(path, watch::AskKeys{}, kSignMs));
  if (const auto* keys = std::get_if<watch::Keys>(&answer)) return *keys;
  if (const auto* error = std::get_if<Error>(&answer)) return *error;
  return strange();
}

}  // namespace

Result<Watch> open_watch(const std::string& socket, int wait_ms) {
  const Deadline until = in_ms(wait_ms);
  auto keys = keys_of(socket);
  while (!keys && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kAgainMs));
    keys = keys_of(socket);
  }
  if (!keys) return keys.error();
  Watch out;
  for (const base::PublicKey& key : keys->attestors) {
    out.attestors.push_back(std::make_unique<RemoteAttestor>(socket, key));
  }
  out.logins = std::make_unique<RemoteLogins>(socket, keys->login_key);
  return out;
}

}  // namespace obelisk::watch_link
