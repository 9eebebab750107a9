import { useState } from "react";
import type { ResultPublic, RunPublic, RunResults } from "@/client";
import { Card } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { OutcomeMark } from "@/features/runs/outcome-mark";
import { ResultDialog } from "@/features/runs/result-dialog";
import { outcomeWords } from "@/features/runs/run-words";
import { secondsWords } from "@/lib/number-words";

const filters = [
  { value: "all", label: "All" },
  { value: "missed", label: "Not passed" },
] as const;

type Filter = (typeof filters)[number]["value"];
type Chosen = { caseId: number; targetId: number };

/** Every case of a run, and what each model made of it. */
export function ResultMatrix({ run, content }: { run: RunPublic; content: RunResults }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const results = new Map(content.results.map((each) => [`${each.case_id} ${each.target_id}`, each]));
  const find = (caseId: number, targetId: number) => results.get(`${caseId} ${targetId}`);
  const missed = (caseId: number) =>
    run.targets.some(({ id }) => {
      const outcome = find(caseId, id)?.outcome;
      return outcome && outcome !== "passed";
    });
  const cases = content.cases.filter(({ id }) => filter === "all" || missed(id));

  return (
    <section aria-labelledby="cases" className="flex flex-col gap-3 pt-8">
      <header className="flex items-center justify-between gap-4">
        <h2 id="cases" className="text-base font-semibold tracking-[-0.01em]">
          Cases
        </h2>
        <Segmented label="Show" value={filter} options={filters} onChange={setFilter} />
      </header>
      <Card className="overflow-x-auto">
        <table className="w-full text-left" aria-labelledby="cases">
          <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
            <tr>
              <th scope="col" className="px-4 py-2.5 font-medium">
                Case
              </th>
              {run.targets.map(({ id, model }) => (
                <th key={id} scope="col" className="min-w-28 px-2 py-2.5 font-medium">
                  <span className="block truncate">{model}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {cases.map((each) => (
              <tr key={each.id} data-testid="case-row" data-name={each.name} className="hover:bg-muted/60">
                <th scope="row" className="min-w-40 px-4 py-2 font-medium">
                  {each.name}
                </th>
                {run.targets.map(({ id, model }) => (
                  <td key={id} className="px-1 py-1">
                    <Cell
                      result={find(each.id, id)}
                      label={`${each.name}, ${model}`}
                      onOpen={() => setChosen({ caseId: each.id, targetId: id })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {cases.length === 0 ? (
          <p className="px-4 py-8 text-center text-muted-foreground">
            Nothing to see: all answers so far passed.
          </p>
        ) : null}
      </Card>
      {chosen ? (
        <ResultDialog
          run={run}
          asked={content.cases.find(({ id }) => id === chosen.caseId)}
          targetId={chosen.targetId}
          find={find}
          onTarget={(targetId) => setChosen({ ...chosen, targetId })}
          onClose={() => setChosen(null)}
        />
      ) : null}
    </section>
  );
}

type CellProps = { result: ResultPublic | undefined; label: string; onOpen: () => void };

function Cell({ result, label, onOpen }: CellProps) {
  const words = outcomeWords(result?.outcome);
  const seconds = result?.seconds ?? null;
  return (
    <button
      type="button"
      data-testid="result"
      data-outcome={result?.outcome ?? "open"}
      onClick={onOpen}
      className="flex h-8 w-full items-center gap-2 rounded-md px-1.5 text-[0.8125rem] hover:bg-accent"
    >
      <OutcomeMark outcome={result?.outcome} />
      <span className="sr-only">
        {label}: {words}
      </span>
      {seconds === null ? null : (
        <span className="text-xs text-muted-foreground tabular-nums">{secondsWords(seconds)}</span>
      )}
    </button>
  );
}
