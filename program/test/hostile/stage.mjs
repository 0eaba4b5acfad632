// What the hostile suite plays on: one world with two markets, each with its own parties, and a
// lease in every state. All leases open in one slot, so that nothing but the thing bent tells them
// apart.
import { kit } from "../../client/deps.mjs";
import * as obelisk from "../../client/obelisk.mjs";
import { moreWallets, SOL, START, wallets, World } from "../harness.mjs";

const SECOND = { renter: "renter2", host: "host2", operator: "operator2", treasury: "treasury2",
  attestor: "attestor2" };
const STRANGERS = ["strange0", "strange1", "strange2", "strange3", "strange4"];
await moreWallets(...Object.values(SECOND), "operator3", ...STRANGERS);

export const TIME = {
  opened: START,
  late: START + 61n, // the host was not ready in time
  contested: START + 400n, // stopped_at of the closing lease, 400 s after its last proof
  running: START + 500n,
  over: START + 3605n, // past the end of what was bought
  windowOver: START + 400n + 21_601n,
};

const addressOf = (number) => kit.getAddressDecoder().decode(
  Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? number >> (8 * i) : 0xa5)));

export class Stage {
  static async make(features) {
    const stage = new Stage(await World.make(features));
    const { world } = stage;
    for (const name of [...Object.values(SECOND), "operator3", ...STRANGERS]) {
      world.fund(name, 100n * SOL);
    }
    await stage.secondMarket();
    const [funded, active, closing] = [await stage.open(), await stage.open(), await stage.open()];
    const foreign = { funded: await stage.open(SECOND), active: await stage.open(SECOND) };
    for (const lease of [active, closing, foreign.active]) {
      await world.good(world.call("ready", lease));
    }
    stage.leases = { funded, active, closing };
    stage.foreign = { ...foreign, closing: foreign.active };
    stage.closed = await stage.open();
    await world.good(world.call("cancel", stage.closed, { renterSigns: true }));
    world.setTime(TIME.contested);
    await world.good(world.call("stop", closing, { how: obelisk.HOW.dispute }));
    return stage;
  }

  constructor(world) {
    this.world = world;
    this.made = 0;
  }

  async secondMarket() {
    const { world } = this;
    const operator = wallets.operator2.address;
    const [market, bump] = await obelisk.findMarket(world.program, operator);
    this.market2 = market;
    await world.good(obelisk.createMarket({
      program: world.program, operator, market, bump, treasury: wallets.treasury2.address,
      terms: { ...world.terms, feeBps: 1000, attestor: wallets.attestor2.address },
    }));
  }

  async open(second) {
    const purchase = await this.world.purchase(second && {
      renter: wallets[second.renter].address, host: wallets[second.host].address,
      market: this.market2,
    });
    await this.world.good(obelisk.open(purchase));
    return purchase.lease;
  }

  stranger(index) { return wallets[STRANGERS[index]].address; }

  // An account that no transaction could make: these bytes, of this owner, at its own address.
  imitate(data, owner = this.world.program) {
    this.made += 1;
    const address = addressOf(this.made);
    this.world.svm.setAccount({ address, data: Uint8Array.from(data), programAddress: owner,
      lamports: 50_000_000n, executable: false, space: BigInt(data.length) });
    return address;
  }
  dataOf(address) { return Uint8Array.from(this.world.svm.getAccount(address).data); }
}
