/**
 * Faults of one WebSocket: cut, stalled, mute, or telling nonsense. All that the server sends goes
 * through a Line; without a fault it goes straight on. What a stalled line holds is bounded.
 */
import { wrongFrame } from "./bad_json.mjs";

/** @typedef {import("./faults.mjs").Faults} Faults */

export class Line {
  #socket;
  #faults;
  #node;
  #bufferLimit;
  /** What a stall holds back, or null where nothing is held. @type {(() => void)[]|null} */
  #held = null;
  #heldBytes = 0;
  #timer;

  /**
   * @param {import("ws").WebSocket} socket
   * @param {{faults: Faults, node: number, bufferLimit: number}} options
   */
  constructor(socket, { faults, node, bufferLimit }) {
    this.#socket = socket;
    this.#faults = faults;
    this.#node = node;
    this.#bufferLimit = bufferLimit;
  }

  /** Sends an answer to a request for these methods. */
  answer(text, names) {
    this.#frame(text, { node: this.#node, names });
  }

  /** Sends a notification of a subscription that this method made. */
  notify(text, method) {
    const where = { node: this.#node, names: [method] };
    if (this.#faults.strikes("ws_mute", where) !== null) return;
    const wrong = this.#faults.strikes("ws_wrong", where);
    this.#frame(wrong === null ? text : wrongFrame(wrong, text), where);
  }

  pong(data) {
    this.#out(() => this.#socket.pong(data), data.length);
  }

  #frame(text, where) {
    if (this.#faults.strikes("ws_cut", where) !== null) {
      this.cut();
      return;
    }
    const stall = this.#faults.strikes("ws_stall", where);
    if (stall !== null) this.stall(stall.options.ms);
    this.#out(() => this.#socket.send(text, { binary: false }), text.length);
  }

  #out(send, bytes) {
    if (this.#held === null) {
      send();
      if (this.#socket.bufferedAmount > this.#bufferLimit) this.cut();
      return;
    }
    this.#held.push(send);
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.#bufferLimit) this.cut();
  }

  /** The connection is gone, without a goodbye. */
  cut() {
    clearTimeout(this.#timer);
    this.#socket.terminate();
  }

  /** Nothing goes out for so long; with 0 until `flow`. The connection stays open. */
  stall(ms) {
    this.#held ??= [];
    clearTimeout(this.#timer);
    if (ms > 0) this.#timer = setTimeout(() => this.flow(), ms);
  }

  /** Ends a stall: what was held goes out, in order. */
  flow() {
    clearTimeout(this.#timer);
    const held = this.#held ?? [];
    this.#held = null;
    this.#heldBytes = 0;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    for (const send of held) send();
    if (this.#socket.bufferedAmount > this.#bufferLimit) this.cut();
  }

  end() {
    clearTimeout(this.#timer);
    this.#held = null;
  }
}
