#include "adapters/podman/authorized_keys.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"

namespace obelisk::podman {

namespace {

constexpr std::array<std::string_view, 7> kTypes = {
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};
constexpr std::size_t kMinBlobBytes = 51;  // an ed25519 key, the shortest
constexpr std::size_t kMaxComment = 200;

base::Error bad_key(std::string why) {
  return {base::Code::invalid_input, "This SSH key cannot be used: " + std::move(why) + ".",
          "Give one line of a .pub file, for example ~/.ssh/id_ed25519.pub."};
}

bool printable(char c) { return c >= 0x20 && c < 0x7f; }

// A blob starts with its type as a string of 32-bit length; the two must agree, since sshd goes by
// the blob and people by the text.
bool blob_is_of(const base::Bytes& blob, std::string_view type) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | blob[i];
  return size == type.size() && blob.size() > 4 + type.size() &&
         std::equal(type.begin(), type.end(), blob.begin() + 4);
}

}  // namespace

base::Result<std::string> checked_key(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.empty()) return bad_key("it is empty");
  if (line.size() > kMaxKeyLineBytes) {
    return bad_key("it is longer than " + std::to_string(kMaxKeyLineBytes) + " bytes");
  }
  if (!std::all_of(line.begin(), line.end(), printable)) {
    return bad_key("it has a line break or a character that is not plain ASCII");
  }
  std::size_t space = line.find(' ');
  std::string_view type = line.substr(0, space);
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    return bad_key("it does not start with a key type that sshd takes (options are not allowed)");
  }
  std::string_view rest = space == std::string_view::npos ? "" : line.substr(space + 1);
  std::size_t end = rest.find(' ');
  std::string_view encoded = rest.substr(0, end);
  std::string_view comment = end == std::string_view::npos ? "" : rest.substr(end + 1);
  auto blob = base::from_base64(encoded);
  if (!blob || blob->size() < kMinBlobBytes) return bad_key("its middle part is not a whole key");
  if (!blob_is_of(*blob, type)) return bad_key("its middle part is of another type than it says");
  if (type == "ssh-ed25519" && blob->size() != kMinBlobBytes) {
    return bad_key("an ed25519 key has 51 bytes, this has " + std::to_string(blob->size()));
  }
  std::string out = std::string(type) + " " + std::string(encoded);
  if (!comment.empty()) out += " " + std::string(comment.substr(0, kMaxComment));
  return out;
}

namespace {

// Nothing where there is no watch.
base::Result<std::string> watch_line(const ports::LoginKeys& keys) {
  if (keys.watch.empty()) return std::string();
  TRY(const std::string key, checked_key(keys.watch));
  const std::string& command = keys.watch_command;
  if (command.empty() || command.find('"') != std::string::npos ||
      !std::all_of(command.begin(), command.end(), printable)) {
    return bad_key("the command the watch is held to is not one line without quotation marks");
  }
  return "restrict,command=\"" + command + "\" " + key + "\n";
}

}  // namespace

base::Result<std::string> authorized_keys_text(const ports::LoginKeys& keys) {
  if (keys.people.size() > kMaxAuthorizedKeys) {
    return bad_key("there are " + std::to_string(keys.people.size()) + " of them, at most " +
                   std::to_string(kMaxAuthorizedKeys) + " are allowed");
  }
  // sshd goes by a key's first line. Somebody who brings the watch's own key, to blind it, gets
  // what the watch gets.
  TRY(std::string text, watch_line(keys));
  for (const std::string& line : keys.people) {
    TRY(const std::string key, checked_key(line));
    text += key + "\n";
  }
  return text;
}

}  // namespace obelisk::podman
