// Our own code as a process that answers line for line: solana_peer.cpp.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const path = process.env.OBELISK_CONFORMANCE
  ?? fileURLToPath(new URL("build/dev/test/obelisk_conformance", root));

export class Peer {
  #child;
  #lines;
  #closed;

  /** Ends with the test `t`. */
  constructor(t) {
    if (!existsSync(path)) {
      throw new Error(`${path} is not there. Build it: ./dev build dev, or set `
        + "OBELISK_CONFORMANCE");
    }
    this.#child = spawn(path, { stdio: ["pipe", "pipe", "inherit"] });
    // Its end is noticed by its answers' end.
    this.#child.stdin.on("error", () => {});
    this.#closed = once(this.#child, "close");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    t.after(() => this.#end());
  }

  /** The answers to these questions, in their order. */
  async ask(questions) {
    this.#child.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
    const answers = [];
    for (const question of questions) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`our side ended at ${JSON.stringify(question)}`);
      const answer = JSON.parse(value);
      if ("broken" in answer) throw new Error(`${answer.broken}: ${JSON.stringify(question)}`);
      answers.push(answer);
    }
    return answers;
  }

  async #end() {
    this.#child.stdin.end();
    const [code] = await this.#closed;
    if (code !== 0) throw new Error(`our side ended with ${code}`);
  }
}
