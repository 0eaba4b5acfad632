/**
 * Brings a program's bytes onto a chain and checks that they are there. Safe to run again at any
 * point: the upload buffer's key comes from payer, program and bytes, so that a run which was cut
 * off is continued and its lamports are not lost.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  appendTransactionMessageInstructions, createKeyPairSignerFromBytes,
  createKeyPairSignerFromPrivateKeyBytes, createTransactionMessage,
  getBase64EncodedWireTransaction, getSignatureFromTransaction, pipe,
  setTransactionMessageFeePayerSigner, setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import * as loader from "./loader.mjs";

const kWriteBytes = 1_000;
const kInFlight = 64;
const kPollMs = 20;
const kResendMs = 1_000;
const kLandWithinMs = 60_000;
const kFeeLamports = 5_000n;

/** A reason not to deploy that a person can mend; `code` is the command's exit code. */
export class DeployError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
const kUsage = 2;
const kFunds = 4;
const kExpired = 5;

export class Deployment {
  #rpc;
  #elf;
  #final;
  #payer;
  #program;
  #dataAddress;
  #sent = 0;
  #signature = null;

  /** @param {{rpc: import("./rpc_client.mjs").RpcClient, elf: Buffer, final: boolean}} options */
  constructor({ rpc, elf, final }) {
    this.#rpc = rpc;
    this.#elf = elf;
    this.#final = final;
  }

