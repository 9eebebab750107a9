import { useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { toast } from "sonner";
import { type ProcessPublic, processesRestartRecorder } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { liveState } from "@/features/live/live";
import { processTitle, processWords } from "@/features/processes/process-words";
import { data } from "@/lib/api";
import { cn } from "@/lib/class-names";
import { connection } from "@/lib/connection";
import { messageOf } from "@/lib/errors";
import { useObservable } from "@/lib/observable";

const dots: Readonly<Record<ProcessPublic["status"], string>> = {
  running: "bg-primary",
  done: "bg-muted-foreground/50",
  starting: "bg-warning animate-pulse",
  away: "bg-destructive",
};

/** How each process of the app is. */
export function ProcessesCard() {
  const state = useObservable(liveState);
  const away = useObservable(connection) === "away";

  return (
    <Card aria-labelledby="processes" className="flex flex-col p-5">
      <h2 id="processes" className="pb-2 font-semibold">
        Processes
      </h2>
      <ul className="divide-y">
        {state ? (
          state.processes.map((process) => (
            // Who tells how the others are is the server; while it is away, that is all one knows.
            <Row key={process.name} process={away && process.name === "api" ? gone(process) : process} />
          ))
        ) : (
          <Waiting />
        )}
      </ul>
      {state?.restart_available ? <RestartButton /> : null}
    </Card>
  );
}

function Row({ process }: { process: ProcessPublic }) {
  return (
    <li
      data-testid="process-row"
      data-name={process.name}
      data-status={process.status}
      className="flex items-center gap-2.5 py-2.5 text-[0.8125rem]"
    >
      <span aria-hidden className={cn("size-2 shrink-0 rounded-full", dots[process.status])} />
      <span className="min-w-0 flex-1 truncate font-medium">{processTitle(process)}</span>
      <span className="text-muted-foreground">{processWords(process)}</span>
    </li>
  );
}

function RestartButton() {
  const { mutate, isPending } = useMutation({
    mutationFn: () => data(processesRestartRecorder({ throwOnError: true })),
    onSuccess: ({ message }) => toast(message),
    onError: (error) => toast.error(messageOf(error)),
  });
  return (
    <Button
      variant="outline"
      size="sm"
      className="mt-3"
      disabled={isPending}
      data-testid="restart-recorder"
      onClick={() => mutate()}
    >
      <RotateCw className={cn(isPending && "animate-spin")} aria-hidden />
      Restart recorder
    </Button>
  );
}

function Waiting() {
  return ["first", "second", "third"].map((row) => (
    <li key={row} className="py-3.5">
      <Skeleton className="h-3" />
    </li>
  ));
}

function gone(process: ProcessPublic): ProcessPublic {
  return { ...process, status: "away", state: null };
}
