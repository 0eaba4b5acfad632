// Builds the page into static files with hashed names: build/web, which obelisk-market embeds.
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: {
      // The program's client lies outside of this folder, where no module would be found.
      "@obelisk/client": here("../program/client/obelisk.ts"),
      // The program's client names it so; in Node it would look beside localnet.
      "#kit": here("./node_modules/@solana/kit"),
      "@solana/kit": here("./node_modules/@solana/kit"),
    },
  },
  build: {
    outDir: here("../build/web"),
    emptyOutDir: true,
    target: "es2022",
    // Nothing inline: the policy of the page allows no data in styles and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: here("./index.html"), terminal: here("./terminal.html") } },
  },
  test: { include: ["src/**/*_test.ts"] },
  // For working on the page: OBELISK_MARKET is the market of a ./run that is up.
  server: {
    host: "127.0.0.1",
    fs: { allow: [here("."), here("../program/client")] },
    proxy: Object.fromEntries(
      ["/v1", "/openapi.json"].map((path) => [
        path,
        {
          target: process.env.OBELISK_MARKET ?? "http://127.0.0.1:8080",
          changeOrigin: false,
        },
      ]),
    ),
  },
});
