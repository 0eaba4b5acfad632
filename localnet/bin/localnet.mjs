#!/usr/bin/env node
/** The command: flags, the ready line, signals, exit codes. */
import { parseArgs } from "node:util";
import { rmSync } from "node:fs";
import { StateError, writeAtomically } from "../lib/state_dir.mjs";

const kUsage = 2;
const kMissing = 8;
const kPortMax = 65_535;
const kNodesMax = 8;
const kNodeMajor = 20;
const kNodeMinor = 18;
const kHelp = `A local Solana network: the real virtual machine behind JSON-RPC and WebSocket.

  node localnet/bin/localnet.mjs --state DIR [flags]

  --state DIR        where the chain lives; it is made where it is missing, and carried on if not
  --port N           HTTP port on 127.0.0.1 (8899); 0 takes any that is free
  --ws-port N        WebSocket port (8900); 0 takes any that is free
  --nodes N          RPC nodes over the one chain (1 to 8); each has ports of its own: the first's
                     plus 2 a node, or --port and --ws-port name one a node, with commas
  --ready-file FILE  gets the same line as stdout, once the network answers
  --slot-ms N        length of a slot for a new chain (200)
  --features SET     mainnet or all, for a new chain (mainnet)
  --rent N           lamports of rent per byte, for a new chain (the machine's own: 6960)
  --help, --version

It prints one line, {"rpc":"http://127.0.0.1:N","ws":"ws://127.0.0.1:M"}, and runs until SIGINT or
SIGTERM. With several nodes the line has "nodes", too: a list of the same. Exit codes: 0 stopped,
1 a bug, 2 wrong usage, 8 a port is taken or the state unusable.

Examples
  node localnet/bin/localnet.mjs --state .state/chain --port 0 --ws-port 0
  node localnet/bin/localnet.mjs --state /tmp/fast --slot-ms 20 --features all
  node localnet/bin/localnet.mjs --state /tmp/two --nodes 2 --port 0 --ws-port 0
`;

const kOptions = {
  state: { type: "string" },
  port: { type: "string", default: "8899" },
  "ws-port": { type: "string", default: "8900" },
  nodes: { type: "string", default: "1" },
  "ready-file": { type: "string" },
  "slot-ms": { type: "string" },
  features: { type: "string" },
  rent: { type: "string" },
  help: { type: "boolean" },
  version: { type: "boolean" },
};

function fail(code, message) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function wholeNumber(text, flag, min, max) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    fail(kUsage, `${flag} must be a whole number from ${min} to ${max}, not ${text}.`);
  }
  return value;
}

/** One port, or one a node with commas between them. */
function portList(text, flag, nodes) {
  const ports = text.split(",").map((part) => wholeNumber(part, flag, 0, kPortMax));
  if (ports.length !== 1 && ports.length !== nodes) {
    fail(kUsage, `${flag} names ${ports.length} ports for ${nodes} nodes; name one, or one each.`);
  }
  const last = ports.length === 1 && ports[0] !== 0 ? ports[0] + 2 * (nodes - 1) : 0;
  if (last > kPortMax) fail(kUsage, `${flag} leaves no ports for ${nodes} nodes above ${text}.`);
  return ports;
}

function readFlags() {
  let values;
  try {
    ({ values } = parseArgs({ options: kOptions }));
  } catch (error) {
    fail(kUsage, `${error.message}\nSee --help.`);
  }
  if (values.help) {
    process.stdout.write(kHelp);
    process.exit(0);
  }
  if (values.version) {
    process.stdout.write("localnet 0.1.0\n");
    process.exit(0);
  }
  if (!values.state) fail(kUsage, "--state DIR is missing: it says where the chain lives.");
  if (values.features !== undefined && !["mainnet", "all"].includes(values.features)) {
    fail(kUsage, `--features must be mainnet or all, not ${values.features}.`);
  }
  const nodes = wholeNumber(values.nodes, "--nodes", 1, kNodesMax);
  const rent = wholeNumber(values.rent, "--rent", 1, 1_000_000);
  return {
    state: values.state,
    nodes,
    ports: portList(values.port, "--port", nodes),
    wsPorts: portList(values["ws-port"], "--ws-port", nodes),
    slotMs: wholeNumber(values["slot-ms"], "--slot-ms", 1, 60_000),
    features: values.features,
    rentLamportsPerByte: rent === undefined ? undefined : BigInt(rent),
    readyFile: values["ready-file"],
  };
}

/** The machine is a native module for newer releases; an older one fails in ways hard to read. */
function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > kNodeMajor || (major === kNodeMajor && minor >= kNodeMinor)) return;
  fail(kMissing, `This is Node ${process.versions.node}; localnet needs ${kNodeMajor}.`
    + `${kNodeMinor} or newer. Nothing was started.`);
}

/** What `start` needs is loaded after the flags are known to be right: it takes its time. */
async function load() {
  try {
    return await import("../lib/localnet.mjs");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return fail(kMissing, "A package is missing. Run \"npm ci\" in localnet. Nothing was started.");
  }
}

async function main() {
  const { readyFile, ...options } = readFlags();
  checkNode();
  if (readyFile !== undefined) rmSync(readyFile, { force: true });
  const report = (error) => {
    if (error instanceof StateError) fail(kMissing, error.message);
    process.stderr.write(`bug: ${error.stack}\n`);
  };
  const { startLocalnet } = await load();
  const net = await startLocalnet({ ...options, report });
  let stopping = false;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    if (readyFile !== undefined) rmSync(readyFile, { force: true });
    await net.stop();
    process.exit(0);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  const [first] = net.nodes;
  const several = net.nodes.length > 1 ? { nodes: net.nodes } : {};
  const line = `${JSON.stringify({ ...first, ...several })}\n`;
  if (readyFile !== undefined) writeAtomically(readyFile, line);
  process.stdout.write(line);
}

main().catch((error) => {
  const expected = error instanceof StateError;
  fail(expected ? kMissing : 1, expected ? error.message : `bug: ${error.stack}`);
});
