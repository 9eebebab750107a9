import { useInfiniteQuery } from "@tanstack/react-query";
import { AudioLines } from "lucide-react";
import { useState } from "react";
import type { HearingPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { HistoryList } from "@/features/history/history-list";
import { historyQuery, useClearHistory } from "@/features/history/history-queries";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";

/** What was heard so far. */
export function HistorySection() {
  const history = useInfiniteQuery(historyQuery);
  const hearings = history.data?.pages.flatMap((page) => page.data) ?? [];

  return (
    <section aria-labelledby="history" className="pt-8">
      <header className="flex h-9 items-center justify-between gap-4">
        <h2 id="history" className="text-base font-semibold tracking-[-0.01em]">
          History
        </h2>
        {hearings.length > 0 ? <ClearHistory /> : null}
      </header>
      {history.isPending ? <Skeleton className="mt-4 h-32" /> : null}
      {history.isError ? <ErrorState error={history.error} onRetry={() => void history.refetch()} /> : null}
      {history.data ? <Content hearings={hearings} /> : null}
      {history.hasNextPage ? (
        <div className="flex justify-center pt-4">
          <Button
            variant="outline"
            disabled={history.isFetchingNextPage}
            onClick={() => void history.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Content({ hearings }: { hearings: HearingPublic[] }) {
  if (hearings.length === 0) {
    return (
      <EmptyState icon={AudioLines} title="Nothing was heard yet">
        Play some music near the microphone, or let the recorder listen to a WAV file.
      </EmptyState>
    );
  }
  return <HistoryList hearings={hearings} />;
}

function ClearHistory() {
  const [open, setOpen] = useState(false);
  const { mutate } = useClearHistory();
  return (
    <>
      <Button variant="ghost" size="sm" className="text-muted-foreground" onClick={() => setOpen(true)}>
        Clear
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Clear the history?"
        description="The tracks in the library stay known."
        confirm={{ children: "Clear", onClick: () => mutate(undefined), "data-testid": "clear-confirm" }}
      />
    </>
  );
}
