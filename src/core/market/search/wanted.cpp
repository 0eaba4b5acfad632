#include "core/market/search/wanted.hpp"

#include <algorithm>
#include <utility>

namespace obelisk::market::search {
namespace {

Node test(Field field, Op op, Value value) {
  Node out;
  out.kind = Node::Kind::test;
  out.test = {field, op, {std::move(value)}};
  return out;
}

Node at_least(Field field, std::uint64_t number) {
  return test(field, Op::at_least, {{number, number}, {}, false});
}

Node at_most(Field field, std::uint64_t number) {
  return test(field, Op::at_most, {{number, number}, {}, false});
}

Node is(Field field, std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return test(field, Op::equal, {{}, std::move(text), false});
}

}  // namespace

Query query_of(const Search& wanted) {
  Node all;
  all.kind = Node::Kind::all;
  if (wanted.card) all.children.push_back(is(Field::card, *wanted.card));
  if (wanted.offer) all.children.push_back(is(Field::id, *wanted.offer));
  if (wanted.image.digest) all.children.push_back(is(Field::image, *wanted.image.digest));
  if (wanted.image.template_name) {
    all.children.push_back(is(Field::templates, *wanted.image.template_name));
  }
  const std::uint64_t count = std::max<std::uint64_t>(wanted.count, 1);
  all.children.push_back(at_least(Field::gpus, count));
  all.children.push_back(at_least(Field::duration, std::uint64_t{wanted.seconds} * 1000));
  if (wanted.bought != 0) {
    all.children.push_back(at_most(Field::min_duration, std::uint64_t{wanted.bought} * 1000));
  }
  // The disk of an offer is with one card; so many cards bring so many times as much.
  const std::uint64_t share = wanted.disk_bytes / count + (wanted.disk_bytes % count != 0 ? 1 : 0);
  all.children.push_back(at_least(Field::disk, std::min(share, kMaxNumber)));
  Query out;
  out.where = std::move(all);
  return out;
}

}  // namespace obelisk::market::search
