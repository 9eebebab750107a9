/** Shows set-up and Settings on a sample, and does what a person would. */

import { fireEvent, render, screen } from "@testing-library/preact";
import { act } from "preact/test-utils";
import type { AppRequest, SetupDescription } from "../../src/protocol";
import { createSampleBridge, type SampleBridge } from "../../src/sample-bridge";
import type { SetupSampleName } from "../../src/setup/samples";
import { Setup } from "../../src/setup/setup";

export async function show(
  name: SetupSampleName,
  change: (bridge: SampleBridge) => void = () => {},
) {
  const bridge = createSampleBridge(name);
  change(bridge);
  const view = render(<Setup bridge={bridge} />);
  await settle();
  return { bridge, ...view };
}

/** Shows a sample, and goes past the welcome. */
export async function begin(
  name: SetupSampleName,
  change: (bridge: SampleBridge) => void = () => {},
) {
  const shown = await show(name, change);
  await click("Start");
  return shown;
}

/** Lets everything that is asked be answered. */
export async function settle() {
  for (let turn = 0; turn < 6; turn += 1) {
    await act(() => new Promise((resolve) => setTimeout(resolve, 1)));
  }
}

export async function click(name: string | RegExp) {
  fireEvent.click(button(name));
  await settle();
}

export function button(name: string | RegExp): HTMLButtonElement {
  return screen.getByRole("button", { name });
}

export function control(label: string | RegExp): HTMLInputElement {
  return screen.getByLabelText(label);
}

export async function type(label: string | RegExp, text: string) {
  await act(() => {
    control(label).focus();
    fireEvent.input(control(label), { target: { value: text } });
  });
}

export async function choose(label: string | RegExp) {
  fireEvent.click(control(label));
  await settle();
}

export async function leave(label: string | RegExp) {
  fireEvent.blur(control(label));
  await settle();
}

export async function paste(label: string | RegExp, text: string) {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => text } });
  control(label).dispatchEvent(event);
  // What a browser does when nobody objects.
  if (!event.defaultPrevented) await type(label, control(label).value + text.replace(/\n/g, ""));
  await settle();
}

export function heading(): string | null {
  return screen.getByRole("heading", { level: 1 }).textContent;
}

/** What stands at the page's own status, or its sections' when there are several. */
export function statuses(): string {
  return screen
    .getAllByRole("status")
    .map((status) => status.textContent)
    .filter(Boolean)
    .join(" | ");
}

/** All that a field says about itself. */
export function description(label: string | RegExp): string {
  const ids = control(label).getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(" ");
}

export function asked(bridge: SampleBridge, op: AppRequest["op"]): AppRequest[] {
  return bridge.requests.filter((request) => request.op === op);
}

/** Describes the sample otherwise. */
export function described(change: (description: SetupDescription) => SetupDescription) {
  return (bridge: SampleBridge) => {
    const { send } = bridge;
    bridge.send = (async (request: AppRequest) => {
      const answer = await send(request);
      return request.op === "describe" ? change(answer as SetupDescription) : answer;
    }) as SampleBridge["send"];
  };
}
