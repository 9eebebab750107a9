/** Set-up and Settings for a browser, built into a single file beside the window's page. */

import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";
import { sealSetup } from "./build/seal.ts";

export default defineConfig({
  plugins: [viteSingleFile(), sealSetup()],
  build: {
    target: ["es2022", "safari16"],
    modulePreload: { polyfill: false },
    emptyOutDir: false,
    rollupOptions: { input: "setup.html" },
  },
});
