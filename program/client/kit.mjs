// What the client takes from @solana/kit, for Node: the library is installed beside localnet, where
// a plain import from here would not look. Bundlers see @solana/kit itself (package.json, imports).
import { kit } from "./deps.mjs";

export const {
  AccountRole, fixDecoderSize, fixEncoderSize, getAddressDecoder, getAddressEncoder,
  getBase64Encoder, getBytesDecoder, getBytesEncoder, getI64Decoder, getI64Encoder,
  getProgramDerivedAddress, getStructDecoder, getStructEncoder, getU16Decoder, getU16Encoder,
  getU32Decoder, getU32Encoder, getU64Decoder, getU64Encoder, getU8Decoder, getU8Encoder,
  transformEncoder,
} = kit;
