import { Observable, useObservable } from "@/lib/observable";
import { storage } from "@/lib/storage";

export const themes = ["light", "dark", "system"] as const;
export type Theme = (typeof themes)[number];

/** Also read by public/theme.js, before the first paint. */
const key = "prober:theme";

const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

const chosen = new Observable<Theme>(read());
const resolved = new Observable<"light" | "dark">(resolve());

function read(): Theme {
  const stored = storage.get(key);
  return themes.find((theme) => theme === stored) ?? "system";
}

function resolve(): "light" | "dark" {
  const theme = chosen.get();
  if (theme !== "system") return theme;
  return darkSystem.matches ? "dark" : "light";
}

function apply(): void {
  resolved.set(resolve());
  document.documentElement.classList.toggle("dark", resolved.get() === "dark");
}

darkSystem.addEventListener("change", apply);

export function setTheme(theme: Theme): void {
  storage.set(key, theme);
  chosen.set(theme);
  apply();
}

export function useTheme() {
  return { theme: useObservable(chosen), resolved: useObservable(resolved) };
}
