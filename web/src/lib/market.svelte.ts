// What the market runs on: asked once, and again where it did not answer.
import { get, type MarketInfo } from "./api.ts";

let info = $state.raw<MarketInfo | undefined>();
let asked: Promise<MarketInfo> | undefined;

// For templates: undefined until it is known.
export function marketInfo(): MarketInfo | undefined {
  return info;
}

export function askMarket(): Promise<MarketInfo> {
  asked ??= get<MarketInfo>("/v1/market")
    .then((answer) => (info = answer))
    .catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
  return asked;
}
