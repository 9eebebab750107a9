import { useQuery } from "@tanstack/react-query";
import { FileAudio, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { sourceQuery, useTakeFileOut } from "@/features/source/source-queries";

/** The files that are listened to, one after the other. */
export function FileQueue() {
  const { data: source } = useQuery(sourceQuery);
  const { mutate } = useTakeFileOut();
  if (!source?.queue.length) return null;

  return (
    <ul aria-label="Files to listen to" className="flex flex-wrap gap-2">
      {source.queue.map((file, index) => (
        <li
          key={file.id}
          data-testid="queued-file"
          className="flex h-8 max-w-full items-center gap-2 rounded-full border bg-card pr-1 pl-3 text-[0.8125rem]"
        >
          <FileAudio
            className={index === 0 ? "size-3.5 text-primary" : "size-3.5 text-muted-foreground"}
            aria-hidden
          />
          <span className="truncate">{file.name}</span>
          <Button
            variant="ghost"
            size="icon-sm"
            className="size-6 rounded-full text-muted-foreground"
            aria-label={`Do not listen to “${file.name}”`}
            onClick={() => mutate(file.id)}
          >
            <X />
          </Button>
        </li>
      ))}
    </ul>
  );
}
