#include "program/differential/shape.hpp"

#include "base/check.hpp"

namespace obelisk::differential {
namespace {

constexpr ShapePart signs(Part part) { return {part, true, false}; }
constexpr ShapePart writes(Part part) { return {part, false, true}; }
constexpr ShapePart pays(Part part) { return {part, true, true}; }
constexpr ShapePart reads(Part part) { return {part, false, false}; }

const std::vector<Shape>& shapes() {
  using enum Part;
  static const std::vector<Shape> kAll = {
      {Row::create_market,
       0,
       {},
       49,
       {pays(operator_key), writes(market), writes(treasury), reads(system)}},
      {Row::update_market, 1, {}, 48, {signs(operator_key), writes(market), writes(treasury)}},
      {Row::open,
       2,
       {},
       74,
       {pays(renter), writes(lease), writes(host), reads(market), reads(system)}},
      {Row::ready, 3, {}, 9, {signs(attestor), writes(lease)}},
      {Row::cancel_anyone, 4, {}, 1, {writes(lease), writes(renter)}},
      {Row::extend, 5, {}, 5, {pays(renter), writes(lease), reads(system)}},
      {Row::claim,
       6,
       {},
       1,
       {writes(lease), writes(renter), writes(host), writes(treasury), reads(sysvar)}},
      {Row::stop_served, 7, 0, 2, {writes(lease), pays(renter), writes(host), writes(treasury)}},
      {Row::stop_disputed, 7, 1, 2, {writes(lease), pays(renter), writes(host), writes(treasury)}},
      {Row::stop_waived, 7, 2, 2, {writes(lease), writes(renter), pays(host), writes(treasury)}},
      {Row::stop_dark,
       7,
       3,
       2,
       {writes(lease), writes(renter), writes(host), writes(treasury), signs(attestor)}},
      {Row::finish, 8, {}, 1, {writes(lease), writes(renter), writes(host), writes(treasury)}},
  };
  return kAll;
}

}  // namespace

std::optional<std::size_t> Shape::place_of(Part part) const {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].part == part) return i;
  }
  return std::nullopt;
}

const Shape* shape_of(const base::Bytes& data) {
  for (const Shape& shape : shapes()) {
    if (data.size() != shape.data_length || data[0] != shape.tag) continue;
    if (!shape.how || data[1] == *shape.how) return &shape;
  }
  return nullptr;
}

const Shape& shape_of(Row row) {
  const Row wanted = row == Row::cancel_renter ? Row::cancel_anyone : row;
  for (const Shape& shape : shapes()) {
    if (shape.row == wanted) return shape;
  }
  CHECK(false);
  return shapes().front();
}

}  // namespace obelisk::differential
