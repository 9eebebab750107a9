import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { type SourcePublic, sourceAddFile, sourceDeleteFile, sourceRead, sourceUpdate } from "@/client";
import { data } from "@/lib/api";
import { messageOf } from "@/lib/errors";

const sourceKey = ["source"];

/** What the recorder is to listen to. */
export const sourceQuery = queryOptions({
  queryKey: sourceKey,
  queryFn: ({ signal }) => data(sourceRead({ signal, throwOnError: true })),
});

export function useSwitchMicrophone() {
  return useSourceChange((microphone: boolean) => sourceUpdate({ body: { microphone }, throwOnError: true }));
}

export function useListenToFile() {
  return useSourceChange((file: File) => sourceAddFile({ body: { file }, throwOnError: true }));
}

export function useTakeFileOut() {
  return useSourceChange((id: number) => sourceDeleteFile({ path: { id }, throwOnError: true }));
}

function useSourceChange<Given>(change: (given: Given) => Promise<{ data: SourcePublic }>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (given: Given) => data(change(given)),
    onSuccess: (source) => queryClient.setQueryData(sourceKey, source),
    onError: (error) => toast.error(messageOf(error)),
  });
}
