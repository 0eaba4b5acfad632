#include <algorithm>
#include <array>
#include <utility>

#include "base/check.hpp"
#include "core/cards/catalogue.hpp"
#include "core/market/search/query.hpp"

namespace obelisk::market::search {
namespace {

constexpr std::string_view kSeeFields = "The fields: obelisk offers --fields, or docs/search.md.";
constexpr std::string_view kSeeLanguage = "For example: card=rtx-4090,a40 vram>=24GB price<=1.50";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_operator(char c) { return c == '=' || c == '<' || c == '>' || c == '!'; }
bool ends_word(char c) {
  return is_space(c) || is_operator(c) || c == '(' || c == ')' || c == ',' || c == '"';
}

std::string quoted(std::string_view word) {
  constexpr std::size_t kMost = 40;
  return "'" + std::string(word.substr(0, kMost)) + (word.size() > kMost ? "..'" : "'");
}

// Recursive descent; each function returns false once there is a mistake, and only the first
// counts.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::variant<Query, Mistake> query();
  std::variant<std::vector<SortKey>, Mistake> sort_only();

 private:
  bool plain();
  bool any(std::optional<Node>& out);
  bool all(std::optional<Node>& out);
  bool unary(std::optional<Node>& out);
  bool negation(std::optional<Node>& out, std::size_t length);
  bool group(std::optional<Node>& out);
  bool term(std::optional<Node>& out);
  bool comparison(const FieldInfo& field, Node& out);
  bool alone(std::string_view word, std::size_t at, Node& out);
  bool values(const FieldInfo& field, Test& test);
  bool value(const FieldInfo& field, Op op, Value& out);
  bool text_value(const FieldInfo& field, std::string_view word, bool is_quoted, Value& out);
  bool flag_value(std::string_view word, Value& out);
  bool number_value(const FieldInfo& field, Op op, std::string_view word, Value& out);
  bool one_number(const FieldInfo& field, std::string_view word, Span& out);
  bool known_card(const Value& value);
  bool sort_term(std::size_t at);
  bool sort_keys(std::vector<SortKey>& out);
  std::optional<Op> operator_here();

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  std::string_view word_here() const {
    const auto end =
        std::find_if(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), ends_word);
    return text_.substr(at_, static_cast<std::size_t>(end - text_.begin()) - at_);
  }
  bool keyword_here(std::string_view keyword) const { return lowered(word_here()) == keyword; }
  bool fail(std::size_t at, std::string what, std::string_view action = kSeeLanguage) {
    if (!mistake_) mistake_ = Mistake{at + 1, std::move(what), std::string(action)};
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t value_at_ = 0;  // where the value that is read began
  std::size_t depth_ = 0;
  std::size_t tests_ = 0;
  std::size_t values_ = 0;
  std::vector<SortKey> sort_;
  std::optional<Mistake> mistake_;
};

bool Parser::plain() {
  if (text_.size() > kMaxQueryBytes) {
    return fail(kMaxQueryBytes, "a query has at most " + std::to_string(kMaxQueryBytes) + " bytes",
                "Ask for less at a time.");
  }
  const auto odd =
      std::ranges::find_if(text_, [](char c) { return (c < 0x20 || c > 0x7e) && !is_space(c); });
  if (odd == text_.end()) return true;
  return fail(static_cast<std::size_t>(odd - text_.begin()), "this is no plain ASCII",
              "Use letters, digits and signs of ASCII.");
}

std::variant<Query, Mistake> Parser::query() {
  Query out;
  if (plain() && any(out.where)) {
    skip_spaces();
    if (!at_end()) fail(at_, "nothing is open that ')' could close");
  }
  if (mistake_) return *std::move(mistake_);
  out.sort = std::move(sort_);
  return out;
}

std::variant<std::vector<SortKey>, Mistake> Parser::sort_only() {
  std::vector<SortKey> out;
  skip_spaces();
  if (plain() && sort_keys(out)) {
    skip_spaces();
    if (!at_end()) fail(at_, "this belongs to no sort order", "For example: price,-vram");
  }
  if (mistake_) return *std::move(mistake_);
  return out;
}

bool Parser::any(std::optional<Node>& out) {
  Node node{Node::Kind::any, {}, {}};
  while (true) {
    std::optional<Node> side;
    if (!all(side)) return false;
    const bool more = keyword_here("or");
    if (!more && node.children.empty()) {
      out = std::move(side);
      return true;
    }
    if (!side) return fail(at_, "something to look for has to stand on both sides of 'or'");
    node.children.push_back(*std::move(side));
    if (!more) break;
    at_ += 2;
  }
  out = std::move(node);
  return true;
}

bool Parser::all(std::optional<Node>& out) {
  Node node{Node::Kind::all, {}, {}};
  bool wants_more = false;
  while (true) {
    skip_spaces();
    if (at_end() || next_is(')') || keyword_here("or")) {
      if (wants_more) return fail(at_, "something to look for has to stand after 'and'");
      break;
    }
    std::optional<Node> part;
    if (!unary(part)) return false;
    if (part) node.children.push_back(*std::move(part));
    skip_spaces();
    wants_more = keyword_here("and");
    if (wants_more) at_ += 3;
  }
  if (node.children.size() == 1) {
    out = std::move(node.children.front());
  } else if (!node.children.empty()) {
    out = std::move(node);
  }
  return true;
}

bool Parser::unary(std::optional<Node>& out) {
  if (next_is('-')) return negation(out, 1);
  if (keyword_here("not")) return negation(out, 3);
  if (next_is('(')) return group(out);
  return term(out);
}

bool Parser::negation(std::optional<Node>& out, std::size_t length) {
  const std::size_t begin = at_;
  if (++depth_ > kMaxDepth) return fail(begin, "this is nested too deeply");
  at_ += length;
  skip_spaces();
  std::optional<Node> inner;
  if (at_end() || next_is(')')) return fail(begin, "nothing stands here that could be excluded");
  if (!unary(inner)) return false;
  --depth_;
  CHECK(inner);  // a sort order is refused below the first level
  out = Node{Node::Kind::none, {}, {}};
  out->children.push_back(*std::move(inner));
  return true;
}

bool Parser::group(std::optional<Node>& out) {
  const std::size_t begin = at_;
  if (++depth_ > kMaxDepth) return fail(begin, "this is nested too deeply");
  ++at_;
  if (!any(out)) return false;
  skip_spaces();
  if (!next_is(')')) return fail(begin, "this '(' is never closed");
  if (!out) return fail(begin, "nothing stands in these parentheses");
  ++at_;
  --depth_;
  return true;
}

std::optional<Op> Parser::operator_here() {
  constexpr std::array<std::pair<std::string_view, Op>, 7> kOperators{{{"!=", Op::not_equal},
                                                                       {"<=", Op::at_most},
                                                                       {">=", Op::at_least},
                                                                       {"==", Op::equal},
                                                                       {"=", Op::equal},
                                                                       {"<", Op::less},
                                                                       {">", Op::more}}};
  for (const auto& [sign, op] : kOperators) {
    if (!text_.substr(at_).starts_with(sign)) continue;
    at_ += sign.size();
    return op;
  }
  return std::nullopt;
}

bool Parser::term(std::optional<Node>& out) {
  const std::size_t begin = at_;
  const std::string_view word = word_here();
  if (word.empty() || keyword_here("or") || keyword_here("and")) {
    const std::size_t length = std::max<std::size_t>(word.size(), 1);
    return fail(begin, "a field has to stand before " + quoted(text_.substr(begin, length)),
                kSeeFields);
  }
  at_ += word.size();
  skip_spaces();
  const bool compared = !at_end() && is_operator(text_[at_]);
  if (compared && (lowered(word) == "sort" || lowered(word) == "order")) return sort_term(begin);
  if (++tests_ > kMaxTests) {
    return fail(begin, "a query compares at most " + std::to_string(kMaxTests) + " times",
                "Ask for less at a time.");
  }
  Node node;
  node.kind = Node::Kind::test;
  if (!compared) {
    if (!alone(word, begin, node)) return false;
  } else {
    const FieldInfo* field = find_field(word);
    if (field == nullptr) {
      const std::string_view meant = nearest_field(word);
      return fail(begin,
                  quoted(word) + " is no field" +
                      (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"),
                  kSeeFields);
    }
    if (!comparison(*field, node)) return false;
  }
  out = std::move(node);
  return true;
}

// A word with nothing after it: a flag that is set, or a card.
bool Parser::alone(std::string_view word, std::size_t at, Node& out) {
  const FieldInfo* field = find_field(word);
  if (field != nullptr && field->kind == Kind::flag) {
    out.test = {field->field, Op::equal, {Value{{1, 1}, {}, false}}};
    return true;
  }
  if (cards::find_card(lowered(word)) != nullptr) {
    out.test = {Field::card, Op::equal, {Value{{}, lowered(word), false}}};
    return true;
  }
  if (field != nullptr) {
    return fail(at_, std::string(field->name) + " has to be compared with something",
                "For example: " + std::string(field->name) +
                    (field->kind == Kind::text ? "=..." : ">=..."));
  }
  std::vector<std::string_view> names;
  for (const cards::Card& card : cards::catalogue()) names.push_back(card.id);
  std::string_view meant = nearest_field(word);
  if (meant.empty()) meant = nearest(word, names);
  return fail(at,
              quoted(word) + " is no field and no card" +
                  (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"),
              kSeeFields);
}

bool Parser::comparison(const FieldInfo& field, Node& out) {
  const std::size_t sign_at = at_;
  const auto op = operator_here();
  if (!op) return fail(sign_at, "a comparison is one of = != < <= > >=");
  const bool has_order = field.kind != Kind::text && field.kind != Kind::flag;
  if (!has_order && *op != Op::equal && *op != Op::not_equal) {
    return fail(sign_at, std::string(field.name) + " has no order: it is only = or != something");
  }
  out.test.field = field.field;
  out.test.op = *op;
  return values(field, out.test);
}

bool Parser::values(const FieldInfo& field, Test& test) {
  while (true) {
    skip_spaces();
    if (++values_ > kMaxValues) {
      return fail(at_, "a query has at most " + std::to_string(kMaxValues) + " values",
                  "Ask for less at a time.");
    }
    Value one;
    if (!value(field, test.op, one)) return false;
    test.values.push_back(std::move(one));
    const std::size_t after = at_;
    skip_spaces();
    if (!next_is(',')) {
      at_ = after;
      return true;
    }
    if (test.op != Op::equal && test.op != Op::not_equal) {
      return fail(at_, "a list goes with = and != only");
    }
    ++at_;
  }
}

bool Parser::value(const FieldInfo& field, Op op, Value& out) {
  value_at_ = at_;
  std::string_view word;
  const bool is_quoted = next_is('"');
  if (is_quoted) {
    const std::size_t end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) return fail(at_, "this '\"' is never closed");
    word = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (next_is('*')) {
      ++at_;
      out.prefix = true;
    }
  } else {
    word = word_here();
    at_ += word.size();
    if (word.empty()) {
      return fail(at_, "a value has to stand after " + std::string(field.name));
    }
  }
  if (field.kind == Kind::text) return text_value(field, word, is_quoted, out);
  if (out.prefix) return fail(value_at_, "a * goes with text only");
  if (field.kind == Kind::flag) return flag_value(word, out);
  return number_value(field, op, word, out);
}

bool Parser::text_value(const FieldInfo& field, std::string_view word, bool is_quoted, Value& out) {
  if (!is_quoted && word.ends_with('*')) {
    out.prefix = true;
    word.remove_suffix(1);
  }
  if (!is_quoted && word.find('*') != std::string_view::npos) {
    return fail(value_at_ + word.find('*'), "a * stands at the end only: eu*");
  }
  out.text = lowered(word);
  return field.field != Field::card || known_card(out);
}

// A card misspelt would find nothing for ever.
bool Parser::known_card(const Value& value) {
  std::vector<std::string_view> names;
  for (const cards::Card& card : cards::catalogue()) {
    if (value.prefix ? card.id.starts_with(value.text) : card.id == value.text) return true;
    names.push_back(card.id);
  }
  const std::string_view meant = nearest(value.text, names);
  return fail(value_at_,
              "there is no card " + quoted(value.text + (value.prefix ? "*" : "")) +
                  (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"),
              "Cards: " + cards::known_ids() + ".");
}

bool Parser::flag_value(std::string_view word, Value& out) {
  const std::string low = lowered(word);
  if (low == "yes" || low == "true" || low == "1") {
    out.span = {1, 1};
  } else if (low == "no" || low == "false" || low == "0") {
    out.span = {0, 0};
  } else {
    return fail(value_at_, quoted(word) + " is neither yes nor no");
  }
  return true;
}

bool Parser::number_value(const FieldInfo& field, Op op, std::string_view word, Value& out) {
  const bool may_span = op == Op::equal || op == Op::not_equal;
  const std::size_t dots = word.find("..");
  if (!may_span && (word == "*" || dots != std::string_view::npos)) {
    return fail(value_at_, quoted(word) + " goes with = and != only");
  }
  if (word == "*") {
    out.span = {0, kMaxNumber};
    return true;
  }
  if (dots == std::string_view::npos) return one_number(field, word, out.span);
  std::string from(word.substr(0, dots));
  const std::string_view to = word.substr(dots + 2);
  // 100..500MB means megabytes on both sides.
  const auto suffix =
      std::ranges::find_if(to, [](char c) { return c != '.' && (c < '0' || c > '9') && c != '$'; });
  if (!from.empty() && from.back() >= '0' && from.back() <= '9') from.append(suffix, to.end());
  Span low;
  Span high;
  if (!one_number(field, from, low)) return false;
  if (!one_number(field, to, high)) return false;
  if (low.low > high.high) return fail(value_at_, quoted(word) + " ends before it begins");
  out.span = {low.low, high.high};
  return true;
}

bool Parser::one_number(const FieldInfo& field, std::string_view word, Span& out) {
  auto read = read_quantity(field, word);
  if (auto* why = std::get_if<std::string>(&read)) {
    return fail(value_at_, quoted(word) + " " + *why);
  }
  out = std::get<Span>(read);
  return true;
}

bool Parser::sort_term(std::size_t at) {
  if (depth_ > 0) return fail(at, "a sort order stands outside of parentheses and nots");
  if (!sort_.empty()) return fail(at, "this is the second sort order", "Name all keys in one.");
  const std::size_t sign_at = at_;
  if (operator_here() != Op::equal) return fail(sign_at, "a sort order is named with =");
  skip_spaces();
  return sort_keys(sort_);
}

bool Parser::sort_keys(std::vector<SortKey>& out) {
  while (true) {
    SortKey key;
    key.descending = next_is('-');
    if (key.descending) ++at_;
    const std::size_t begin = at_;
    const std::string_view word = word_here();
    at_ += word.size();
    const FieldInfo* field = find_field(word);
    if (field == nullptr) {
      const std::string_view meant = nearest_field(word);
      return fail(begin,
                  quoted(word) + " is no field to sort by" +
                      (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"),
                  kSeeFields);
    }
    key.field = field->field;
    if (is_set(key.field)) {
      return fail(begin, "an offer has several of '" + std::string(word) + "'", kSeeFields);
    }
    if (std::ranges::find(out, key.field, &SortKey::field) != out.end()) {
      return fail(begin, quoted(word) + " is in this sort order twice", "Name each key once.");
    }
    if (out.size() == kMaxSortKeys) {
      return fail(begin, "a sort order has at most 4 keys", "Leave the last ones out.");
    }
    out.push_back(key);
    if (!next_is(',')) return true;
    ++at_;
    skip_spaces();
  }
}

}  // namespace

base::Error Mistake::error() const {
  const std::string end = what.ends_with('?') ? "" : ".";
  return {base::Code::invalid_input, "At " + std::to_string(at) + ": " + what + end, action};
}

std::variant<Query, Mistake> parse_query(std::string_view text) { return Parser(text).query(); }

std::variant<std::vector<SortKey>, Mistake> parse_sort(std::string_view text) {
  return Parser(text).sort_only();
}

}  // namespace obelisk::market::search
