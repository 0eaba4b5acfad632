// A wallet for tests in a browser: it registers by the Wallet Standard and signs with one Ed25519
// key, made from a seed. It asks nobody, so it belongs into tests alone and is never shipped.
//
//   page.addInitScript({ content: walletScript({ seed: 7 }) })
//
// What it does can be changed while the page runs, through `window.testWallet`:
//   refuse   names of features that are declined: "connect", "transaction", "message"
//   delayMs  how long it takes to answer
//   add      how many instructions it puts before ours, as some wallets do
//   bend     true: it gives back another transaction than it was given
//   calls    what it was asked, in order

// The address is the key's, in base58; for airdrops, without a browser.
export async function walletAddress(seed) {
  const { createPrivateKey, createPublicKey } = await import("node:crypto");
  const key = createPrivateKey({ key: Buffer.from(pkcs8(seedBytes(seed))), format: "der",
    type: "pkcs8" });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return base58(new Uint8Array(raw));
}

// The script's text. `options` are the first values of the switches, and the wallet's name.
export function walletScript({ seed = 1, name = "Test wallet", ...switches } = {}) {
  const parts = [seedBytes, pkcs8, base58, readLength, addInstructions, install];
  return `(() => {\n${parts.map(String).join("\n")}\ninstall(${JSON.stringify({ seed, name,
    switches })});\n})();`;
}

function seedBytes(seed) {
  if (Array.isArray(seed)) return Uint8Array.from(seed);
  return Uint8Array.from({ length: 32 }, (_, i) => (seed * 31 + i) % 256);
}

// A private key as WebCrypto takes it: its fixed beginning and the seed.
function pkcs8(seed) {
  const head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
  return Uint8Array.of(...head, ...seed);
}

function base58(bytes) {
  const letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = letters[Number(number % 58n)] + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + text;
}

// Solana's compact length at `at`: [length, where it ends].
function readLength(bytes, at) {
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    length |= (byte & 127) << shift;
    if (byte < 128) return [length, at];
  }
}

// A v0 message with `count` instructions more in front: of the compute budget, a heap of 32 KiB,
// which change nothing. The program is the last of the message's keys in what the market builds.
function addInstructions(message, count) {
  const [keys, firstKey] = readLength(message, 4);
  const after = firstKey + keys * 32 + 32;
  const [instructions, first] = readLength(message, after);
  let budget = -1;
  const wanted = "ComputeBudget111111111111111111111111111111";
  for (let i = 0; i < keys; ++i) {
    const key = message.subarray(firstKey + i * 32, firstKey + i * 32 + 32);
    if (base58(key) === wanted) budget = i;
  }
  const one = [budget, 0, 5, 1, 0, 128, 0, 0];
  return Uint8Array.of(...message.subarray(0, after), instructions + count,
    ...Array(count).fill(one).flat(), ...message.subarray(first));
}

function install({ seed, name, switches }) {
  const control = { refuse: [], delayMs: 0, add: 0, bend: false, calls: [], ...switches };
  window.testWallet = control;
  const chains = ["solana:mainnet", "solana:devnet", "solana:localnet"];
  const icon = "data:image/svg+xml;utf8," + encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h2v2H0z"/></svg>');
  const signing = ["solana:signTransaction", "solana:signMessage"];
  const keys = (async () => {
    const bytes = pkcs8(seedBytes(seed));
    const secret = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", secret);
    const plain = atob(x.replaceAll("-", "+").replaceAll("_", "/"));
    return { secret, publicKey: Uint8Array.from(plain, (letter) => letter.charCodeAt(0)) };
  })();
  let accounts = [];
  const listeners = new Set();

  async function asked(what) {
    control.calls.push(what);
    if (control.delayMs > 0) await new Promise((done) => setTimeout(done, control.delayMs));
    if (control.refuse.includes(what)) throw new Error("User rejected the request.");
  }
  function own(account) {
    if (!accounts.includes(account)) throw new Error("Invalid account");
  }
  async function sign(message) {
    const { secret } = await keys;
    return new Uint8Array(await crypto.subtle.sign("Ed25519", secret, message));
  }
  async function signOne({ account, transaction }) {
    own(account);
    const [signatures, start] = readLength(transaction, 0);
    let message = transaction.slice(start + 64 * signatures);
    if (control.add > 0) message = addInstructions(message, control.add);
    if (control.bend) message[message.length - 2] ^= 1; // within the last call's data
    const rest = new Uint8Array(64 * (signatures - 1));
    return { signedTransaction: Uint8Array.of(signatures, ...await sign(message), ...rest,
      ...message) };
  }

  const features = {
    "standard:connect": { version: "1.0.0", connect: async ({ silent } = {}) => {
      if (silent && localStorage.getItem("test-wallet-allowed") === null) return { accounts };
      if (!silent) await asked("connect");
      localStorage.setItem("test-wallet-allowed", "yes");
      if (accounts.length === 0) {
        const { publicKey } = await keys;
        accounts = [Object.freeze({ address: base58(publicKey), publicKey, chains,
          features: signing })];
        for (const tell of listeners) tell({ accounts });
      }
      return { accounts };
    } },
    "standard:events": { version: "1.0.0", on: (_, tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    } },
    "solana:signTransaction": { version: "1.0.0", supportedTransactionVersions: ["legacy", 0],
      signTransaction: async (...inputs) => {
        await asked("transaction");
        return Promise.all(inputs.map(signOne));
      } },
    "solana:signMessage": { version: "1.0.0", signMessage: async (...inputs) => {
      await asked("message");
      return Promise.all(inputs.map(async ({ account, message }) => {
        own(account);
        return { signedMessage: message, signature: await sign(message) };
      }));
    } },
  };
  const wallet = { version: "1.0.0", name, icon, chains,
    features, get accounts() { return accounts; } };
  const register = (api) => api.register(wallet);
  // Whichever came first, page or wallet, the other hears it.
  window.addEventListener("wallet-standard:app-ready", (event) => register(event.detail));
  window.dispatchEvent(Object.assign(new Event("wallet-standard:register-wallet"),
    { detail: register }));
}
