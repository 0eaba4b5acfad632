#include "core/tunnel/frames.hpp"

#include <algorithm>

#include "core/market/terms.hpp"

namespace obelisk::tunnel {
namespace {

using base::Reader;
using base::Writer;

constexpr std::string_view kGreeting{"OBKGATE\x01", 8};
constexpr std::string_view kHello = "OBKHOST";
constexpr std::size_t kMaxAddress = 253;
constexpr std::size_t kMaxWeb = 300;
constexpr std::size_t kMaxWords = 300;

enum class Type : std::uint8_t {
  publish = 1,
  withdraw = 2,
  pong = 3,
  published = 16,
  refused = 17,
  need = 18,
  ping = 19
};

bool begins_with(Reader& reader, std::string_view mark) {
  return std::ranges::equal(reader.take(mark.size()), base::view_of(mark));
}

base::PublicKey key_from(Reader& reader) { return {reader.array<32>()}; }

// So many bytes, if they are printable.
std::optional<std::string> text_of(Reader& reader, std::size_t size) {
  const auto bytes = reader.take(size);
  std::string out(bytes.begin(), bytes.end());
  if (!std::ranges::all_of(out, [](char c) { return c >= 0x20 && c < 0x7f; })) return std::nullopt;
  return out;
}

// What is left, if it is printable and no longer than that.
std::optional<std::string> text_from(Reader& reader, std::size_t most) {
  if (reader.left() > most) return std::nullopt;
  return text_of(reader, reader.left());
}

struct Encoder {
  Writer& out;
  Type operator()(const Publish& what) const {
    out.put(what.lease.view());
    out.u16(what.wanted_port);
    out.put(what.quote_signature.view());
    out.put(what.terms);
    return Type::publish;
  }
  Type operator()(const Withdraw& what) const {
    out.put(what.lease.view());
    return Type::withdraw;
  }
  Type operator()(const Published& what) const {
    out.put(what.lease.view());
    out.u16(what.port);
    const auto address = std::string_view(what.address).substr(0, 255);
    out.u8(static_cast<std::uint8_t>(address.size()));
    out.put(address);
    out.put(what.web);
    return Type::published;
  }
  Type operator()(const Refused& what) const {
    out.put(what.lease.view());
    out.put(std::string_view(what.why).substr(0, kMaxWords));
    return Type::refused;
  }
  Type operator()(const Need& what) const {
    out.u16(what.streams);
    return Type::need;
  }
  Type operator()(const Ping&) const { return Type::ping; }
  Type operator()(const Pong&) const { return Type::pong; }
};

std::optional<Frame> decode_publish(Reader& reader) {
  Publish out;
  out.lease = key_from(reader);
  out.wanted_port = reader.u16();
  out.quote_signature = {reader.array<64>()};
  if (reader.left() > market::kMaxTermsBytes) return std::nullopt;
  const auto terms = reader.take(reader.left());
  out.terms.assign(terms.begin(), terms.end());
  return out;
}

std::optional<Frame> decode_published(Reader& reader) {
  Published out;
  out.lease = key_from(reader);
  out.port = reader.u16();
  const std::size_t address_size = reader.u8();
  const auto address = text_of(reader, address_size);
  const auto web = text_from(reader, kMaxWeb);
  if (!address || address->empty() || address->size() > kMaxAddress || !web || out.port == 0) {
    return std::nullopt;
  }
  out.address = *address;
  out.web = *web;
  return out;
}

std::optional<Frame> decode_refused(Reader& reader) {
  Refused out;
  out.lease = key_from(reader);
  const auto why = text_from(reader, kMaxWords);
  if (!why) return std::nullopt;
  out.why = *why;
  return out;
}

std::optional<Frame> decode_rest(Type type, Reader& reader) {
  switch (type) {
    case Type::publish: return decode_publish(reader);
    case Type::withdraw: return Withdraw{key_from(reader)};
    case Type::pong: return Pong{};
    case Type::published: return decode_published(reader);
    case Type::refused: return decode_refused(reader);
    case Type::need: return Need{reader.u16()};
    case Type::ping: return Ping{};
  }
  return std::nullopt;  // a number that is none of these
}

}  // namespace

base::Bytes encode_greeting(const Nonce& nonce) {
  Writer out;
  out.put(kGreeting);
  out.put(base::ByteView(nonce));
  return std::move(out).take();
}

std::optional<Nonce> decode_greeting(base::ByteView bytes) {
  Reader reader(bytes);
  if (!begins_with(reader, kGreeting)) return std::nullopt;
  const Nonce nonce = reader.array<kNonceBytes>();
  return reader.at_end() ? std::optional(nonce) : std::nullopt;
}

base::Bytes encode_hello(const Hello& hello) {
  Writer out;
  out.put(kHello);
  out.u8(static_cast<std::uint8_t>(hello.kind));
  out.put(base::ByteView(hello.session));
  out.put(hello.host.view());
  out.put(hello.signature.view());
  return std::move(out).take();
}

std::optional<Hello> decode_hello(base::ByteView bytes) {
  Reader reader(bytes);
  if (!begins_with(reader, kHello)) return std::nullopt;
  const auto kind = static_cast<Kind>(reader.u8());
  if (kind != Kind::control && kind != Kind::stream) return std::nullopt;
  Hello out;
  out.kind = kind;
  out.session = reader.array<kSessionBytes>();
  out.host = key_from(reader);
  out.signature = {reader.array<64>()};
  return reader.at_end() ? std::optional(out) : std::nullopt;
}

base::Bytes hello_message(Kind kind, const SessionId& session, const Nonce& nonce,
                          const base::PublicKey& gateway, const Binding& binding) {
  Writer out;
  out.put("OBELISKG");
  out.u8(static_cast<std::uint8_t>(kind));
  out.put(base::ByteView(session));
  out.put(base::ByteView(nonce));
  out.put(gateway.view());
  out.put(base::ByteView(binding));
  return std::move(out).take();
}

base::Bytes encode_visit(const Visit& visit) {
  Writer out;
  out.put(visit.lease.view());
  out.u16(visit.port);
  out.u8(visit.pass ? 1 : 0);
  out.u8(0);
  out.put(base::ByteView(visit.pass ? encode_pass(*visit.pass) : base::Bytes(kPassBytes)));
  return std::move(out).take();
}

std::optional<Visit> decode_visit(base::ByteView bytes) {
  Reader reader(bytes);
  Visit out;
  out.lease = key_from(reader);
  out.port = reader.u16();
  const std::uint8_t has_pass = reader.u8();
  const bool is_zero = reader.u8() == 0;
  const auto rest = reader.take(kPassBytes);
  if (!reader.at_end() || !is_zero || has_pass > 1) return std::nullopt;
  if (has_pass == 1) {
    out.pass = decode_pass(rest);
    return out.pass ? std::optional(out) : std::nullopt;
  }
  const bool is_empty = std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
  return is_empty && out.port != kTerminal ? std::optional(out) : std::nullopt;
}

base::Bytes encode_frame(const Frame& frame) {
  Writer rest;
  const Type type = std::visit(Encoder{rest}, frame);
  Writer out;
  out.u8(static_cast<std::uint8_t>(type));
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(rest.bytes().size()));
  out.put(base::ByteView(rest.bytes()));
  return std::move(out).take();
}

std::optional<std::size_t> frame_rest(base::ByteView head) {
  Reader reader(head);
  const std::uint8_t type = reader.u8();
  const bool is_zero = reader.u8() == 0;
  const std::size_t rest = reader.u16();
  if (!reader.at_end() || type == 0 || !is_zero || rest > kMaxFrame) return std::nullopt;
  return rest;
}

std::optional<Frame> decode_frame(base::ByteView bytes) {
  if (bytes.size() < kFrameHead) return std::nullopt;
  const auto rest = frame_rest(bytes.first(kFrameHead));
  if (!rest || *rest != bytes.size() - kFrameHead) return std::nullopt;
  Reader reader(bytes.subspan(kFrameHead));
  const auto frame = decode_rest(static_cast<Type>(bytes[0]), reader);
  return frame && reader.at_end() ? frame : std::nullopt;
}

}  // namespace obelisk::tunnel
