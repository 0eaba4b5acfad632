/** What ./dev bench page measures; tools/bench/page.py explains and judges it. */
import { closeBrowser, openBrowser, startWorld, until } from "./support.mjs";
import { walletScript } from "./wallet.mjs";

const rounds = Number(process.argv[2] ?? 5);
const ends = [];
const t = { after: (end) => ends.unshift(end) };
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs in the page before anything of it. */
function observe() {
  globalThis.seen = { lcp: 0, shift: 0, task: 0 };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { globalThis.seen.lcp = entry.startTime; });
  watch("layout-shift", (entry) => {
    if (!entry.hadRecentInput) globalThis.seen.shift += entry.value;
  });
  watch("longtask", (entry) => {
    globalThis.seen.task = Math.max(globalThis.seen.task, entry.duration);
  });
}

async function fresh(browser, world, wallet) {
  const context = await browser.newContext({ baseURL: world.url, reducedMotion: "reduce" });
  await context.addInitScript(observe);
  if (wallet) await context.addInitScript({ content: walletScript(wallet) });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return { context, page, at: (id) => page.getByTestId(id) };
}

/** The first screen, to where its cards and prices are shown and nothing is asked for any more. */
async function firstLoad(browser, world) {
  const { context, page, at } = await fresh(browser, world);
  const wire = await context.newCDPSession(page);
  await wire.send("Network.enable");
  let bytes = 0;
  wire.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  await page.goto("/");
  await at("card").first().waitFor();
  await page.waitForTimeout(1_500);
  const seen = await page.evaluate(() => globalThis.seen);
  await context.close();
  return { bytes, ...seen };
}

/** From the click on an offer to a prompt; the wallet answers at once, and each click counts. */
async function toPrompt(browser, world, wallet, key) {
  const { context, page, at } = await fresh(browser, world, wallet);
  // A visitor who was here before: the key and the wallet are known to the browser.
  await page.goto("/?card=cpu");
  await page.evaluate((line) => localStorage.setItem("obelisk-ssh-key", line), key);
  await at("offer-rent").first().waitFor();
  const begun = Date.now();
  await at("offer-rent").first().click();
  await at("wallet-choose").first().click();
  await until(async () => at("pay").isEnabled());
  await at("pay").click();
  await page.waitForURL(/\/paying\//);
  await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "ready", 60);
  await at("to-lease").first().click();
  await at("terminal-open").click();
  const screen = page.frameLocator('[data-testid="terminal-frame"]').locator(".xterm-rows");
  await until(async () => (await screen.textContent()).includes("#"), 60);
  const took = Date.now() - begun;
  const lease = new URL(page.url()).pathname.split("/").at(-1);
  await context.close();
  await world.call.cli("renter", "stop", lease, "--yes");
  return took;
}

async function byCommand(world) {
  const begun = Date.now();
  const { json } = await world.call.cli("renter", "rent", "cpu", "--minutes", 10, "--disk", "2GB",
    "--ssh-key", await world.call.ssh_key_file(), "--yes");
  await world.call.run("renter", "ssh", json.lease, "--", "true");
  const took = Date.now() - begun;
  await world.call.cli("renter", "stop", json.lease, "--yes");
  return took;
}

const free = (world) => until(async () =>
  (await (await fetch(`${world.url}/v1/offers`)).json()).offers.some((one) => one.count > 0), 60);

try {
  const world = await startWorld(t);
  const browser = await openBrowser();
  const renter = await world.call.wallet("renter");
  const key = await world.call.ssh_key();
  const loads = [];
  const prompts = [];
  const commands = [];
  for (let round = 0; round < rounds; ++round) {
    loads.push(await firstLoad(browser, world));
    await free(world);
    prompts.push(await toPrompt(browser, world, { seed: renter.seed }, key));
    await free(world);
    commands.push(await byCommand(world));
  }
  const of = (name) => median(loads.map((one) => one[name]));
  const figures = {
    first_load_bytes: of("bytes"), lcp_ms: Math.round(of("lcp")),
    layout_shift: Number(of("shift").toFixed(4)), longest_task_ms: Math.round(of("task")),
    click_to_prompt_ms: median(prompts), command_line_ms: median(commands),
  };
  const ratios = { prompt_to_command_line:
    Number((figures.click_to_prompt_ms / figures.command_line_ms).toFixed(2)) };
  console.log(JSON.stringify({ figures, ratios }));
} finally {
  for (const end of ends) await end();
  await closeBrowser();
}
