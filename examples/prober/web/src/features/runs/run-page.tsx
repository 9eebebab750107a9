import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Pause, Play, RotateCw, Scale, Trash2 } from "lucide-react";
import { useState } from "react";
import type { RunPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { ResultMatrix } from "@/features/runs/result-matrix";
import { RunBadge } from "@/features/runs/run-badge";
import { resultsQuery, runQuery, useChangeRun, useDeleteRun } from "@/features/runs/run-queries";
import { totals } from "@/features/runs/run-words";
import { TargetCard } from "@/features/runs/target-card";
import { dateWords, parseTime } from "@/lib/date-words";
import { useNow } from "@/lib/use-now";

export function RunPage({ id }: { id: number }) {
  const { data: run, error, refetch } = useQuery(runQuery(id));
  const results = useQuery(resultsQuery(id));
  const now = useNow();

  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!run) return <Loading />;
  return (
    <div className="page pb-12" data-testid="run-page" data-state={run.state}>
      <PageHeader
        title={run.suite_name}
        note={
          <span className="flex flex-wrap items-center gap-x-3">
            <span>
              Run {run.id}, {dateWords(parseTime(run.created_at), now)}
            </span>
            <RunBadge run={run} />
          </span>
        }
      >
        <Actions run={run} />
      </PageHeader>
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3" aria-label="Models">
        {run.targets.map((target) => (
          <TargetCard
            key={target.id}
            run={run}
            target={target}
            results={results.data?.results.filter((each) => each.target_id === target.id)}
          />
        ))}
      </ul>
      {results.error ? <ErrorState error={results.error} onRetry={() => void results.refetch()} /> : null}
      {results.data ? <ResultMatrix run={run} content={results.data} /> : <Skeleton className="mt-8 h-60" />}
    </div>
  );
}

function Actions({ run }: { run: RunPublic }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const { mutate: change, isPending } = useChangeRun(run.id);
  const { mutate: remove } = useDeleteRun(run.id);
  const held = run.targets.some(({ hold }) => hold);
  const { errors } = totals(run);

  return (
    <div className="flex shrink-0 flex-wrap items-center justify-end gap-2">
      {run.state === "running" ? (
        <Button variant="outline" disabled={isPending} data-testid="run-stop" onClick={() => change("stop")}>
          <Pause aria-hidden />
          Stop
        </Button>
      ) : null}
      {run.state === "stopped" || held ? (
        <Button disabled={isPending} data-testid="run-continue" onClick={() => change("continue")}>
          <Play aria-hidden />
          {held ? "Try again now" : "Continue"}
        </Button>
      ) : null}
      {run.state === "finished" && errors > 0 ? (
        <Button
          variant="outline"
          disabled={isPending}
          data-testid="run-retry"
          onClick={() => change("retry")}
        >
          <RotateCw aria-hidden />
          Ask {errors} again
        </Button>
      ) : null}
      <Button asChild variant="outline">
        <Link to="/compare" search={{ runs: String(run.id) }}>
          <Scale aria-hidden />
          Compare
        </Link>
      </Button>
      <Button
        variant="ghost"
        size="icon"
        className="text-muted-foreground hover:text-destructive"
        aria-label="Delete this run"
        title="Delete"
        data-testid="run-delete"
        onClick={() => setDeleting(true)}
      >
        <Trash2 />
      </Button>
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title="Delete this run?"
        description="Its answers are deleted too. The suite stays."
        confirm={{
          children: "Delete",
          onClick: () => remove(undefined, { onSuccess: () => void navigate({ to: "/" }) }),
          "data-testid": "run-delete-confirm",
        }}
      />
    </div>
  );
}

function Loading() {
  return (
    <div className="page pt-10">
      <Skeleton className="h-8 w-60" />
      <Skeleton className="mt-8 h-32" />
      <Skeleton className="mt-8 h-60" />
    </div>
  );
}
