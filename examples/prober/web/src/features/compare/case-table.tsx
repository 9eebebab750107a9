import { useState } from "react";
import type { ColumnPublic, RowPublic } from "@/client";
import { Card } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { OutcomeMark } from "@/features/runs/outcome-mark";
import { outcomeWords } from "@/features/runs/run-words";
import { secondsWords } from "@/lib/number-words";

const filters = [
  { value: "differs", label: "Differences" },
  { value: "all", label: "All" },
] as const;

type CaseTableProps = { columns: ColumnPublic[]; names: string[]; rows: RowPublic[] };

/** Case by case: where the models disagree, and why one was not right. */
export function CaseTable({ columns, names, rows }: CaseTableProps) {
  const [filter, setFilter] = useState<(typeof filters)[number]["value"]>("differs");
  const shown = rows.filter(({ differs }) => filter === "all" || differs);

  return (
    <section aria-labelledby="case-by-case" className="flex flex-col gap-3 pt-8">
      <header className="flex items-center justify-between gap-4">
        <h2 id="case-by-case" className="text-base font-semibold tracking-[-0.01em]">
          Case by case
        </h2>
        <Segmented label="Show" value={filter} options={filters} onChange={setFilter} />
      </header>
      <Card className="overflow-x-auto" tabIndex={0} aria-label="All cases">
        <table className="w-full text-left" aria-labelledby="case-by-case">
          <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
            <tr>
              <th scope="col" className="px-5 py-2.5 font-medium">
                Case
              </th>
              {columns.map(({ target_id }, index) => (
                <th key={target_id} scope="col" className="min-w-32 px-3 py-2.5 font-medium">
                  {names[index]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {shown.map((row) => (
              <Row key={`${row.suite_name} ${row.name}`} row={row} columns={columns} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 ? (
          <p className="px-5 py-8 text-center text-muted-foreground">
            {filter === "differs" ? "No case came out differently so far." : "There are no cases."}
          </p>
        ) : null}
      </Card>
    </section>
  );
}

function Row({ row, columns }: { row: RowPublic; columns: ColumnPublic[] }) {
  return (
    <tr data-testid="compare-case" data-name={row.name} data-differs={row.differs} className="align-top">
      <th scope="row" className="min-w-40 px-5 py-2.5 font-medium">
        {row.name}
        <span className="block text-xs font-normal text-muted-foreground">{row.suite_name}</span>
      </th>
      {columns.map(({ target_id }) => {
        const cell = row.cells.find((each) => each.target_id === target_id);
        if (!cell) {
          return (
            <td key={target_id} className="px-3 py-2.5 text-xs text-muted-foreground">
              Not asked
            </td>
          );
        }
        return (
          <td key={target_id} className="px-3 py-2.5 text-[0.8125rem]">
            <span className="flex items-center gap-2">
              <OutcomeMark outcome={cell.outcome} />
              {outcomeWords(cell.outcome)}
              {cell.seconds === null ? null : (
                <span className="text-xs text-muted-foreground tabular-nums">
                  {secondsWords(cell.seconds)}
                </span>
              )}
            </span>
            {cell.note ? (
              <span className="mt-1 line-clamp-2 text-xs text-muted-foreground" title={cell.note}>
                {cell.note}
              </span>
            ) : null}
          </td>
        );
      })}
    </tr>
  );
}
