// Reading a receipt file: every name known, every value within its bounds, nothing twice.
#include "apps/cli/papers/receipt_file_reader.hpp"

#include <boost/json.hpp>

#include "core/market/terms.hpp"

namespace obelisk::cli {
namespace {

namespace json = boost::json;
using base::Code;
using base::Error;

Error wrong(const std::string& what) { return {Code::invalid_input, what, ""}; }

// How many members the text writes down: a name that is there twice is parsed as one, and another
// program might believe the other one.
std::size_t members_written(std::string_view text) {
  std::size_t count = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ':') {
      ++count;
    }
  }
  return count;
}

std::size_t members_in(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_in(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += members_in(item);
  }
  return count;
}

// Takes each field once by its name; after the first that is wrong it stays failed.
class Taker {
 public:
  Taker(const json::value& value, std::string where) : where_(std::move(where)) {
    object_ = value.if_object();
    if (object_ == nullptr) fail("", "is no object");
  }

  template <class T>
  void fixed(const char* name, T& out) {
    const auto text = text_of(name);
    const auto parsed = text ? T::parse(*text) : std::nullopt;
    if (!parsed) return fail(name, "cannot be read");
    out = *parsed;
  }
  template <class T>
  void fixed(const char* name, std::optional<T>& out) {
    if (is_null(name)) return;
    fixed(name, out.emplace());
  }
  void text(const char* name, std::string& out, std::size_t most) {
    const auto found = text_of(name);
    if (!found || found->size() > most) return fail(name, "is no text, or too long");
    out = *found;
  }
  void text(const char* name, std::optional<std::string>& out, std::size_t most) {
    if (is_null(name)) return;
    text(name, out.emplace(), most);
  }
  void lamports(const char* name, base::Lamports& out) {
    const auto text = text_of(name);
    const auto parsed = text ? base::lamports_from_decimal(*text) : std::nullopt;
    if (!parsed) return fail(name, "is no amount of lamports");
    out = *parsed;
  }
  // Times and slots: whole and not negative.
  void number(const char* name, std::int64_t& out) {
    const auto* value = take(name);
    if (value == nullptr || !value->is_int64() || value->as_int64() < 0) {
      return fail(name, "is no whole number");
    }
    out = value->as_int64();
  }
  void number(const char* name, std::uint64_t& out) {
    std::int64_t value = 0;
    number(name, value);
    out = static_cast<std::uint64_t>(value);
  }
  void number(const char* name, std::optional<std::int64_t>& out) {
    if (is_null(name)) return;
    number(name, out.emplace());
  }
  void flag(const char* name, bool& out) {
    const auto* value = take(name);
    if (value == nullptr || !value->is_bool()) return fail(name, "is neither true nor false");
    out = value->as_bool();
  }
  void hex(const char* name, base::Hash& out) {
    const auto text = text_of(name);
    const auto bytes = text && text->size() == 64 ? base::from_hex(*text) : std::nullopt;
    const auto hash = bytes ? base::Hash::from(*bytes) : std::nullopt;
    if (!hash) return fail(name, "is no SHA-256");
    out = *hash;
  }
  template <class T, class Read>
  void list(const char* name, std::vector<T>& out, std::size_t most, Read read) {
    const auto* value = take(name);
    const auto* array = value == nullptr ? nullptr : value->if_array();
    if (array == nullptr || array->size() > most) return fail(name, "is no list, or too long");
    for (std::size_t i = 0; i < array->size() && !error_; ++i) {
      Taker item((*array)[i], where_ + name + "[" + std::to_string(i) + "].");
      read(item, out.emplace_back());
      if (auto done = item.done(); !done) error_ = done.error();
    }
  }

  base::Result<void> done() {
    if (!error_ && object_->size() != taken_) fail("", "has a field that no receipt has");
    if (error_) return *error_;
    return {};
  }

