#include "core/watch/seen.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "core/market/canonical_reader.hpp"

namespace obelisk::watch {

bool is_same_place(const lease::SshAccess& a, const lease::SshAccess& b) {
  return a.address == b.address && a.port == b.port && a.user == b.user && a.host_key == b.host_key;
}

bool is_another_machine(const Seen& seen, const LoginAnswer& answer,
                        const lease::SshAccess& access) {
  if (seen.served_slot == 0) return false;
  const bool other_key = seen.ssh && seen.ssh->host_key != access.host_key;
  return other_key || (!seen.boot_mark.empty() && seen.boot_mark != answer.boot_mark);
}

bool worked(Seen& seen, const LoginAnswer& answer, const lease::SshAccess& access,
            bool checked_cards, const LoginMoment& at) {
  const bool is_new =
      seen.boot_mark != answer.boot_mark || !seen.ssh || !is_same_place(*seen.ssh, access);
  seen.boot_mark = answer.boot_mark;
  seen.ssh = access;
  seen.alive_at_s = std::max(seen.alive_at_s, at.now_s);
  seen.worked_ms = at.steady_ms;
  if (checked_cards) {
    seen.checked_ms = at.steady_ms;
  } else if (is_new) {
    seen.checked_ms.reset();  // that was another machine, or another way in
  }
  seen.first_failure_s = 0;
  seen.last_failure_s = 0;
  return is_new;
}

void failed(Seen& seen, bool control_ok, const LoginMoment& at) {
  const bool blind = seen.last_failure_s != 0 && at.now_s - seen.last_failure_s > kLongestLookAwayS;
  seen.last_failure_s = at.now_s;
  seen.checked_ms.reset();
  if (!control_ok) {
    seen.first_failure_s = 0;
  } else if (seen.first_failure_s == 0 || blind) {
    seen.first_failure_s = std::max(at.now_s, at.may_be_s);
  }
}

std::string to_text(const Seen& seen) {
  using Json = base::CanonicalJson;
  const lease::SshAccess ssh = seen.ssh.value_or(lease::SshAccess{});
  return Json(Json::Object{{"address", ssh.address},
                           {"boot_mark", seen.boot_mark},
                           {"driver_name", seen.driver_name},
                           {"forget_after_s", std::int64_t{seen.forget_after_s}},
                           {"host", seen.host.to_string()},
                           {"host_key", ssh.host_key},
                           {"host_key_signature", ssh.host_key_signature.to_string()},
                           {"lease", seen.lease.to_string()},
                           {"port", ssh.port},
                           {"served_slot", std::to_string(seen.served_slot)},
                           {"terms_hash", base::to_hex(seen.terms_hash.view())},
                           {"user", ssh.user}})
      .text();
}

base::Result<Seen> seen_from(std::string_view text) {
  market::CanonicalReader in(text);
  Seen out;
  lease::SshAccess ssh;
  in.begin_object();
  in.field("address");
  ssh.address = in.text(253);
  in.field("boot_mark");
  out.boot_mark = in.text(401);
  in.field("driver_name");
  out.driver_name = in.text(200);
  in.field("forget_after_s");
  out.forget_after_s = static_cast<base::UnixSeconds>(in.integer(0, 1ull << 52));
  in.field("host");
  out.host = in.key();
  in.field("host_key");
  ssh.host_key = in.text(200);
  in.field("host_key_signature");
  const auto signature = base::Signature::parse(in.text(88));
  in.field("lease");
  out.lease = in.key();
  in.field("port");
  ssh.port = static_cast<std::uint32_t>(in.integer(0, 65'535));
  in.field("served_slot");
  out.served_slot = in.decimal();
  in.field("terms_hash");
  const auto hash = base::from_hex(in.text(64));
  in.field("user");
  ssh.user = in.text(32);
  in.end_object();
  if (!in.at_end() || !signature || !hash || hash->size() != out.terms_hash.bytes.size()) {
    return base::Error{
        base::Code::invalid_input,
        "What the watch kept of a lease is damaged at " + std::string(in.where()) + ".",
        "Remove that file: the lease is looked at anew."};
  }
  std::ranges::copy(*hash, out.terms_hash.bytes.begin());
  ssh.host_key_signature = *signature;
  if (!ssh.address.empty()) out.ssh = ssh;
  return out;
}

}  // namespace obelisk::watch
