#include "core/tunnel/frames.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace obelisk::tunnel {
namespace {

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

std::vector<Frame> one_of_each() {
  base::Signature signature;
  signature.bytes.fill(9);
  return {Publish{key(1), 4711, signature, R"({"a":"b"})"},
          Withdraw{key(2)},
          Published{key(3), 20'001, "gw.example"},
          Published{key(3), 20'001, "gw.example", "https://gw.example:8443"},
          Refused{key(4), "The lease is another host's."},
          Need{17},
          Ping{},
          Pong{}};
}

// Whether some decoder takes the bytes with one missing, or one too many.
template <class Decode>
void expect_exact(const base::Bytes& bytes, Decode decode) {
  EXPECT_TRUE(decode(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode(base::ByteView(bytes).first(i))) << i;
  }
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode(longer));
}

TEST(TunnelFrames, AreReadBackExactly) {
  for (const Frame& frame : one_of_each()) {
    const auto bytes = encode_frame(frame);
    EXPECT_EQ(decode_frame(bytes), frame);
    EXPECT_EQ(frame_rest(base::ByteView(bytes).first(kFrameHead)), bytes.size() - kFrameHead);
  }
}

TEST(TunnelFrames, TheBytesAreContract) {
  EXPECT_EQ(base::to_hex(encode_frame(Need{0x0102})),
            "12000200"
            "0201");
  EXPECT_EQ(base::to_hex(encode_frame(Ping{})), "13000000");
  EXPECT_EQ(base::to_hex(encode_visit({key(7), 22})),
            "0707070707070707070707070707070707070707070707070707070707070707"
            "16000000" +
                std::string(2 * kPassBytes, '0'));
  const Visit shown{key(7), 8888, Pass{Audience::everybody, 1, 2, {}}};
  EXPECT_EQ(base::to_hex(base::ByteView(encode_visit(shown)).subspan(32, 4 + 17)),
            "b8220100"
            "02"
            "0100000000000000"
            "0200000000000000");
  const auto greeting = encode_greeting({});
  EXPECT_EQ(base::to_hex(base::ByteView(greeting).first(8)), "4f424b4741544501");
  const auto hello = encode_hello({Kind::stream, {}, key(1), {}});
  EXPECT_EQ(base::to_hex(base::ByteView(hello).first(8)), "4f424b484f535402");
}

TEST(TunnelFrames, NothingShorterLongerOrUnknownIsTaken) {
  expect_exact(encode_greeting({}), decode_greeting);
  expect_exact(encode_hello({Kind::control, {}, key(1), {}}), decode_hello);
  expect_exact(encode_visit({key(1), 22}), decode_visit);
  for (const Frame& frame : one_of_each()) expect_exact(encode_frame(frame), decode_frame);
  auto bytes = encode_frame(Ping{});
  bytes[0] = 99;
  EXPECT_FALSE(decode_frame(bytes));
  bytes = encode_frame(Ping{});
  bytes[1] = 1;
  EXPECT_FALSE(decode_frame(bytes));
  bytes = encode_hello({Kind::control, {}, key(1), {}});
  bytes[7] = 3;
  EXPECT_FALSE(decode_hello(bytes)) << "no such kind";
  EXPECT_FALSE(decode_visit(encode_visit({key(1), kTerminal}))) << "a terminal wants a pass";
  const Visit passed{key(1), kTerminal, Pass{}};
  expect_exact(encode_visit(passed), decode_visit);
  EXPECT_EQ(decode_visit(encode_visit(passed)), passed);
  bytes = encode_visit({key(1), 22});
  bytes.back() = 1;
  EXPECT_FALSE(decode_visit(bytes)) << "a pass that is not announced";
  bytes = encode_visit(passed);
  bytes[36] = 9;
  EXPECT_FALSE(decode_visit(bytes)) << "for whom nobody knows";
}

TEST(TunnelFrames, AStrangersWordsAreBoundedAndPrintable) {
  EXPECT_FALSE(decode_frame(encode_frame(Published{key(1), 1, "gw\n.example"})));
  EXPECT_FALSE(decode_frame(encode_frame(Published{key(1), 1, std::string(254, 'a')})));
  EXPECT_FALSE(decode_frame(encode_frame(Published{key(1), 0, "gw.example"})));
  const auto long_words = decode_frame(encode_frame(Refused{key(1), std::string(1'000, 'w')}));
  ASSERT_TRUE(long_words);
  EXPECT_EQ(std::get<Refused>(*long_words).why.size(), 300u) << "cut by who says them";
  Publish publish{key(1), 0, {}, std::string(16'384, 't')};
  EXPECT_TRUE(decode_frame(encode_frame(publish)));
  publish.terms += "t";
  EXPECT_FALSE(decode_frame(encode_frame(publish)));
  EXPECT_FALSE(frame_rest(base::Bytes{1, 0, 0xff, 0xff}));
}

TEST(TunnelFrames, WhatIsSignedNamesEverything) {
  const auto of = [](Kind kind, std::uint8_t session, std::uint8_t nonce, std::uint8_t gateway,
                     std::uint8_t binding) {
    return hello_message(kind, {session}, {nonce}, key(gateway), {binding});
  };
  const auto one = of(Kind::control, 1, 1, 1, 1);
  EXPECT_NE(one, of(Kind::stream, 1, 1, 1, 1));
  EXPECT_NE(one, of(Kind::control, 2, 1, 1, 1));
  EXPECT_NE(one, of(Kind::control, 1, 2, 1, 1));
  EXPECT_NE(one, of(Kind::control, 1, 1, 2, 1));
  EXPECT_NE(one, of(Kind::control, 1, 1, 1, 2));
  EXPECT_EQ(one.size(), 8u + 1 + 16 + 32 + 32 + 32);
}

}  // namespace
}  // namespace obelisk::tunnel
