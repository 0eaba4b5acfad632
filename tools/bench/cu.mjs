// ./dev cu [--json] [--keys N] [--seed S] [--features mainnet|all]
// What every instruction and path of the lease program costs in compute units: the worst of N (100)
// worlds with random keys, the built program deployed by the loader, mainnet features. It ends with
// 1 where a ceiling of the protocol is passed.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

import { ceilingOf, measure, NAMES } from "../../program/test/units/measure.mjs";

const options = (() => {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean" }, keys: { type: "string", default: "100" },
        seed: { type: "string", default: randomBytes(4).toString("hex") },
        features: { type: "string", default: "mainnet" },
      },
    });
    if (!/^[1-9]\d{0,4}$/.test(values.keys)) throw new Error("--keys takes a number from 1 on");
    if (!["mainnet", "all"].includes(values.features)) {
      throw new Error("--features takes mainnet or all");
    }
    return values;
  } catch (error) {
    console.error(`${error.message}. ./dev cu [--json] [--keys N] [--seed S] [--features F]`);
    process.exit(2);
  }
})();

const keys = Number(options.keys);
const show = process.stderr.isTTY;
const { figures, elfBytes } = await measure({
  features: options.features, keys, seed: options.seed,
  progress: (done) => { if (show) process.stderr.write(`\r${done} of ${keys} `); },
});
if (show) process.stderr.write("\r\x1b[K");

const row = (name, ...cells) => name.padEnd(18) + cells.map((c) => `${c}`.padStart(8)).join("");
console.log(row("compute units", "worst", "median", "least", "ceiling"));
let above = 0;
for (const name of NAMES) {
  const { worst, median, least } = figures[name];
  const ceiling = ceilingOf(name);
  if (ceiling && worst > ceiling) above += 1;
  console.log(row(name, worst, median, least, ceiling ?? "-"));
}
console.log(`${elfBytes} bytes. ${keys} random keys, seed ${options.seed}, ${options.features} `
  + `features.${above ? ` ${above} above the ceiling.` : ""}`);
if (options.json) {
  const worst = Object.fromEntries(NAMES.map((name) => [name, figures[name].worst]));
  console.log(JSON.stringify({ ...worst, elf_bytes: elfBytes }));
}
process.exitCode = above ? 1 : 0;
