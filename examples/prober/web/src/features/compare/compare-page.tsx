import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import type { ComparisonPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { BarChart } from "@/features/compare/bar-chart";
import { CaseTable } from "@/features/compare/case-table";
import { columnNames } from "@/features/compare/column-names";
import { compareQuery } from "@/features/compare/compare-queries";
import { LatencyPlot } from "@/features/compare/latency-plot";
import { RunPicker } from "@/features/compare/run-picker";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { runsQuery } from "@/features/runs/run-queries";
import { dollarWords, percentWords, secondsWords, tokenWords } from "@/lib/number-words";

type ComparePageProps = { chosen: number[]; onChoose: (runs: number[]) => void };

export function ComparePage({ chosen, onChoose }: ComparePageProps) {
  const { data } = useInfiniteQuery(runsQuery);
  const runs = data?.pages.flatMap((page) => page.data);

  return (
    <div className="page pb-12">
      <PageHeader title="Compare" note="Models and runs, side by side." />
      {runs?.length === 0 ? (
        <EmptyState
          icon={Scale}
          title="There is nothing to compare yet"
          action={
            <Button asChild variant="outline">
              <Link to="/">Go to the runs</Link>
            </Button>
          }
        >
          Start a run with two models, or two runs of one suite.
        </EmptyState>
      ) : (
        <>
          {runs ? (
            <RunPicker runs={runs} chosen={chosen} onChoose={onChoose} />
          ) : (
            <Skeleton className="h-20" />
          )}
          {chosen.length > 0 ? (
            <Comparison chosen={chosen} />
          ) : (
            <EmptyState icon={Scale} title="Choose the runs">
              Choose one run to compare its models, or several.
            </EmptyState>
          )}
        </>
      )}
    </div>
  );
}

function Comparison({ chosen }: { chosen: number[] }) {
  const { data: comparison, error, refetch } = useQuery(compareQuery(chosen));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!comparison) return <Skeleton className="mt-4 h-80" />;
  if (comparison.columns.length === 0) {
    return (
      <EmptyState icon={Scale} title="These runs are no longer there">
        Choose others above.
      </EmptyState>
    );
  }
  return <Charts comparison={comparison} />;
}

function Charts({ comparison }: { comparison: ComparisonPublic }) {
  const { columns, rows } = comparison;
  const names = columnNames(columns);
  const bars = (value: (column: (typeof columns)[number]) => number | null) =>
    columns.map((column, index) => ({
      id: column.target_id,
      name: names[index] ?? column.model,
      value: value(column),
    }));

  return (
    <>
      <div className="grid gap-4 pt-4 md:grid-cols-2">
        <BarChart
          title="Pass rate"
          note="Of the cases with a result"
          bars={bars(({ pass_rate }) => pass_rate)}
          words={percentWords}
          most={1}
          testId="chart-pass-rate"
        />
        <BarChart
          title="Cost"
          note="An estimate, from the list of prices"
          bars={bars(({ cost }) => cost)}
          words={dollarWords}
          testId="chart-cost"
        />
        <Card className="p-5 md:col-span-2" data-testid="chart-latency">
          <LatencyPlot columns={columns} names={names} />
        </Card>
      </div>
      <Numbers comparison={comparison} names={names} />
      <CaseTable columns={columns} names={names} rows={rows} />
    </>
  );
}

function Numbers({ comparison, names }: { comparison: ComparisonPublic; names: string[] }) {
  const heading = "px-3 py-2.5 text-right font-medium";
  const cell = "px-3 py-2.5 text-right tabular-nums";
  return (
    <Card className="mt-4 overflow-x-auto" tabIndex={0} aria-label="In numbers">
      <table className="w-full text-left text-[0.8125rem]" aria-label="In numbers">
        <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
          <tr>
            <th scope="col" className="px-5 py-2.5 font-medium">
              Model
            </th>
            {["Passed", "Median", "p95", "Tokens in", "Tokens out", "Cost"].map((name) => (
              <th key={name} scope="col" className={heading}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {comparison.columns.map((column, index) => (
            <tr key={column.target_id} data-testid="compare-row" data-model={column.model}>
              <th scope="row" className="px-5 py-2.5 font-medium whitespace-nowrap">
                {names[index]}
              </th>
              <td className={cell}>
                {column.passed} of {column.cases}
              </td>
              <td className={cell}>{secondsWords(column.latency_median)}</td>
              <td className={cell}>{secondsWords(column.latency_p95)}</td>
              <td className={cell}>{tokenWords(column.input_tokens)}</td>
              <td className={cell}>{tokenWords(column.output_tokens)}</td>
              <td className={cell}>{dollarWords(column.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
