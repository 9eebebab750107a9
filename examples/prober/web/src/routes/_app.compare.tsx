import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "@/features/compare/compare-page";
import { runsQuery } from "@/features/runs/run-queries";

type Search = { runs?: string };

export const Route = createFileRoute("/_app/compare")({
  validateSearch: ({ runs }: Record<string, unknown>): Search =>
    runs === undefined || runs === "" ? {} : { runs: String(runs) },
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(runsQuery),
  component: function CompareRoute() {
    const { runs } = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <ComparePage
        chosen={readIds(runs)}
        onChoose={(ids) =>
          void navigate({ search: ids.length > 0 ? { runs: ids.join(",") } : {}, replace: true })
        }
      />
    );
  },
});

/** Reads `1,2` out of the address, where anything may stand. */
function readIds(runs = ""): number[] {
  return [...new Set(runs.split(",").map(Number))].filter((id) => Number.isSafeInteger(id) && id > 0);
}
