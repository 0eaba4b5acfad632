/**
 * Every kind of fault: on what occasion it may strike and which options it takes. Their names are
 * a promise (docs/contract.md). A new kind is a row here and its deed in the file of its family.
 */
import { kLagLimit } from "../node.mjs";
import { choice, flag, integer } from "../rpc/params.mjs";
import { kFrameVariants, kShapeVariants, kWrongVariants } from "./bad_json.mjs";

const kMaxMs = 600_000;
const kMaxSlots = 300;
const kMaxRollback = 32;
const kMaxStepS = 10 * 365 * 86_400;
const kMaxRetryAfterS = 3600;
export const kHugeBytes = 64 << 20;

/** @typedef {(value: any, name: string) => any} Reader */

/** @returns {Reader} */
const whole = (min, max, fallback) => (value, name) => integer(value, { name, min, max, fallback });
/** @returns {Reader} */
const among = (values, fallback) => (value, name) => choice(value, values, name, fallback);

const kRetryForms = ["seconds", "date", "none"];

/** A status in the place of the answer; `after`: the request was carried out all the same. */
const status = (form) => ({
  on: "request",
  options: {
    after: flag, retry_after: among(kRetryForms, form), seconds: whole(0, kMaxRetryAfterS, 1),
  },
});

/**
 * `on` is what happens when the fault may strike: a transaction is sent ("send"), a slot begins
 * ("slot"), an HTTP request is answered ("request"), a socket opens ("socket"), a frame goes out on
 * one ("frame"); "node" is a state that a node is put into.
 * @type {Record<string, {on: string, options: Record<string, Reader>}>}
 */
export const kKinds = Object.freeze({
  drop: { on: "send", options: {} },
  delay: { on: "send", options: { slots: whole(1, kMaxSlots, 2) } },
  duplicate: { on: "send", options: { slots: whole(0, kMaxSlots, 0) } },
  reorder: { on: "send", options: {} },
  rollback: {
    on: "slot",
    options: { slots: whole(1, kMaxRollback, 1), again: among(["none", "some", "all"], "none") },
  },
  expire: { on: "slot", options: {} },
  clock: { on: "slot", options: { seconds: whole(-kMaxStepS, kMaxStepS) } },
  lag: { on: "node", options: { slots: whole(0, kLagLimit) } },
  http_slow: { on: "request", options: { ms: whole(0, kMaxMs, 1000), after: flag } },
  http_reset: { on: "request", options: { after: flag } },
  http_403: status("none"),
  http_429: status("seconds"),
  http_500: status("none"),
  http_502: status("none"),
  http_503: status("none"),
  http_cut: { on: "request", options: {} },
  json_wrong: { on: "request", options: { variant: among(kWrongVariants) } },
  json_shape: { on: "request", options: { variant: among(kShapeVariants) } },
  json_huge: { on: "request", options: { bytes: whole(1, kHugeBytes, kHugeBytes) } },
  ws_refuse: { on: "socket", options: {} },
  ws_cut: { on: "frame", options: {} },
  ws_stall: { on: "frame", options: { ms: whole(0, kMaxMs, 0) } },
  ws_mute: { on: "frame", options: {} },
  ws_wrong: { on: "frame", options: { variant: among(kFrameVariants) } },
});

/** These need no occasion: without a rate they strike at once, one time. */
export const kActs = Object.freeze(["rollback", "expire", "clock", "ws_cut", "ws_stall"]);