 private:
  void fail(const char* name, const char* what) {
    const std::string at = where_ + name;
    if (!error_) error_ = wrong((at.empty() ? "it" : at) + " " + what + ".");
  }
  const json::value* take(const char* name) {
    if (object_ == nullptr) return nullptr;
    const auto* value = object_->if_contains(name);
    if (value != nullptr) ++taken_;
    return value;
  }
  std::optional<std::string> text_of(const char* name) {
    const auto* value = take(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr) return std::nullopt;
    return std::string(*text);
  }
  // True also takes it.
  bool is_null(const char* name) {
    const auto* value = object_ == nullptr ? nullptr : object_->if_contains(name);
    if (value == nullptr || !value->is_null()) return false;
    ++taken_;
    return true;
  }

  const json::object* object_ = nullptr;
  std::string where_;
  std::size_t taken_ = 0;
  std::optional<Error> error_;
};

void read_step(Taker& in, papers::PaperStep& out) {
  in.text("what", out.what, 16);
  in.text("state", out.state, 16);
  in.number("how", out.how);
  in.lamports("paid_in_lamports", out.paid_in);
  in.lamports("host_lamports", out.to_host);
  in.lamports("fee_lamports", out.to_treasury);
  in.lamports("renter_lamports", out.to_renter);
  in.number("proven_until_s", out.proven_until_s);
  in.number("stopped_at_s", out.stopped_at_s);
}

void read_transaction(Taker& in, papers::PaperTransaction& out) {
  in.fixed("signature", out.signature);
  in.number("slot", out.slot);
  in.number("at_s", out.at_s);
  in.lamports("network_fee_lamports", out.network_fee);
  in.list("steps", out.steps, papers::kMaxStepsPerTransaction, read_step);
}

void read_attestation(Taker& in, papers::PaperAttestation& out) {
  in.fixed("signer", out.signer);
  in.number("opened_slot", out.opened_slot);
  in.number("alive_until", out.alive_until);
  in.fixed("signature", out.signature);
}

void read_amounts(Taker& in, papers::ReceiptFile& out) {
  in.lamports("paid_lamports", out.paid);
  in.lamports("host_lamports", out.host_got);
  in.lamports("fee_lamports", out.fee);
  in.lamports("refunded_lamports", out.refunded);
  in.lamports("held_lamports", out.held);
  in.lamports("rent_lamports", out.bond);
  in.lamports("surplus_lamports", out.surplus);
  in.lamports("network_fees_lamports", out.network_fees);
}

}  // namespace

base::Result<papers::ReceiptFile> parse_receipt_file(std::string_view text) {
  if (text.size() > papers::kMaxReceiptBytes) return wrong("it is too long.");
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = 8;
  const json::value value = json::parse(text, failed, {}, options);
  if (failed || !value.is_object()) return wrong("it is no JSON object.");
  if (members_written(text) != members_in(value)) return wrong("a name in it is there twice.");
  papers::ReceiptFile out;
  Taker in(value, "");
  std::int64_t version = 0;
  in.number("receipt", version);
  if (version != 1) return wrong("it is no receipt of version 1.");
  in.fixed("network", out.network);
  in.fixed("program", out.program);
  in.fixed("market", out.market);
  in.fixed("lease", out.lease);
  in.fixed("renter", out.renter);
  in.fixed("host_wallet", out.host);
  in.fixed("attestor", out.attestor);
  in.number("opened_slot", out.opened_slot);
  in.lamports("lamports_per_hour", out.lamports_per_hour);
  in.hex("terms_hash", out.terms_hash);
  in.text("terms", out.terms, market::kMaxTermsBytes);
  in.fixed("quote_signature", out.quote_signature);
  in.flag("closed", out.closed);
  in.text("outcome", out.outcome, 40);
  read_amounts(in, out);
  in.number("opened_at_s", out.opened_at_s);
  in.number("started_at_s", out.started_at_s);
  in.number("stopped_at_s", out.stopped_at_s);
  in.number("used_s", out.used_s);
  in.list("transactions", out.transactions, papers::kMaxReceiptTransactions, read_transaction);
  in.list("attestations", out.attestations, papers::kMaxReceiptAttestations, read_attestation);
  TRY_VOID(in.done());
  if (out.transactions.empty()) return wrong("it has no transaction.");
  return out;
}

}  // namespace obelisk::cli
