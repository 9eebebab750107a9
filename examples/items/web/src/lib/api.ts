import { client } from "@/client/client.gen";
import { sessionToken } from "@/features/session/token";
import { connection, reportAway, reportHere } from "@/lib/connection";
import { ApiError, ConnectionError, isAway } from "@/lib/errors";

const loginPath = "/login/access-token";

/** Called when the server no longer accepts the token. */
let onSessionLost: () => void = () => {};

/** Teaches the generated client who is signed in, and what its failures mean. */
export function setUpApi(sessionLost: () => void): void {
  onSessionLost = sessionLost;
  client.setConfig({
    throwOnError: true,
    auth: () => sessionToken.get() ?? undefined,
    fetch: (input, init) => send(new Request(input, init)),
  });
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
  const sentWith = request.headers.get("authorization");
  const response = await fetch(request).catch((error: unknown) => {
    if (request.signal.aborted) throw error;
    return null;
  });
  if (!response || isAway(response.status)) {
    reportAway();
    throw new ConnectionError();
  }
  if (connection.get() === "away") reportHere();
  if (response.status === 401 && !request.url.includes(loginPath)) endSession(sentWith);
  return response;
}

/** Forgets the token, unless a newer one has taken its place since the request was sent. */
function endSession(sentWith: string | null): void {
  const current = sessionToken.get();
  if (current && sentWith !== `Bearer ${current}`) return;
  sessionToken.clear();
  onSessionLost();
}
