/** The window's page, and development of both. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses work wherever the shell serves the folder from.
  base: "./",
  build: {
    target: ["es2022", "safari16"],
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.{ts,tsx}"],
  },
});
