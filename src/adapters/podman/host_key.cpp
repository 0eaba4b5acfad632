#include "adapters/podman/host_key.hpp"

#include <sodium.h>

#include <span>

// The format is OpenSSH's PROTOCOL.key: strings with a 32-bit big-endian length, the private part
// padded to 8 bytes with 1, 2, 3, ...

namespace obelisk::podman {

namespace {

constexpr std::string_view kType = "ssh-ed25519";
constexpr std::size_t kLineLength = 70;
constexpr std::size_t kBlock = 8;

void put_u32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

void put_string(std::string& out, std::string_view text) {
  put_u32(out, text.size());
  out.append(text);
}

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string public_blob(const base::PublicKey& key) {
  std::string blob;
  put_string(blob, kType);
  put_string(blob, text_of(key.view()));
  return blob;
}

// The same random number twice is how OpenSSH sees that it decrypted well; any number will do.
std::string private_blob(const base::Keypair& key, std::size_t check) {
  auto secret = key.secret_bytes();
  std::string blob;
  blob.reserve(256);
  put_u32(blob, check);
  put_u32(blob, check);
  blob.append(public_blob(key.public_key()));
  put_string(blob, text_of(secret));
  put_string(blob, "");
  for (char pad = 1; blob.size() % kBlock != 0; ++pad) blob.push_back(pad);
  sodium_memzero(secret.data(), secret.size());
  return blob;
}

}  // namespace

std::string public_line(const base::PublicKey& key) {
  return std::string(kType) + " " + base::to_base64(base::view_of(public_blob(key)));
}

std::string private_file_text(const base::Keypair& key) {
  std::string body("openssh-key-v1\0", 15);
  body.reserve(512);
  put_string(body, "none");
  put_string(body, "none");
  put_string(body, "");
  put_u32(body, 1);
  put_string(body, public_blob(key.public_key()));
  std::string secret = private_blob(key, base::random_u64() & 0xffffffff);
  put_string(body, secret);
  std::string encoded = base::to_base64(base::view_of(body));
  std::string text = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  text.reserve(512);
  for (std::size_t at = 0; at < encoded.size(); at += kLineLength) {
    text.append(encoded, at, kLineLength).push_back('\n');
  }
  text.append("-----END OPENSSH PRIVATE KEY-----\n");
  for (std::string* used : {&body, &secret, &encoded}) sodium_memzero(used->data(), used->size());
  return text;
}

}  // namespace obelisk::podman
