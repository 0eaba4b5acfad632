// The types of the program's fields as Codama nodes, each with its size, so that a description that
// leaves a byte out is found out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "program/idl/json.hpp"

namespace obelisk::idl {

enum class Type : std::uint8_t { u8, u16, u32, u64, i64, key, hash };

inline std::size_t size_of(Type type) {
  switch (type) {
    case Type::u8: return 1;
    case Type::u16: return 2;
    case Type::u32: return 4;
    case Type::u64:
    case Type::i64: return 8;
    case Type::key:
    case Type::hash: return 32;
  }
  return 0;
}

inline Json number_type(std::string_view format) {
  return node("numberTypeNode", {{"format", quote(format)}, {"endian", quote("le")}});
}

inline Json bytes_type(std::size_t size) {
  return node("fixedSizeTypeNode",
              {{"size", std::to_string(size)}, {"type", node("bytesTypeNode", {})}});
}

inline Json type_node(Type type) {
  switch (type) {
    case Type::u8: return number_type("u8");
    case Type::u16: return number_type("u16");
    case Type::u32: return number_type("u32");
    case Type::u64: return number_type("u64");
    case Type::i64: return number_type("i64");
    case Type::key: return node("publicKeyTypeNode", {});
    case Type::hash: return bytes_type(32);
  }
  return {};
}

struct Field {
  std::string_view name;
  Type type;
  std::size_t offset = 0;  // of accounts and events; 0 for arguments, which are packed
};

struct AccountUse {
  std::string_view name;
  bool is_writable = false;
  std::string_view signer = "no";  // no, yes, either
  bool is_optional = false;
  std::string_view address = {};  // where it is always the same
};

}  // namespace obelisk::idl
