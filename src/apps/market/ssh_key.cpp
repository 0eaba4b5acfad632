#include "apps/market/ssh_key.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxComment = 100;

base::Error bad(const std::string& what) {
  return {base::Code::invalid_input, "The SSH key is not usable: " + what + ".",
          "Send the one line of a public key file, for example ~/.ssh/id_ed25519.pub."};
}

// The wire form of a key is a row of strings, each with its length as four big-endian bytes.
std::optional<std::vector<base::ByteView>> fields_of(base::ByteView blob) {
  std::vector<base::ByteView> out;
  while (!blob.empty()) {
    if (blob.size() < 4 || out.size() == 8) return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(blob[0]) << 24 |
                               static_cast<std::size_t>(blob[1]) << 16 |
                               static_cast<std::size_t>(blob[2]) << 8 | blob[3];
    blob = blob.subspan(4);
    if (length > blob.size()) return std::nullopt;
    out.push_back(blob.first(length));
    blob = blob.subspan(length);
  }
  return out;
}

bool is_text(base::ByteView bytes, std::string_view text) {
  return std::ranges::equal(bytes, base::view_of(text));
}

struct KeyType {
  std::string_view name;
  std::string_view curve;  // the second field; empty: none
  std::size_t fields;      // the type's name included
  std::size_t key_bytes;   // of the key itself; 0: RSA, whose size is checked by itself
};

constexpr std::array kTypes{
    KeyType{"ssh-ed25519", "", 2, 32},
    KeyType{"ssh-rsa", "", 3, 0},
    KeyType{"ecdsa-sha2-nistp256", "nistp256", 3, 65},
    KeyType{"ecdsa-sha2-nistp384", "nistp384", 3, 97},
    KeyType{"ecdsa-sha2-nistp521", "nistp521", 3, 133},
    KeyType{"sk-ssh-ed25519@openssh.com", "", 3, 32},
    KeyType{"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 4, 65},
};

// 2048 to 8192 bits; the first byte of the modulus is a zero where its highest bit is set.
bool is_rsa_modulus(base::ByteView modulus) {
  if (!modulus.empty() && modulus.front() == 0) modulus = modulus.subspan(1);
  return modulus.size() >= 256 && modulus.size() <= 1024 && (modulus.front() & 0x80) != 0;
}

bool matches(const KeyType& type, const std::vector<base::ByteView>& fields) {
  if (fields.size() != type.fields || !is_text(fields[0], type.name)) return false;
  if (type.key_bytes == 0) return !fields[1].empty() && is_rsa_modulus(fields[2]);
  const std::size_t key_at = type.curve.empty() ? 1 : 2;
  return (type.curve.empty() || is_text(fields[1], type.curve)) &&
         fields[key_at].size() == type.key_bytes;
}

// The next word, and the rest behind its spaces.
std::string_view take_word(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return word;
}

// A comment is only for people; what could confuse a reader of the file is dropped.
std::string plain_comment(std::string_view comment) {
  std::string out;
  for (const char c : comment.substr(0, kMaxComment)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("@._- ").find(c) != std::string_view::npos;
    if (plain) out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

base::Result<std::string> check_ssh_key(std::string_view line) {
  if (line.find("PRIVATE KEY") != std::string_view::npos) {
    return bad(
        "this is a private key, which must stay with you; make a new one, this one has "
        "been sent over the network");
  }
  if (line.size() > kMaxLine) return bad("it is longer than 1024 characters");
  while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) {
    line.remove_suffix(1);
  }
  const auto foreign = [](char c) { return c < 0x20 || c > 0x7e; };
  if (std::ranges::any_of(line, foreign)) return bad("it is not one line of plain ASCII");
  std::string_view rest = line;
  const std::string_view name = take_word(rest);
  const auto* type = std::ranges::find(kTypes, name, &KeyType::name);
  if (type == kTypes.end()) {
    return bad(
        "it does not begin with a known type (ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, "
        "...); options are not taken");
  }
  const std::string_view encoded = take_word(rest);
  const auto blob = base::from_base64(encoded);
  const auto fields = blob ? fields_of(*blob) : std::nullopt;
  if (!fields || !matches(*type, *fields)) {
    return bad("its base64 part is damaged, or the key is shorter than 2048 bits");
  }
  std::string out(name);
  out += ' ';
  out += encoded;
  const std::string comment = plain_comment(rest);
  return comment.empty() ? out : out + ' ' + comment;
}

}  // namespace obelisk::market_app
