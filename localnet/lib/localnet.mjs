/**
 * The whole local network: builds the parts, keeps the slots going, and takes it all down again.
 */
import { createServer } from "node:http";
import { ChainFaults } from "./faults/chain.mjs";
import { Delivery } from "./faults/delivery.mjs";
import { Faults } from "./faults/faults.mjs";
import { HttpFaults } from "./faults/http.mjs";
import { createHttp } from "./http.mjs";
import { Journal } from "./journal.mjs";
import { Ledger } from "./ledger.mjs";
import { Node } from "./node.mjs";
import { accountMethods } from "./rpc/accounts.mjs";
import { blockMethods } from "./rpc/blocks.mjs";
import { Dispatcher } from "./rpc/dispatch.mjs";
import { localMethods } from "./rpc/local.mjs";
import { transactionMethods } from "./rpc/transactions.mjs";
import { StateDir, StateError } from "./state_dir.mjs";
import { Subscriptions } from "./subscriptions.mjs";
import { createWebSocket } from "./websocket.mjs";

const kHost = "127.0.0.1";

function listen(server, port, flag) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new StateError(error.code === "EADDRINUSE"
        ? `Port ${port} is taken. Choose another with ${flag}, or 0 for any that is free. Nothing `
          + "was started."
        : `Port ${port} cannot be opened: ${error.code}. Nothing was started.`));
    });
    server.listen(port, kHost, () => resolve(server.address().port));
  });
}

/** Wakes the ledger at every slot; a late wake catches up by itself. */
function keepSlots(ledger) {
  let timer;
  const next = () => {
    timer = setTimeout(() => {
      ledger.advance();
      next();
    }, Math.max(1, Math.ceil(ledger.msToNextSlot())));
  };
  next();
  return () => clearTimeout(timer);
}

/**
 * One port a node: as given, or counted on from the first by two, because the other kind of port
 * lies in between; 0 is any that is free.
 */
export function portOf(ports, number) {
  if (number < ports.length) return ports[number];
  return ports[0] === 0 ? 0 : ports[0] + 2 * number;
}

/**
 * @param {{state: string, ports: number[], wsPorts: number[], nodes?: number, slotMs?: number,
 *   features?: string, rentLamportsPerByte?: bigint, report: (error: Error) => void}} options
 * @returns {Promise<{nodes: {rpc: string, ws: string}[], stop: () => Promise<void>}>}
 */
export async function startLocalnet(options) {
  const dir = new StateDir(options.state);
  dir.open();
  const undo = [() => dir.close()];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const chain = dir.chain({ ...options, nowMs: Date.now() });
    const ledger = new Ledger({
      chain, journal: new Journal(dir.journalPath), report: options.report,
    });
    undo.push(() => ledger.close());
    const nodes = await serveAll(ledger, options, undo);
    undo.push(keepSlots(ledger));
    return { nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Puts the parts that all nodes share together, and opens every node. */
async function serveAll(ledger, { nodes: count = 1, ports, wsPorts, report }, undo) {
  const faults = new Faults();
  const delivery = new Delivery(ledger, faults);
  const nodes = Array.from({ length: count }, (_, number) => new Node(ledger, number));
  const shared = { ledger, nodes, faults, delivery, report };
  new ChainFaults(ledger, faults, delivery).watch();
  const endpoints = [];
  for (const node of nodes) {
    letLag(node, faults);
    endpoints.push(await serve(node, shared, {
      port: portOf(ports, node.number), wsPort: portOf(wsPorts, node.number),
    }, undo));
  }
  return endpoints;
}

function letLag(node, faults) {
  faults.onAct("lag", (fault) => {
    if (fault.node !== null && fault.node !== node.number) return 0;
    node.lagBy(fault.options.slots);
    return 1;
  });
  faults.on("cleared", (kind) => {
    if (kind === null) node.lagBy(0);
  });
}

async function serve(node, shared, { port, wsPort }, undo) {
  const { faults, delivery, report } = shared;
  const subscriptions = new Subscriptions(node);
  const methods = {
    ...blockMethods(node),
    ...accountMethods(node),
    ...transactionMethods(node, (transaction) => {
      subscriptions.received(transaction.signature);
      delivery.send(transaction, node.number);
    }),
    ...localMethods(shared),
  };
  const http = createHttp({
    ledger: node, faults: new HttpFaults(faults, node.number),
    dispatcher: new Dispatcher(methods, report),
  });
  const rpcPort = await listen(http, port, "--port");
  undo.push(() => close(http));
  const wsHttp = createServer((_, response) => response.writeHead(426).end());
  const sockets = createWebSocket({
    server: wsHttp, ledger: node, faults, subscriptions,
    dispatcher: new Dispatcher(subscriptions.methods(), report),
  });
  const socketPort = await listen(wsHttp, wsPort, "--ws-port");
  undo.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    return close(wsHttp);
  });
  return { rpc: `http://${kHost}:${rpcPort}`, ws: `ws://${kHost}:${socketPort}` };
}

function close(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
