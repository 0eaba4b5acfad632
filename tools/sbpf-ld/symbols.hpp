// Which definition a name stands for, over all objects: one strong definition wins, else the first
// weak one (inline functions and templates). It never invents a definition.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "tools/sbpf-ld/object.hpp"

namespace obelisk::sbpf_ld {

struct Definition {
  const Object* object = nullptr;
  const Symbol* symbol = nullptr;

  explicit operator bool() const { return symbol != nullptr; }
};

class SymbolTable {
 public:
  // The objects must outlive the table. Throws Failure on two strong definitions of a name.
  explicit SymbolTable(const std::vector<Object>& objects);

  Definition find(std::string_view name) const;

  // What symbol number `index` of `object` stands for; empty where nobody defines it.
  Definition resolve(const Object& object, std::uint32_t index) const;

 private:
  void add(const Object& object, const Symbol& symbol);

  std::map<std::string_view, Definition> globals_;
};

}  // namespace obelisk::sbpf_ld
