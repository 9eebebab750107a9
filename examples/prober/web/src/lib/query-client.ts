import { QueryClient } from "@tanstack/react-query";
import { ApiError, ConnectionError } from "@/lib/errors";

/** Retries what a broken connection stopped, for as long as it takes, and little else. */
export function shouldRetry(failures: number, error: Error): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && error.status >= 500 && failures < 2;
}

function retryDelay(failures: number): number {
  return Math.min(250 * 2 ** failures, 4000);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: shouldRetry, retryDelay, staleTime: 10_000, refetchOnWindowFocus: true },
      mutations: {
        // A change the server may already have made is repeated only when the connection failed.
        retry: (_failures, error) => error instanceof ConnectionError,
        retryDelay,
      },
    },
  });
}
