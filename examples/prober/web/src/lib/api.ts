import { client } from "@/client/client.gen";
import { connection, reportAway, reportHere } from "@/lib/connection";
import { ApiError, ConnectionError, isAway } from "@/lib/errors";

/** Teaches the generated client what its failures mean. */
export function setUpApi(): void {
  client.setConfig({ throwOnError: true, fetch: (input, init) => send(new Request(input, init)) });
  client.interceptors.error.clear();
  client.interceptors.error.use((error, response) =>
    // Without a response it was `send` that threw, and that is already told apart.
    response ? new ApiError(response.status, error) : error,
  );
}

/** Unwraps what a call of the generated client answered. */
export async function data<Data>(answer: Promise<{ data: Data }>): Promise<Data> {
  return (await answer).data;
}

async function send(request: Request): Promise<Response> {
  const response = await fetch(request).catch((error: unknown) => {
    if (request.signal.aborted) throw error;
    return null;
  });
  if (!response || isAway(response.status)) {
    reportAway();
    throw new ConnectionError();
  }
  if (connection.get() === "away") reportHere();
  return response;
}
