// Base58 by the Bitcoin alphabet, as Solana writes keys and signatures: kit's own codec.
import { getBase58Decoder, getBase58Encoder } from "@solana/kit";

export function encodeBase58(bytes: Uint8Array): string {
  return getBase58Decoder().decode(bytes);
}

export function decodeBase58(text: string): Uint8Array {
  return new Uint8Array(getBase58Encoder().encode(text));
}
