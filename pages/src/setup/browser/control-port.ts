/** Requests to the app's control port, which serves this page. */

/** Returns the response's JSON, or null when the control port does not know the token or key. */
export async function post<T>(path: string, body: unknown, key: string | null): Promise<T | null> {
  const response = await fetch(path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The control port responded with ${response.status}`);
  return (await response.json()) as T;
}
