import type { Problem } from "@/client";

/** What is wrong with a file, each mistake with its place. */
export function ProblemList({ problems }: { problems: Problem[] }) {
  return (
    <ul
      aria-label="Mistakes"
      className="max-h-60 divide-y overflow-y-auto rounded-md border border-destructive/35 bg-destructive/5 text-[0.8125rem]"
    >
      {problems.map((problem) => (
        <li
          key={`${problem.line} ${problem.column} ${problem.message}`}
          data-testid="problem"
          data-line={problem.line}
          className="flex gap-3 px-3 py-2"
        >
          <span className="w-14 shrink-0 text-destructive tabular-nums">Line {problem.line}</span>
          <span className="min-w-0 break-words">
            {problem.message}
            {problem.hint ? <span className="block text-muted-foreground">{problem.hint}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
