#include "apps/cli/lease_file.hpp"

#include <boost/json.hpp>

#include "apps/cli/files.hpp"
#include "apps/cli/text/table.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxBytes = 64 << 10;

// Reads one object of known names; after the first thing that is wrong it stays failed.
class Fields {
 public:
  explicit Fields(const boost::json::object& object) : object_(object) {}

  std::optional<std::string> optional_text(const char* name) const {
    const auto* value = object_.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr) return std::nullopt;
    return std::string(*text);
  }
  std::string text(const char* name) {
    const auto found = optional_text(name);
    failed_ = failed_ || !found;
    return found.value_or("");
  }
  template <class T>
  T parsed(const char* name) {
    const auto value = T::parse(text(name));
    failed_ = failed_ || !value;
    return value.value_or(T{});
  }
  std::optional<std::int64_t> optional_number(const char* name) const {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->as_int64() < 0) return std::nullopt;
    return value->as_int64();
  }
  std::uint64_t number(const char* name) {
    const auto found = optional_number(name);
    failed_ = failed_ || !found;
    return static_cast<std::uint64_t>(found.value_or(0));
  }
  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

 private:
  const boost::json::object& object_;
  bool failed_ = false;
};

Error broken() {
  return {Code::invalid_input, "The notes about this lease cannot be read.",
          "The money is on the chain: obelisk escrow show LEASE"};
}

std::string leases_folder(const std::string& state_dir) { return state_dir + "/leases"; }

}  // namespace

std::string lease_folder(const std::string& state_dir, const base::PublicKey& lease) {
  return leases_folder(state_dir) + "/" + lease.to_string();
}

std::string lease_file_text(const LeaseFile& file) {
  base::JsonLine out;
  out.number("version", 1)
      .key("lease", file.lease)
      .key("program", file.program)
      .key("host", file.host)
      .text("quote", file.quote)
      .text("card", file.card)
      .text("card_name", file.card_name)
      .text("market_url", file.market_url)
      .text("terms", file.terms)
      .signature("quote_signature", file.quote_signature)
      .lamports("quoted_lamports", file.quoted)
      .number("micro_usd_per_sol", static_cast<std::int64_t>(file.micro_usd_per_sol))
      .number("seconds", file.seconds)
      .number("ready_deadline_s", file.ready_deadline_s)
      .text("identity_file", file.identity_file)
      .signature("open", file.open)
      .number("dial_ms", file.dial_ms);
  return out.done() + "\n";
}

base::Result<LeaseFile> parse_lease_file(const std::string& text) {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) return broken();
  Fields in(*object);
  LeaseFile out;
  if (in.number("version") != 1) in.fail();
  out.lease = in.parsed<base::PublicKey>("lease");
  out.program = in.parsed<base::PublicKey>("program");
  out.host = in.parsed<base::PublicKey>("host");
  out.quote = in.text("quote");
  out.card = in.text("card");
  out.card_name = in.text("card_name");
  out.market_url = in.text("market_url");
  out.terms = in.text("terms");
  out.quote_signature = in.parsed<base::Signature>("quote_signature");
  const auto quoted = base::lamports_from_decimal(in.text("quoted_lamports"));
  if (!quoted) in.fail();
  out.quoted = quoted.value_or(base::Lamports{});
  out.micro_usd_per_sol = in.number("micro_usd_per_sol");
  out.seconds = static_cast<std::uint32_t>(in.number("seconds"));
  out.ready_deadline_s = static_cast<std::uint32_t>(in.number("ready_deadline_s"));
  out.identity_file = in.text("identity_file");
  if (const auto open = in.optional_text("open")) out.open = base::Signature::parse(*open);
  out.dial_ms = in.optional_number("dial_ms");
  if (in.failed()) return broken();
  return out;
}

base::Result<void> save_lease_file(const std::string& state_dir, const LeaseFile& file) {
  const std::string folder = lease_folder(state_dir, file.lease);
  TRY_VOID(make_private_dir(folder));
  return write_private_file(folder + "/lease.json", lease_file_text(file));
}

base::Result<std::optional<LeaseFile>> load_lease_file(const std::string& state_dir,
                                                       const base::PublicKey& lease) {
  TRY(const auto text, read_file(lease_folder(state_dir, lease) + "/lease.json", kMaxBytes));
  if (!text) return std::optional<LeaseFile>{};
  TRY(LeaseFile file, parse_lease_file(*text));
  if (file.lease != lease) return broken();
  return std::optional<LeaseFile>(std::move(file));
}

std::vector<base::PublicKey> known_leases(const std::string& state_dir) {
  std::vector<base::PublicKey> out;
  for (const std::string& name : folders_in(leases_folder(state_dir))) {
    if (const auto key = base::PublicKey::parse(name)) out.push_back(*key);
  }
  return out;
}

base::Result<base::PublicKey> find_lease(const std::string& state_dir, const std::string& text) {
  if (const auto key = base::PublicKey::parse(text)) return *key;
  std::vector<base::PublicKey> found;
  if (text.size() >= kMinLeasePrefix) {
    for (const base::PublicKey& key : known_leases(state_dir)) {
      if (key.to_string().starts_with(text)) found.push_back(key);
    }
  }
  if (found.size() == 1) return found.front();
  const std::string shown = "\"" + printable(text.substr(0, 50)) + "\"";
  return Error{Code::usage,
               found.empty() ? shown + " is no lease's address."
                             : shown + " begins more than one lease's address.",
               "Give the whole address; obelisk ls shows them."};
}

}  // namespace obelisk::cli
