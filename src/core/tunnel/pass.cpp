#include "core/tunnel/pass.hpp"

#include "base/base64url.hpp"
#include "base/crypto.hpp"

namespace obelisk::tunnel {
namespace {

constexpr std::size_t kTextSize = kPassBytes * 4 / 3;
static_assert(kPassBytes % 3 == 0, "else a text would need padding");

base::Error refused(const char* why) {
  return {base::Code::unauthorized, why, "Make a new one: obelisk open LEASE PORT"};
}

bool is_known(Audience audience) {
  return audience == Audience::holder || audience == Audience::everybody ||
         audience == Audience::nobody;
}

const char* words_of(Audience audience) {
  switch (audience) {
    case Audience::holder: return "OBELISK: whoever holds this may visit";
    case Audience::everybody: return "OBELISK: everybody may visit";
    case Audience::nobody: return "OBELISK: not everybody may visit any more";
  }
  return "";
}

}  // namespace

std::string pass_text(const base::PublicKey& lease, std::uint16_t port, Audience audience,
                      base::UnixSeconds from_s, base::UnixSeconds until_s) {
  return std::string(words_of(audience)) + "\nlease: " + lease.to_string() +
         "\nport: " + (port == kTerminal ? "terminal" : std::to_string(port)) +
         "\nfrom: " + base::to_rfc3339_seconds(from_s) +
         "\nuntil: " + base::to_rfc3339_seconds(until_s);
}

base::Result<void> check_pass(const Pass& pass, const base::PublicKey& lease, std::uint16_t port,
                              const base::PublicKey& renter, base::UnixSeconds now_s) {
  if (!is_known(pass.audience) || (port == kTerminal && pass.audience != Audience::holder)) {
    return refused("This pass is of a kind that is not known here.");
  }
  // Subtracted where both are sane: neither can wrap around.
  const bool is_sane = pass.from_s >= 0 && pass.until_s > pass.from_s;
  if (!is_sane || pass.until_s - pass.from_s > kLongestPassS) {
    return refused("This pass is for longer than a pass may be.");
  }
  if (now_s >= pass.until_s) return refused("This pass is over.");
  if (pass.from_s > now_s + kPassAheadS) return refused("This pass is not good yet.");
  const auto text = pass_text(lease, port, pass.audience, pass.from_s, pass.until_s);
  if (!base::verify(renter, base::view_of(text), pass.signature)) {
    return refused("The lease's renter did not sign this pass for this port.");
  }
  return {};
}

base::Bytes encode_pass(const Pass& pass) {
  base::Writer out;
  out.u8(static_cast<std::uint8_t>(pass.audience));
  out.i64(pass.from_s);
  out.i64(pass.until_s);
  out.put(pass.signature.view());
  return std::move(out).take();
}

std::optional<Pass> decode_pass(base::ByteView bytes) {
  base::Reader reader(bytes);
  Pass out;
  out.audience = static_cast<Audience>(reader.u8());
  out.from_s = reader.i64();
  out.until_s = reader.i64();
  out.signature = {reader.array<64>()};
  return reader.at_end() && is_known(out.audience) ? std::optional(out) : std::nullopt;
}

std::string to_text(const Pass& pass) { return base::to_base64url(encode_pass(pass)); }

std::optional<Pass> pass_from(std::string_view text) {
  // Before it is decoded: it comes from a stranger.
  if (text.size() != kTextSize) return std::nullopt;
  const auto bytes = base::from_base64url(text);
  return bytes ? decode_pass(*bytes) : std::nullopt;
}

}  // namespace obelisk::tunnel
