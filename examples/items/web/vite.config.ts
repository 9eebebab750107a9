import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const apiUrl = process.env.API_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      codeSplittingOptions: {
        // The start page travels with the entry: a second round trip would only delay it.
        splitBehavior: ({ routeId }) => (routeId === "/_app" || routeId === "/_app/" ? [] : undefined),
      },
    }),
    react(),
    tailwindcss(),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: apiUrl } },
  },
  preview: {
    host: "127.0.0.1",
    proxy: { "/api": { target: apiUrl } },
  },
  build: {
    outDir: "dist",
    target: "es2022",
    sourcemap: false,
  },
});
