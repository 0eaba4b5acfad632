// The one place that knows where the Solana libraries are installed: beside localnet, so that the
// repository has one copy of them and one lock file.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../localnet/package.json", import.meta.url));

export async function load(name) {
  let path;
  try {
    path = require.resolve(name);
  } catch {
    throw new Error(`${name} is not installed. Run: npm ci --prefix localnet`);
  }
  return import(pathToFileURL(path));
}

export const kit = await load("@solana/kit");
export const litesvm = () => load("litesvm");
