#include <algorithm>

#include "base/check.hpp"
#include "core/market/search/query.hpp"

namespace obelisk::market::search {
namespace {

std::string_view sign(Op op) {
  switch (op) {
    case Op::equal: return "=";
    case Op::not_equal: return "!=";
    case Op::less: return "<";
    case Op::at_most: return "<=";
    case Op::more: return ">";
    case Op::at_least: return ">=";
  }
  return "";
}

// Quoted always: no text can hold a quote, since the parser ends it there.
std::string text_of(const Value& value) {
  return "\"" + value.text + "\"" + (value.prefix ? "*" : "");
}

std::string number_of(const FieldInfo& field, Span span) {
  if (span == Span{0, kMaxNumber}) return "*";
  const std::string whole = quantity_text(field, span);
  const auto again = read_quantity(field, whole);
  const auto* same = std::get_if<Span>(&again);
  if (same != nullptr && *same == span) return whole;
  return quantity_text(field, {span.low, span.low}) + ".." +
         quantity_text(field, {span.high, span.high});
}

std::string test_text(const Test& test) {
  const FieldInfo& field = info(test.field);
  std::string out = std::string(field.name) + std::string(sign(test.op));
  for (std::size_t i = 0; i < test.values.size(); ++i) {
    const Value& value = test.values[i];
    if (i != 0) out += ',';
    if (field.kind == Kind::text) {
      out += text_of(value);
    } else if (field.kind == Kind::flag) {
      out += value.span.low != 0 ? "yes" : "no";
    } else {
      out += number_of(field, value.span);
    }
  }
  return out;
}

std::string node_text(const Node& node);

// Parentheses only where they were: what is written is nested no deeper than what was read.
std::string part_text(const Node& node, Node::Kind inside) {
  const bool has_parts = node.kind == Node::Kind::all || node.kind == Node::Kind::any;
  const bool binds = node.kind == Node::Kind::all && inside == Node::Kind::any;
  return has_parts && !binds ? "(" + node_text(node) + ")" : node_text(node);
}

std::string joined(const Node& node, std::string_view between) {
  std::string out;
  for (const Node& part : node.children) {
    if (!out.empty()) out += between;
    out += part_text(part, node.kind);
  }
  return out;
}

std::string node_text(const Node& node) {
  switch (node.kind) {
    case Node::Kind::test: return test_text(node.test);
    case Node::Kind::all: return joined(node, " ");
    case Node::Kind::any: return joined(node, " or ");
    case Node::Kind::none: return "not " + part_text(node.children.front(), node.kind);
  }
  return "";
}

}  // namespace

std::string to_text(const std::vector<SortKey>& sort) {
  std::string out;
  for (const SortKey& key : sort) {
    if (!out.empty()) out += ',';
    out += (key.descending ? "-" : "") + std::string(info(key.field).name);
  }
  return out;
}

std::string to_text(const Query& query) {
  std::string out = query.where ? node_text(*query.where) : "";
  if (query.sort.empty()) return out;
  return out + (out.empty() ? "" : " ") + "sort=" + to_text(query.sort);
}

namespace {

bool asks_for(const Node& node, Field field) {
  if (node.kind == Node::Kind::test) return node.test.field == field;
  return std::ranges::any_of(node.children,
                             [field](const Node& child) { return asks_for(child, field); });
}

}  // namespace

bool asks_for(const Query& query, Field field) {
  return query.where && asks_for(*query.where, field);
}

std::vector<SortKey> default_sort() { return {{Field::price, false}, {Field::gpus, true}}; }

}  // namespace obelisk::market::search
