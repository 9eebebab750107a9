import { useQuery } from "@tanstack/react-query";
import { Library, Plus } from "lucide-react";
import { useState } from "react";
import type { TrackPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { tracksQuery, useForgetTrack } from "@/features/library/library-queries";
import { AddTrack, NameTrack } from "@/features/library/track-editor";
import { TrackTable } from "@/features/library/track-table";

export function LibraryPage() {
  const [adding, setAdding] = useState(false);
  return (
    <div className="page pb-12">
      <PageHeader title="Library" note="What the recorder recognises when it hears it.">
        <Button data-testid="add-track" onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          Add a track
        </Button>
      </PageHeader>
      <Tracks />
      {adding ? <AddTrack onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

function Tracks() {
  const { data: tracks, error, refetch } = useQuery(tracksQuery);
  const [naming, setNaming] = useState<TrackPublic | null>(null);
  const [forgetting, setForgetting] = useState<TrackPublic | null>(null);
  const forget = useForgetTrack();

  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!tracks) return <Skeleton className="h-40" />;
  if (tracks.count === 0) {
    return (
      <EmptyState icon={Library} title="Nothing is known yet">
        Add tracks from WAV files. What is heard for the first time comes here by itself.
      </EmptyState>
    );
  }
  const own = tracks.data.filter(({ origin }) => origin === "library");
  const heard = tracks.data.filter(({ origin }) => origin === "heard");
  const actions = { onName: setNaming, onForget: setForgetting };

  return (
    <div className="flex flex-col gap-8">
      {own.length > 0 ? <TrackTable title="Tracks" tracks={own} {...actions} /> : null}
      {heard.length > 0 ? <TrackTable title="Heard, without a name" tracks={heard} {...actions} /> : null}
      {naming ? <NameTrack track={naming} onClose={() => setNaming(null)} /> : null}
      <ConfirmDialog
        open={forgetting !== null}
        onOpenChange={(open) => open || setForgetting(null)}
        title={`Forget “${forgetting?.title ?? ""}”?`}
        description="It stays in the history, but is no longer recognised."
        confirm={{
          children: "Forget",
          onClick: () => forgetting && forget(forgetting.id),
          "data-testid": "track-forget-confirm",
        }}
      />
    </div>
  );
}