  /** @param {Uint8Array} payerKey @param {Uint8Array} programKey 64 bytes each */
  async run(payerKey, programKey) {
    this.#payer = await createKeyPairSignerFromBytes(payerKey);
    this.#program = await createKeyPairSignerFromBytes(programKey);
    this.#dataAddress = await loader.dataAddressOf(this.#program.address);
    const now = await this.#deployed();
    let action = "unchanged";
    if (now === null || !this.#holdsElf(now)) {
      action = now === null ? "deployed" : "upgraded";
      await this.#install(now, await this.#bufferSigner(payerKey));
    }
    await this.#finish();
    return {
      program: this.#program.address,
      elf_sha256: createHash("sha256").update(this.#elf).digest("hex"),
      bytes: this.#elf.length,
      transactions: this.#sent,
      signature: this.#signature,
      action,
      final: this.#final,
    };
  }

  /** One key per payer, program and code: an interrupted upload finds its buffer again. */
  #bufferSigner(payerKey) {
    const seed = createHash("sha256").update("buffer").update(payerKey.subarray(0, 32))
      .update(this.#program.address).update(createHash("sha256").update(this.#elf).digest());
    return createKeyPairSignerFromPrivateKeyBytes(Uint8Array.from(seed.digest()));
  }

  async #account(address, commitment = "processed") {
    const { value } = await this.#rpc.call("getAccountInfo", address,
      { encoding: "base64", commitment });
    return value === null
      ? null
      : { data: Buffer.from(value.data[0], "base64"), owner: value.owner };
  }

  async #deployed(commitment) {
    const program = await this.#account(this.#program.address, commitment);
    if (program === null) return null;
    const data = await this.#account(this.#dataAddress, commitment);
    const parsed = data === null ? null : loader.parseData(data.data);
    if (program.owner !== loader.kLoader || parsed === null) {
      throw new DeployError(kUsage, `${this.#program.address} exists and is not a program that can `
        + "be deployed to. Use another program key. Nothing was sent.");
    }
    return parsed;
  }

  /** The code account is larger than the code; what follows must be zeros. */
  #holdsElf({ code }) {
    return code.subarray(0, this.#elf.length).equals(this.#elf)
      && code.subarray(this.#elf.length).every((byte) => byte === 0);
  }

  async #install(now, buffer) {
    if (now !== null && now.authority !== this.#payer.address) {
      throw new DeployError(kUsage, now.authority === null
        ? `${this.#program.address} is final and holds other code: it cannot change. Use another `
          + "program key. Nothing was sent."
        : `Only ${now.authority} can upgrade ${this.#program.address}. Nothing was sent.`);
    }
    const maxBytes = this.#final ? this.#elf.length : this.#elf.length * 2;
    await this.#checkFunds(now, maxBytes);
    await this.#upload(buffer);
    if (now === null) await this.#deploy(buffer, maxBytes);
    else await this.#upgrade(now, buffer);
  }

  #rentOf(bytes) {
    return this.#rpc.call("getMinimumBalanceForRentExemption", bytes).then(BigInt);
  }

  async #checkFunds(now, maxBytes) {
    const { value } = await this.#rpc.call("getBalance", this.#payer.address,
      { commitment: "processed" });
    const writes = BigInt(Math.ceil(this.#elf.length / kWriteBytes));
    let need = await this.#rentOf(loader.kBufferHeaderBytes + this.#elf.length);
    need += (writes + 6n) * kFeeLamports;
    // The buffer's lamports pay for the code account, so that only the difference is missing.
    if (now === null) {
      need += await this.#rentOf(loader.kProgramBytes);
      need += await this.#rentOf(loader.kDataHeaderBytes + maxBytes);
    }
    if (BigInt(value) < need) {
      throw new DeployError(kFunds, `The payer ${this.#payer.address} holds ${value} lamports; `
        + `${need} are needed, of which most come back. Nothing was sent.`);
    }
  }

  async #upload(buffer) {
    const there = await this.#account(buffer.address);
    const old = there === null ? null : loader.parseBuffer(there.data);
    if (old === null) {
      const space = loader.kBufferHeaderBytes + this.#elf.length;
      const lamports = await this.#rentOf(space);
      await this.#send([[
        loader.createAccount({ payer: this.#payer, account: buffer, lamports, space }),
        loader.initializeBuffer(buffer.address, this.#payer.address),
      ]]);
    }
    const writes = [];
    for (let offset = 0; offset < this.#elf.length; offset += kWriteBytes) {
      const bytes = this.#elf.subarray(offset, offset + kWriteBytes);
      if (old?.code.subarray(offset, offset + bytes.length).equals(bytes)) continue;
      writes.push([loader.write({
        buffer: buffer.address, authority: this.#payer, offset, bytes,
      })]);
    }
    await this.#send(writes);
  }

  async #deploy(buffer, maxBytes) {
    const lamports = await this.#rentOf(loader.kProgramBytes);
    [this.#signature] = await this.#send([[
      loader.createAccount({
        payer: this.#payer, account: this.#program, lamports, space: loader.kProgramBytes,
      }),
      loader.deploy({
        payer: this.#payer, data: this.#dataAddress, program: this.#program.address,
        buffer: buffer.address, maxBytes,
      }),
    ]]);
  }

  async #upgrade(now, buffer) {
    const names = {
      payer: this.#payer, data: this.#dataAddress, program: this.#program.address,
      buffer: buffer.address,
    };
    const missing = this.#elf.length - now.code.length;
    if (missing > 0) {
      await this.#send([[loader.extend({ ...names, bytes: missing })]]);
    }
    // The loader refuses two versions in one slot.
    const last = (await this.#deployed()).slot;
    while (BigInt(await this.#rpc.call("getSlot", { commitment: "processed" })) <= last) {
      await sleep(kPollMs);
    }
    [this.#signature] = await this.#send([[loader.upgrade(names)]]);
  }

  /** Drops the authority where that was asked for, and looks at what a confirmed reader sees. */
  async #finish() {
    const now = await this.#deployed();
    if (this.#final && now.authority !== null) {
      if (now.authority !== this.#payer.address) {
        throw new DeployError(kUsage, `Only ${now.authority} can make ${this.#program.address} `
          + "final. It still can be upgraded.");
      }
      const [signature] = await this.#send([[
        loader.dropAuthority({ payer: this.#payer, data: this.#dataAddress }),
      ]]);
      this.#signature ??= signature;
    }
    const deadline = Date.now() + kLandWithinMs;
    for (;;) {
      const seen = await this.#deployed("confirmed");
      const done = seen !== null && this.#holdsElf(seen)
        && (!this.#final || seen.authority === null);
      if (done) return;
      if (Date.now() > deadline) throw new DeployError(kExpired, "The code was not confirmed.");
      await sleep(kPollMs);
    }
  }

  /** Sends a list of independent transactions, a number at a time, until all have landed. */
  async #send(list) {
    const signatures = [];
    for (let from = 0; from < list.length; from += kInFlight) {
      signatures.push(...await this.#sendSome(list.slice(from, from + kInFlight)));
    }
    return signatures;
  }

  async #sendSome(list) {
    const { value: lifetime } = await this.#rpc.call("getLatestBlockhash",
      { commitment: "processed" });
    const signed = await Promise.all(list.map((instructions) => signTransactionMessageWithSigners(
      pipe(
        createTransactionMessage({ version: "legacy" }),
        (message) => setTransactionMessageFeePayerSigner(this.#payer, message),
        (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
        (message) => appendTransactionMessageInstructions(instructions, message),
      ),
    )));
    const signatures = signed.map(getSignatureFromTransaction);
    const open = new Map(signed.map((transaction, index) =>
      [signatures[index], getBase64EncodedWireTransaction(transaction)]));
    this.#sent += open.size;
    const deadline = Date.now() + kLandWithinMs;
    let sentAt = -Infinity;
    while (open.size > 0) {
      if (Date.now() > deadline) {
        throw new DeployError(kExpired, `${open.size} transactions did not land in `
          + `${kLandWithinMs / 1000} s. Run the same command again: it carries on.`);
      }
      if (Date.now() - sentAt > kResendMs) {
        await this.#broadcast([...open.values()], sentAt === -Infinity);
        sentAt = Date.now();
      } else {
        await sleep(kPollMs);
      }
      await this.#dropLanded(open);
    }
    return signatures;
  }

  /** The first time with a preflight, whose error says more than a failed transaction. */
  async #broadcast(transactions, first) {
    const settings = {
      encoding: "base64", skipPreflight: !first, preflightCommitment: "processed", maxRetries: 0,
    };
    await Promise.all(transactions.map((transaction) =>
      this.#rpc.call("sendTransaction", transaction, settings).catch((error) => {
        // The answer to an earlier try was lost, and the transaction was not.
        if (error.data?.err !== "AlreadyProcessed") throw error;
      })));
  }

  async #dropLanded(open) {
    const asked = [...open.keys()];
    const { value } = await this.#rpc.call("getSignatureStatuses", asked);
    value.forEach((status, index) => {
      if (status === null) return;
      if (status.err !== null) {
        throw new DeployError(1, `Transaction ${asked[index]} failed: `
          + `${JSON.stringify(status.err)}. Its fee was charged.`);
      }
      open.delete(asked[index]);
    });
  }
}
