import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

const api: ProxyOptions = {
  target: process.env.API_URL ?? "http://127.0.0.1:8000",
  ws: true,
  // Says, as Ensconce does, that the server is away, so that the pages wait for it.
  configure: (proxy) =>
    proxy.on("error", (_error, _request, response) => {
      if ("writeHead" in response && !response.headersSent) response.writeHead(503).end();
    }),
};

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
    proxy: { "/api": api },
  },
  preview: {
    host: "127.0.0.1",
    proxy: { "/api": api },
  },
  build: {
    outDir: "dist",
    target: "es2022",
    sourcemap: false,
  },
});
