/**
 * The whole local network: builds the parts, keeps the slots going, and takes it all down again.
 */
import { createServer } from "node:http";
import { Faults } from "./faults.mjs";
import { createHttp } from "./http.mjs";
import { Journal } from "./journal.mjs";
import { Ledger } from "./ledger.mjs";
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
 * @param {{state: string, port: number, wsPort: number, slotMs?: number, features?: string,
 *   rentLamportsPerByte?: bigint, report: (error: Error) => void}} options
 * @returns {Promise<{rpc: string, ws: string, stop: () => Promise<void>}>}
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
    const endpoints = await serve(ledger, options, undo);
    undo.push(keepSlots(ledger));
    return { ...endpoints, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serve(ledger, { port, wsPort, report }, undo) {
  const faults = new Faults();
  const subscriptions = new Subscriptions(ledger);
  const methods = {
    ...blockMethods(ledger),
    ...accountMethods(ledger),
    ...transactionMethods(ledger, faults, (signature) => subscriptions.received(signature)),
    ...localMethods(ledger, faults),
  };
  const http = createHttp({ ledger, faults, dispatcher: new Dispatcher(methods, report) });
  const rpcPort = await listen(http, port, "--port");
  undo.push(() => close(http));
  const wsHttp = createServer((_, response) => response.writeHead(426).end());
  const sockets = createWebSocket({
    server: wsHttp, ledger, subscriptions,
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
