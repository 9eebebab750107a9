import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { type BodyTracksAdd, tracksAdd, tracksDelete, tracksList, tracksUpdate } from "@/client";
import { data } from "@/lib/api";
import { messageOf } from "@/lib/errors";

const tracksKey = ["tracks"];

/** Everything that can be recognised. */
export const tracksQuery = queryOptions({
  queryKey: tracksKey,
  queryFn: ({ signal }) => data(tracksList({ signal, throwOnError: true })),
});

export function useAddTrack() {
  return useLibraryChange((body: BodyTracksAdd) => data(tracksAdd({ body, throwOnError: true })));
}

export function useNameTrack(id: number) {
  return useLibraryChange((body: { title: string; artist: string }) =>
    data(tracksUpdate({ path: { id }, body, throwOnError: true })),
  );
}

export function useForgetTrack() {
  const change = useLibraryChange((id: number) => data(tracksDelete({ path: { id }, throwOnError: true })));
  return (id: number) => change.mutate(id, { onError: (error) => toast.error(messageOf(error)) });
}

function useLibraryChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([tracksKey, ["history"]].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}
