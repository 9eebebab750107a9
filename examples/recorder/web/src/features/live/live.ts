import type { LiveState } from "@/client";
import { Observable } from "@/lib/observable";

/** How loud it is, in decibels below full scale; bands from low to high. */
export type Levels = { rms: number; peak: number; bands: number[] };

/** What the server tells of its own accord. */
export type LiveMessage =
  | { kind: "levels"; levels: Levels }
  | { kind: "changed"; what: string }
  | { kind: "state"; state: LiveState };

/** The quietest that is told. */
export const quietest = -80;

/** How the recorder and the other processes are; nothing until the server has said so. */
export const liveState = new Observable<LiveState | null>(null);

/** The levels of this moment; nothing while none come. */
export const levels = new Observable<Levels | null>(null);
