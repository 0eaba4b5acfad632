#include "intents.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <fstream>
#include <sstream>

#include "base/bytes.hpp"

namespace obelisk::chaos {
namespace {

namespace json = boost::json;
using base::Result;

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS intent (id INTEGER PRIMARY KEY, wire TEXT, last_valid INTEGER, "
    "signature TEXT) STRICT";

Kind kind_from(std::string_view name) {
  constexpr std::string_view kNames[] = {"transfer", "open", "ready", "extend", "stop", "cancel"};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Kind>(i);
  }
  throw std::invalid_argument("no kind of intent: " + std::string(name));
}

base::PublicKey key_in(const json::object& object, const char* name) {
  return base::PublicKey::parse(json::value_to<std::string>(object.at(name))).value();
}

template <class T>
T number_or_0(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? T{} : value->to_number<T>();
}

Intent intent_from(const json::object& object) {
  Intent out;
  out.id = object.at("id").to_number<int>();
  out.kind = kind_from(json::value_to<std::string>(object.at("kind")));
  if (const json::value* after = object.if_contains("after")) out.after = after->to_number<int>();
  if (object.contains("to")) out.to = key_in(object, "to");
  out.lamports = number_or_0<std::uint64_t>(object, "lamports");
  out.nonce = number_or_0<std::uint64_t>(object, "nonce");
  out.seconds = number_or_0<std::uint32_t>(object, "seconds");
  return out;
}

}  // namespace

Result<Plan> read_plan(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  try {
    const json::value parsed = json::parse(text.str());
    const json::object& object = parsed.as_object();
    Plan out{key_in(object, "program"),
             key_in(object, "market"),
             key_in(object, "host"),
             key_in(object, "treasury"),
             object.at("rate").to_number<std::uint64_t>(),
             {}};
    for (const json::value& one : object.at("intents").as_array()) {
      out.intents.push_back(intent_from(one.as_object()));
      if (out.intents.back().id + 1 != static_cast<int>(out.intents.size())) {
        throw std::invalid_argument("intents are not numbered from 0");
      }
    }
    return out;
  } catch (const std::exception& error) {
    return base::Error{base::Code::usage, file + ": " + error.what(), "Write another plan."};
  }
}

Result<Intents> Intents::open(const std::string& file, const Plan& plan) {
  TRY(auto database, sqlite::Database::open(file));
  TRY_VOID(database.execute(kTable));
  std::vector<Held> all;
  for (const Intent& intent : plan.intents) {
    TRY(auto insert, database.prepare("INSERT OR IGNORE INTO intent (id) VALUES (?)"));
    insert.bind(1, std::int64_t{intent.id});
    TRY_VOID(insert.run());
    all.push_back({intent, false, false});
  }
  TRY(auto rows, database.prepare("SELECT id FROM intent WHERE signature IS NOT NULL"));
  while (true) {
    TRY(const bool more, rows.step());
    if (!more) break;
    all.at(static_cast<std::size_t>(rows.integer(0))).done = true;
  }
  return Intents(std::move(database), std::move(all));
}

std::optional<Intent> Intents::take() {
  const std::lock_guard lock(mutex_);
  for (Held& held : all_) {
    const auto& after = held.intent.after;
    const bool free = !after || all_.at(static_cast<std::size_t>(*after)).done;
    if (held.done || held.in_hand || !free) continue;
    held.in_hand = true;
    return held.intent;
  }
  return std::nullopt;
}

void Intents::give_back(const Intent& intent) {
  const std::lock_guard lock(mutex_);
  all_.at(static_cast<std::size_t>(intent.id)).in_hand = false;
}

bool Intents::all_done() {
  const std::lock_guard lock(mutex_);
  return std::all_of(all_.begin(), all_.end(), [](const Held& held) { return held.done; });
}

Result<std::optional<solana::Attempt>> Intents::attempt_of(const Intent& intent) {
  const std::lock_guard lock(mutex_);
  TRY(auto row, database_.prepare("SELECT wire, last_valid FROM intent WHERE id = ?"));
  row.bind(1, std::int64_t{intent.id});
  TRY(const bool found, row.step());
  if (!found || row.is_null(0)) return std::optional<solana::Attempt>();
  return std::optional(solana::Attempt{base::from_base64(row.text(0)).value(),
                                       static_cast<std::uint64_t>(row.integer(1))});
}

Result<void> Intents::keep(const Intent& intent, const solana::Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  TRY(auto update, database_.prepare("UPDATE intent SET wire = ?, last_valid = ? WHERE id = ?"));
  update.bind(1, base::to_base64(attempt.wire));
  update.bind(2, static_cast<std::int64_t>(attempt.last_valid_block_height));
  update.bind(3, std::int64_t{intent.id});
  return update.run();
}

Result<void> Intents::forget_attempt(const Intent& intent) {
  const std::lock_guard lock(mutex_);
  TRY(auto update, database_.prepare("UPDATE intent SET wire = NULL WHERE id = ?"));
  update.bind(1, std::int64_t{intent.id});
  return update.run();
}

Result<void> Intents::done(const Intent& intent, const base::Signature& signature) {
  const std::lock_guard lock(mutex_);
  TRY(auto update, database_.prepare("UPDATE intent SET signature = ? WHERE id = ?"));
  update.bind(1, signature.to_string());
  update.bind(2, std::int64_t{intent.id});
  TRY_VOID(update.run());
  all_.at(static_cast<std::size_t>(intent.id)).done = true;
  return {};
}

}  // namespace obelisk::chaos
