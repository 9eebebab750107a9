import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileText, TriangleAlert, Upload } from "lucide-react";
import { useState } from "react";
import type { SuitePublic } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { ImportSuite } from "@/features/suites/import-suite";
import { suitesQuery } from "@/features/suites/suite-queries";
import { countWords } from "@/lib/number-words";

export function SuitesPage() {
  const [importing, setImporting] = useState(false);
  return (
    <div className="page pb-12">
      <PageHeader title="Suites" note="Questions, and what is expected of the answers, in YAML.">
        <Button data-testid="import-suite" onClick={() => setImporting(true)}>
          <Upload aria-hidden />
          Import
        </Button>
      </PageHeader>
      <Suites />
      {importing ? <ImportSuite onClose={() => setImporting(false)} /> : null}
    </div>
  );
}

function Suites() {
  const { data: suites, error, refetch } = useQuery(suitesQuery);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!suites) return <Skeleton className="h-40" />;
  if (suites.data.length === 0) {
    return (
      <EmptyState icon={FileText} title="There is no suite">
        Import a YAML file with a <code>name</code> and <code>cases</code>.
      </EmptyState>
    );
  }
  return (
    <ul className="grid gap-4 sm:grid-cols-2" aria-label="Suites">
      {suites.data.map((suite) => (
        <li key={suite.id} data-testid="suite" data-id={suite.id}>
          <SuiteCard suite={suite} />
        </li>
      ))}
    </ul>
  );
}

function SuiteCard({ suite }: { suite: SuitePublic }) {
  const broken = suite.problems[0];
  return (
    <Card className="relative flex h-full flex-col gap-1.5 p-5 transition-colors focus-within:bg-muted/60 hover:bg-muted/60">
      <h2 className="flex items-center gap-2 font-semibold">
        <Link to="/suites/$id" params={{ id: suite.id }} className="truncate after:absolute after:inset-0">
          {suite.name}
        </Link>
        {suite.own ? <Badge>Yours</Badge> : null}
      </h2>
      {broken ? (
        <p className="flex gap-2 text-[0.8125rem] text-destructive">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          Cannot be used. Line {broken.line}: {broken.message}
        </p>
      ) : (
        <>
          <p className="text-muted-foreground">{suite.description || "No description"}</p>
          <p className="mt-auto pt-2 text-xs text-muted-foreground">{countWords(suite.cases, "case")}</p>
        </>
      )}
    </Card>
  );
}
