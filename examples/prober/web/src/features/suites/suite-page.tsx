import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Case, SuiteDetail } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Segmented } from "@/components/ui/segmented";
import { Skeleton } from "@/components/ui/skeleton";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { NewRun } from "@/features/runs/new-run";
import { expectationWords } from "@/features/runs/run-words";
import { ImportSuite } from "@/features/suites/import-suite";
import { ProblemList } from "@/features/suites/problem-list";
import { suiteQuery, useDeleteSuite } from "@/features/suites/suite-queries";

const views = [
  { value: "cases", label: "Cases" },
  { value: "yaml", label: "YAML" },
] as const;

export function SuitePage({ id }: { id: string }) {
  const { data: suite, error, refetch } = useQuery(suiteQuery(id));
  const [view, setView] = useState<(typeof views)[number]["value"]>("cases");

  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!suite) {
    return (
      <div className="page pt-10">
        <Skeleton className="h-8 w-60" />
        <Skeleton className="mt-8 h-60" />
      </div>
    );
  }
  const broken = suite.problems.length > 0;
  return (
    <div className="page pb-12">
      <PageHeader title={suite.name} note={suite.description}>
        <Actions suite={suite} broken={broken} />
      </PageHeader>
      {broken ? (
        <div className="flex flex-col gap-4">
          <p role="alert">This file cannot be used until these mistakes are gone.</p>
          <ProblemList problems={suite.problems} />
        </div>
      ) : (
        <Segmented label="Show" value={view} options={views} onChange={setView} />
      )}
      {view === "yaml" || broken ? <Source text={suite.text} /> : <Cases cases={suite.content} />}
    </div>
  );
}

function Actions({ suite, broken }: { suite: SuiteDetail; broken: boolean }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<"run" | "edit" | "delete" | null>(null);
  const { mutate: remove } = useDeleteSuite();
  const close = () => setOpen(null);

  return (
    <div className="flex shrink-0 items-center gap-2">
      <Button disabled={broken} data-testid="run-suite-now" onClick={() => setOpen("run")}>
        <Play aria-hidden />
        Run
      </Button>
      {suite.own ? (
        <>
          <Button variant="outline" data-testid="suite-edit" onClick={() => setOpen("edit")}>
            <Pencil aria-hidden />
            Edit
          </Button>
          <Button
            variant="ghost"
            size="icon"
            className="text-muted-foreground hover:text-destructive"
            aria-label="Delete this suite"
            title="Delete"
            data-testid="suite-delete"
            onClick={() => setOpen("delete")}
          >
            <Trash2 />
          </Button>
        </>
      ) : null}
      {open === "run" ? <NewRun suiteId={suite.id} onClose={close} /> : null}
      {open === "edit" ? <ImportSuite text={suite.text} onClose={close} /> : null}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(wanted) => wanted || close()}
        title={`Delete “${suite.name}”?`}
        description="Runs of it stay, with their cases and answers."
        confirm={{
          children: "Delete",
          onClick: () => remove(suite.id, { onSuccess: () => void navigate({ to: "/suites" }) }),
          "data-testid": "suite-delete-confirm",
        }}
      />
    </div>
  );
}

function Cases({ cases }: { cases: Case[] }) {
  return (
    <ol className="flex flex-col gap-3 pt-4" aria-label="Cases">
      {cases.map((each) => (
        <li key={each.name}>
          <Card className="flex flex-col gap-2.5 p-5" data-testid="suite-case">
            <div className="flex items-baseline justify-between gap-3">
              <h2 className="font-semibold">{each.name}</h2>
              <span className="shrink-0 text-xs text-muted-foreground tabular-nums">line {each.line}</span>
            </div>
            {each.system ? (
              <p className="text-[0.8125rem] break-words whitespace-pre-wrap text-muted-foreground">
                {each.system}
              </p>
            ) : null}
            <p className="break-words whitespace-pre-wrap">{each.prompt}</p>
            <ul className="flex flex-wrap gap-1.5" aria-label="Expectations">
              {each.expect?.map((expectation, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: expectations never change their place.
                <li key={index} className="min-w-0">
                  <Badge variant="muted" className="max-w-full">
                    <span className="truncate">{expectationWords(expectation)}</span>
                  </Badge>
                </li>
              ))}
            </ul>
          </Card>
        </li>
      ))}
    </ol>
  );
}

function Source({ text }: { text: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <Card className="mt-4 overflow-x-auto" tabIndex={0} aria-label="The file">
      <pre className="py-3 text-[0.8125rem] leading-6">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines never change their place.
          <span key={index} className="block pr-4">
            <span
              aria-hidden
              className="inline-block w-12 pr-4 text-right text-muted-foreground tabular-nums select-none"
            >
              {index + 1}
            </span>
            {line}
          </span>
        ))}
      </pre>
    </Card>
  );
}
