/** The gateway's notice page, built into a single file beside the window's page. */

import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";
import { sealNotice } from "./build/seal.ts";

export default defineConfig({
  plugins: [viteSingleFile(), sealNotice()],
  build: {
    target: ["es2022", "safari16"],
    modulePreload: { polyfill: false },
    emptyOutDir: false,
    rollupOptions: { input: "notice.html" },
  },
});
