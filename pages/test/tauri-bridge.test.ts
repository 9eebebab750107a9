// The window's page may call exactly the commands that its capability names.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import { createTauriBridge } from "../src/tauri-bridge";

const CAPABILITY = join(import.meta.dirname, "../../crates/window/capabilities/own-pages.json");

afterEach(clearMocks);

test("every command is allowed, and no other one is", async () => {
  const called = new Set<string>();
  mockIPC((command) => {
    called.add(command);
  });
  const { onStatus, send, pick, ...simple } = createTauriBridge();
  await send({ op: "status" });
  await pick?.({ kind: "file", title: "File", extensions: [], suggested: null });
  const stop = await onStatus(() => {});
  stop();
  for (const call of Object.values(simple)) await call();

  const { permissions } = JSON.parse(readFileSync(CAPABILITY, "utf8"));
  const own = permissions.filter((one: string) => one.startsWith("allow-"));
  const commands = own.map((one: string) => one.slice("allow-".length).replaceAll("-", "_"));
  const asked = [...called].filter((command) => !command.startsWith("plugin:event|"));
  expect(asked.sort()).toEqual(commands.sort());
});
