import { Observable } from "@/lib/observable";
import { storage } from "@/lib/storage";

const key = "items:token";

const token = new Observable<string | null>(storage.get(key));

/** The proof that somebody signed in; kept over restarts. */
export const sessionToken = {
  get: token.get,

  set(value: string): void {
    storage.set(key, value);
    token.set(value);
  },

  clear(): void {
    storage.remove(key);
    token.set(null);
  },
};
