#!/usr/bin/python3
"""Turns src/api/openapi.json into C++: value types, their JSON readers and writers, the routes.

The description is the only source: a field, a bound or a path that is not there does not exist in
any program. Readers check every bound the description states, so nothing oversized gets further.

    tools/codegen/api.py OPENAPI.json OUT_DIR      writes OUT_DIR/api/{types.hpp,types.cpp}
"""
import json
import pathlib
import re
import sys

FORMATS = {
    "public-key": "base::PublicKey",
    "signature": "base::Signature",
    "lamports": "base::Lamports",
}


def member(field):
    """The C++ name of a field; a keyword needs another than its own."""
    return field + "_" if field in ("operator", "template") else field


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def ref_name(schema):
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None


def cpp_type(schema):
    if name := ref_name(schema):
        return name
    kind = schema["type"]
    if kind == "string":
        return FORMATS.get(schema.get("format"), "std::string")
    if kind == "boolean":
        return "bool"
    if kind == "integer":
        return "std::uint64_t" if schema.get("format") == "uint64" else "std::uint32_t"
    if kind == "array":
        return f"std::vector<{cpp_type(schema['items'])}>"
    raise SystemExit(f"api.py: no C++ for {schema}")


def in_dependency_order(schemas):
    """A struct that holds another by value must come after it."""
    done, order = set(), []

    def visit(name):
        if name in done:
            return
        done.add(name)
        for prop in schemas[name].get("properties", {}).values():
            used = ref_name(prop) or ref_name(prop.get("items", {}))
            if used:
                visit(used)
        order.append(name)

    for name in schemas:
        visit(name)
    return order


def comment(text, indent=""):
    return f"{indent}// {text}\n" if text else ""


def declare(name, schema):
    out = comment(schema.get("description"))
    if "enum" in schema:
        out += f"enum class {name} {{ {', '.join(schema['enum'])} }};\n"
        out += f"std::string_view to_string({name} value);\n"
        out += f"std::optional<{name}> {snake(name)}_from(std::string_view name);\n\n"
        return out
    out += f"struct {name} {{\n"
    required = set(schema.get("required", []))
    for field, prop in schema["properties"].items():
        out += comment(prop.get("description"), "  ")
        kind = cpp_type(prop)
        out += f"  {kind if field in required else f'std::optional<{kind}>'} {member(field)}"
        out += "{};\n"
    out += f"  bool operator==(const {name}&) const = default;\n}};\n"
    out += f"std::string to_json(const {name}& value);\n"
    out += f"base::Result<{name}> {snake(name)}_from_json(std::string_view text);\n\n"
    return out


def write_value(schema, expression):
    if name := ref_name(schema):
        return f"write(out, {expression});"
    kind = schema["type"]
    if kind == "array":
        inner = write_value(schema["items"], "item")
        return (f"detail::write_array(out, {expression}, "
                f"[](std::string& out, const auto& item) {{ {inner} }});")
    return f"detail::write(out, {expression});"


def bounds(schema):
    """The description's limits as the arguments of detail::read."""
    if "$ref" in schema:
        return ""
    if schema["type"] == "integer":
        low = schema.get("minimum", 0)
        high = schema.get("maximum", 2**64 - 1 if schema.get("format") == "uint64" else 2**32 - 1)
        return f", {low}u, {high}u"
    if schema["type"] == "string" and "format" not in schema:
        return f", {schema.get('maxLength', 4096)}u"
    return ""


def read_value(schema, source, target, where):
    if ref_name(schema):
        return f"TRY_VOID(read({source}, {target}, {where}));"
    if schema["type"] == "array":
        item = read_value(schema["items"], "item", "slot", where)
        return (f"TRY_VOID(detail::read_array({source}, {target}, {where}, "
                f"{schema.get('maxItems', 1000)}u, [](const boost::json::value& item, auto& slot) "
                f"-> base::Result<void> {{ {item} return {{}}; }}));")
    return f"TRY_VOID(detail::read({source}, {target}, {where}{bounds(schema)}));"


def define_enum(name, schema):
    names = ", ".join(f'"{value}"' for value in schema["enum"])
    return f"""
constexpr std::array<std::string_view, {len(schema['enum'])}> k{name}Names{{{names}}};
std::string_view to_string({name} value) {{
  return k{name}Names[static_cast<std::size_t>(value)];
}}
std::optional<{name}> {snake(name)}_from(std::string_view name) {{
  for (std::size_t i = 0; i < k{name}Names.size(); ++i) {{
    if (k{name}Names[i] == name) return static_cast<{name}>(i);
  }}
  return std::nullopt;
}}
static void write(std::string& out, {name} value) {{ detail::write(out, to_string(value)); }}
static base::Result<void> read(const boost::json::value& json, {name}& out, const char* where) {{
  std::string text;
  TRY_VOID(detail::read(json, text, where, 64u));
  const auto value = {snake(name)}_from(text);
  if (!value) return detail::bad(where, "is none of the known names");
  out = *value;
  return {{}};
}}
"""


