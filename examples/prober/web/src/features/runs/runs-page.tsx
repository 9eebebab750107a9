import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ListChecks, Play, Scale } from "lucide-react";
import { useState } from "react";
import type { RunPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { KeyNotice, NoKeys } from "@/features/providers/key-notice";
import { providersQuery } from "@/features/providers/provider-queries";
import { NewRun } from "@/features/runs/new-run";
import { runsQuery } from "@/features/runs/run-queries";
import { RunRow } from "@/features/runs/run-row";

/** A comparison of more than this would not fit into anybody's head. */
const mostCompared = 6;

export function RunsPage() {
  const [starting, setStarting] = useState(false);
  const [chosen, setChosen] = useState<number[]>([]);
  const toggle = (id: number) =>
    setChosen((ids) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]));

  return (
    <div className="page pb-12">
      <PageHeader title="Runs" note="Suites, asked of one or more models.">
        <div className="flex items-center gap-2">
          {chosen.length > 0 ? (
            <Button asChild variant="outline" data-testid="compare-chosen">
              <Link to="/compare" search={{ runs: chosen.join(",") }}>
                <Scale aria-hidden />
                Compare {chosen.length}
              </Link>
            </Button>
          ) : null}
          <Button data-testid="new-run" onClick={() => setStarting(true)}>
            <Play aria-hidden />
            New run
          </Button>
        </div>
      </PageHeader>
      <KeyNotice />
      <Runs chosen={chosen} onToggle={toggle} />
      {starting ? <NewRun onClose={() => setStarting(false)} /> : null}
    </div>
  );
}

function Runs({ chosen, onToggle }: { chosen: number[]; onToggle: (id: number) => void }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(runsQuery);
  const { data: providers } = useQuery(providersQuery);

  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-40" />;
  const runs: RunPublic[] = data.pages.flatMap((page) => page.data);
  if (runs.length === 0) {
    if (providers?.data.every(({ ready }) => !ready)) return <NoKeys />;
    return (
      <EmptyState icon={ListChecks} title="No runs yet">
        Start one with <b>New run</b>: choose a suite and the models to ask. Four suites come with the app.
      </EmptyState>
    );
  }
  return (
    <>
      <Card className="overflow-hidden">
        <ul className="divide-y" aria-label="Runs">
          {runs.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              chosen={chosen.includes(run.id)}
              canChoose={chosen.length < mostCompared || chosen.includes(run.id)}
              onToggle={() => onToggle(run.id)}
            />
          ))}
        </ul>
      </Card>
      {hasNextPage ? (
        <div className="flex justify-center pt-4">
          <Button variant="outline" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}
