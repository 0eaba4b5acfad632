#include "tools/sbpf-ld/symbols.hpp"

#include "tools/sbpf-ld/failure.hpp"

namespace obelisk::sbpf_ld {

SymbolTable::SymbolTable(const std::vector<Object>& objects) {
  for (const Object& object : objects) {
    for (const Symbol& symbol : object.symbols) {
      if (symbol.binding != Binding::local && symbol.section != kUndefined) add(object, symbol);
    }
  }
}

void SymbolTable::add(const Object& object, const Symbol& symbol) {
  const auto [place, is_new] = globals_.try_emplace(symbol.name, Definition{&object, &symbol});
  if (is_new || symbol.binding == Binding::weak) return;
  Definition& known = place->second;
  if (known.symbol->binding != Binding::weak) {
    fail(object.name + ": symbol " + std::string(symbol.name) + " is already defined in " +
         known.object->name + ": keep one, or make it inline");
  }
  known = {&object, &symbol};
}

Definition SymbolTable::find(std::string_view name) const {
  const auto place = globals_.find(name);
  return place == globals_.end() ? Definition{} : place->second;
}

Definition SymbolTable::resolve(const Object& object, std::uint32_t index) const {
  const Symbol& symbol = object.symbols[index];
  if (symbol.binding != Binding::local) return find(symbol.name);
  if (symbol.section == kUndefined) return {};
  return {&object, &symbol};
}

}  // namespace obelisk::sbpf_ld
