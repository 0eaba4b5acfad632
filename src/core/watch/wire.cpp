#include "core/watch/wire.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/canonical_json.hpp"
#include "core/market/canonical_reader.hpp"
#include "core/market/terms.hpp"
#include "core/solana/message.hpp"

namespace obelisk::watch {
namespace {

using Json = base::CanonicalJson;
using market::CanonicalReader;

constexpr std::size_t kMaxWords = 400;
constexpr std::size_t kMaxKeys = 16;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxMessage = solana::kMaxTransactionBytes / 3 * 4 + 8;  // as base64
constexpr std::uint64_t kMaxTime = 1ull << 52;

constexpr std::array<std::pair<lease::LoginProblem, std::string_view>, 4> kProblems{{
    {lease::LoginProblem::unreachable, "unreachable"},
    {lease::LoginProblem::wrong_host_key, "wrong_host_key"},
    {lease::LoginProblem::wrong_card, "wrong_card"},
    {lease::LoginProblem::card_missing, "card_missing"},
}};

// Words of other programs may be in it.
std::string plain(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out += c >= 0x20 && c <= 0x7e ? c : '?';
  return out;
}

std::string one(const char* kind, Json::Object fields) {
  return Json(Json::Object{{kind, std::move(fields)}}).text();
}

Json to_json(const QuoteWords& quote) {
  return Json::Object{{"driver_name", plain(quote.driver_name, kMaxName)},
                      {"signature", quote.signature.to_string()},
                      {"terms", quote.terms}};
}

struct AskWriter {
  std::string operator()(const AskKeys&) const { return one("keys", {}); }
  std::string operator()(const AskQuote& ask) const { return one("quote", {{"terms", ask.terms}}); }
  std::string operator()(const AskReady& ask) const {
    return one("ready", {{"message", base::to_base64(ask.message)}, {"quote", to_json(ask.quote)}});
  }
  std::string operator()(const AskDark& ask) const {
    return one("dark", {{"message", base::to_base64(ask.message)}});
  }
  std::string operator()(const AskSettlement& ask) const {
    return one("settlement", {{"message", base::to_base64(ask.message)}});
  }
  std::string operator()(const AskAttestation& ask) const {
    return one("attestation", {{"alive_until", std::int64_t{ask.fields.alive_until}},
                               {"key", ask.key.to_string()},
                               {"lease", ask.fields.lease.to_string()},
                               {"opened_slot", std::to_string(ask.fields.opened_slot)},
                               {"program", ask.fields.program.to_string()}});
  }
  std::string operator()(const AskLogin& ask) const {
    const lease::SshAccess& ssh = ask.ssh;
    return one("login",
               {{"check_card", ask.check_card},
                {"quote", to_json(ask.quote)},
                {"ssh", Json::Object{{"address", ssh.address},
                                     {"host_key", ssh.host_key},
                                     {"host_key_signature", ssh.host_key_signature.to_string()},
                                     {"port", ssh.port},
                                     {"user", ssh.user}}}});
  }
};

struct AnswerWriter {
  std::string operator()(const base::Error& error) const {
    return one("error", {{"action", plain(error.action, kMaxWords)},
                         {"code", std::string(base::code_name(error.code))},
                         {"message", plain(error.message, kMaxWords)}});
  }
  std::string operator()(const Keys& keys) const {
    Json::Array attestors;
    for (const base::PublicKey& key : keys.attestors) attestors.emplace_back(key.to_string());
    return one("keys", {{"attestors", std::move(attestors)}, {"login_key", keys.login_key}});
  }
  std::string operator()(const base::Signature& signature) const {
    return one("signature", {{"signature", signature.to_string()}});
  }
  std::string operator()(const LoginAnswer& answer) const {
    const auto* problem =
        std::ranges::find(kProblems, answer.problem, [](auto& p) { return p.first; });
    return one("login", {{"alive_at_s", std::int64_t{answer.alive_at_s}},
                         {"boot_mark", plain(answer.boot_mark, 2 * kMaxName + 1)},
                         {"ok", answer.ok},
                         {"problem", std::string(problem->second)},
                         {"why", plain(answer.why, kMaxWords)}});
  }
};

base::Signature signature_in(CanonicalReader& in) {
  const auto value = base::Signature::parse(in.text(88));
  in.require(value.has_value());
  return value.value_or(base::Signature{});
}

base::Bytes message_in(CanonicalReader& in) {
  in.field("message");
  const auto bytes = base::from_base64(in.text(kMaxMessage));
  in.require(bytes.has_value());
  return bytes.value_or(base::Bytes{});
}

QuoteWords quote_in(CanonicalReader& in) {
  QuoteWords out;
  in.field("quote");
  in.begin_object();
  in.field("driver_name");
  out.driver_name = in.text(kMaxName);
  in.field("signature");
  out.signature = signature_in(in);
  in.field("terms");
  out.terms = in.text(market::kMaxTermsBytes);
  in.end_object();
  return out;
}

lease::SshAccess ssh_in(CanonicalReader& in) {
  lease::SshAccess out;
  in.field("ssh");
  in.begin_object();
  in.field("address");
  out.address = in.text(253);
  in.field("host_key");
  out.host_key = in.text(200);
  in.field("host_key_signature");
  out.host_key_signature = signature_in(in);
  in.field("port");
  out.port = static_cast<std::uint32_t>(in.integer(1, 65'535));
  in.field("user");
  out.user = in.text(32);
  in.end_object();
  return out;
}

AskAttestation attestation_in(CanonicalReader& in) {
  AskAttestation out;
  in.field("alive_until");
  out.fields.alive_until = static_cast<std::int64_t>(in.integer(0, kMaxTime));
  in.field("key");
  out.key = in.key();
  in.field("lease");
  out.fields.lease = in.key();
  in.field("opened_slot");
  out.fields.opened_slot = in.decimal();
  in.field("program");
  out.fields.program = in.key();
  return out;
}

std::optional<Ask> ask_in(CanonicalReader& in) {
  const auto is = [&in](const char* kind) {
    if (!in.has_field(kind)) return false;
    in.begin_object();
    return true;
  };
  if (is("keys")) return AskKeys{};
  if (is("quote")) {
    in.field("terms");
    return AskQuote{in.text(market::kMaxTermsBytes)};
  }
  if (is("ready")) {
    AskReady out;
    out.message = message_in(in);
    out.quote = quote_in(in);
    return out;
  }
  if (is("dark")) return AskDark{message_in(in)};
  if (is("settlement")) return AskSettlement{message_in(in)};
  if (is("attestation")) return attestation_in(in);
  if (!is("login")) return std::nullopt;
  AskLogin out;
  in.field("check_card");
  out.check_card = in.boolean();
  out.quote = quote_in(in);
  out.ssh = ssh_in(in);
  return out;
}

base::Error error_in(CanonicalReader& in) {
  base::Error out;
  in.field("action");
  out.action = in.text(kMaxWords);
  in.field("code");
  out.code = base::code_from_name(in.text(40));
  in.field("message");
  out.message = in.text(kMaxWords);
  return out;
}

Keys keys_in(CanonicalReader& in) {
  Keys out;
  in.field("attestors");
  in.begin_array();
  while (in.next_item()) {
    out.attestors.push_back(in.key());
    in.require(out.attestors.size() <= kMaxKeys);
  }
  in.require(!out.attestors.empty());
  in.field("login_key");
  out.login_key = in.text(kMaxName);
  return out;
}

LoginAnswer login_in(CanonicalReader& in) {
  LoginAnswer out;
  in.field("alive_at_s");
  out.alive_at_s = static_cast<base::UnixSeconds>(in.integer(0, kMaxTime));
  in.field("boot_mark");
  out.boot_mark = in.text(2 * kMaxName + 1);
  in.field("ok");
  out.ok = in.boolean();
  in.field("problem");
  const std::string name = in.text(40);
  const auto* problem = std::ranges::find(kProblems, name, [](auto& p) { return p.second; });
  in.require(problem != kProblems.end());
  if (problem != kProblems.end()) out.problem = problem->first;
  in.field("why");
  out.why = in.text(kMaxWords);
  return out;
}

std::optional<Answer> answer_in(CanonicalReader& in) {
  const auto is = [&in](const char* kind) {
    if (!in.has_field(kind)) return false;
    in.begin_object();
    return true;
  };
  if (is("error")) return error_in(in);
  if (is("keys")) return keys_in(in);
  if (is("signature")) {
    in.field("signature");
    return signature_in(in);
  }
  if (is("login")) return login_in(in);
  return std::nullopt;
}

// Both have an object around an object.
template <class Value, class Read>
base::Result<Value> read(std::string_view line, Read value_in) {
  CanonicalReader in(line);
  in.begin_object();
  std::optional<Value> out = value_in(in);
  in.end_object();
  in.end_object();
  if (out && in.at_end() && line.size() < kMostLineBytes) return *std::move(out);
  return base::Error{
      base::Code::invalid_input,
      "That is no line of the watch's language, from " + std::string(in.where()) + " on.",
      "Market and watch must be of one version.", 0};
}

}  // namespace

QuoteWords words_of(const lease::Quote& quote) {
  return {quote.terms, quote.signature, quote.driver_name};
}

std::string to_line(const Ask& ask) { return std::visit(AskWriter{}, ask); }
std::string to_line(const Answer& answer) { return std::visit(AnswerWriter{}, answer); }
base::Result<Ask> ask_from(std::string_view line) { return read<Ask>(line, ask_in); }
base::Result<Answer> answer_from(std::string_view line) { return read<Answer>(line, answer_in); }

}  // namespace obelisk::watch