def define_struct(name, schema):
    required = set(schema.get("required", []))
    out = (f"\nstatic void write(std::string& out, const {name}& value) {{\n"
           "  detail::Fields fields(out);\n")
    for field, prop in schema["properties"].items():
        access = ("" if field in required else "*") + f"value.{member(field)}"
        body = f'fields.name("{field}"); {write_value(prop, access)}'
        guard = "" if field in required else f"if (value.{member(field)}) "
        out += f"  {guard}{{ {body} }}\n"
    out += "}\n"
    out += (f"static base::Result<void> read(const boost::json::value& json, {name}& out, "
            "const char* where) {\n"
            "  const auto* object = json.if_object();\n"
            '  if (object == nullptr) return detail::bad(where, "is not an object");\n')
    for field, prop in schema["properties"].items():
        if field in required:
            out += (f'  {{ TRY(const auto* item, detail::member(*object, "{field}")); '
                    + read_value(prop, "*item", f"out.{member(field)}", f'"{field}"') + " }\n")
        else:
            out += (f'  if (const auto* item = detail::optional_member(*object, "{field}")) {{ '
                    + read_value(prop, "*item", f"out.{member(field)}.emplace()",
                                 f'"{field}"') + " }\n")
    out += "  return {};\n}\n"
    out += (f"std::string to_json(const {name}& value) {{\n  std::string out;\n"
            "  write(out, value);\n  return out;\n}\n"
            f"base::Result<{name}> {snake(name)}_from_json(std::string_view text) {{\n"
            f"  TRY(const auto json, detail::parse(text));\n  {name} out;\n"
            f'  TRY_VOID(read(json, out, "{name}"));\n  return out;\n}}\n')
    return out


def access(operation):
    """OpenAPI's `security`: an empty requirement among others makes it optional."""
    security = operation.get("security", [])
    if not security:
        return "open"
    return "optional" if {} in security else "required"


def caching(operation):
    kind = operation.get("x-cache", "none")
    if kind not in ("none", "shared", "own"):
        raise SystemExit(f"api.py: no such x-cache: {kind}")
    return kind


def check_write(method, path, operation):
    """Every write takes an idempotency key, and says so."""
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    if method != "get" and key not in operation.get("parameters", []):
        raise SystemExit(f"api.py: {method.upper()} {path} does not take an idempotency key")


def routes(paths):
    rows, names = [], []
    for path, methods in paths.items():
        for method, operation in methods.items():
            names.append(operation["operationId"])
            rows.append(f'    Route{{"{method.upper()}", "{path}", Operation::{names[-1]}, '
                        f"Access::{access(operation)}, Caching::{caching(operation)}}},\n")
            check_write(method, path, operation)
    return (f"enum class Operation {{ {', '.join(names)} }};\n"
            "// Who may ask: anybody, unseen; anybody, and who says who they are may see more;\n"
            "// only who says who they are.\n"
            "enum class Access { open, optional, required };\n"
            "// Who may keep an answer to show it again, after asking whether it changed: nobody,\n"
            "// anybody, the asker alone.\n"
            "enum class Caching { none, shared, own };\n\n"
            "struct Route {\n  std::string_view method;\n"
            "  std::string_view path;  // with {names}\n  Operation operation;\n"
            "  Access access;\n  Caching caching;\n};\n\n"
            f"inline constexpr std::array<Route, {len(rows)}> kRoutes{{{{\n"
            f"{''.join(rows)}}}}};\n\n")


HEADER = """// Generated from src/api/openapi.json by tools/codegen/api.py: change the description.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::api {

// The description itself, as /openapi.json serves it.
std::string_view openapi_text();

"""


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    text = pathlib.Path(sys.argv[1]).read_text()
    api = json.loads(text)
    schemas = {name: schema for name, schema in api["components"]["schemas"].items()
               if schema.get("x-cpp") != "none"}
    order = in_dependency_order(schemas)
    header = HEADER + routes(api["paths"])
    header += "".join(declare(name, schemas[name]) for name in order)
    header += "}  // namespace obelisk::api\n"
    source = ("// Generated from src/api/openapi.json by tools/codegen/api.py.\n"
              '#include "api/types.hpp"\n\n#include "api/detail.hpp"\n\nnamespace obelisk::api {\n')
    for name in order:
        define = define_enum if "enum" in schemas[name] else define_struct
        source += define(name, schemas[name])
    chunks = [text[i:i + 12000] for i in range(0, len(text), 12000)]  # compilers bound literals
    literals = ",\n".join(f'    R"openapi({chunk})openapi"' for chunk in chunks)
    # Joined when it is first asked for: a literal has at most 65,536 characters.
    source += ("\nstd::string_view openapi_text() {\n  static const std::string text = [] {\n"
               f"    std::string out;\n    for (const char* part : {{\n{literals}}}) out += part;\n"
               "    return out;\n  }();\n  return text;\n}\n")
    source += "\n}  // namespace obelisk::api\n"
    out = pathlib.Path(sys.argv[2]) / "api"
    out.mkdir(parents=True, exist_ok=True)
    (out / "types.hpp").write_text(header)
    (out / "types.cpp").write_text(source)


if __name__ == "__main__":
    main()
