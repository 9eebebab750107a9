import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/features/layout/empty-state";
import { providersQuery } from "@/features/providers/provider-queries";
import { runsQuery } from "@/features/runs/run-queries";

/** Where keys are entered; the pages never see one. */
export const whereKeysAre = "Open Settings (Ctrl+comma) and enter a key there.";

/** Leads to Ensconce's own page over the app, which no route of ours knows. */
export function SettingsLink() {
  return (
    <a
      href="/.ensconce/settings"
      data-testid="open-settings"
      className="text-primary underline underline-offset-4"
    >
      Open settings
    </a>
  );
}

/** Fills the first page while nobody can be asked. */
export function NoKeys() {
  return (
    <div data-testid="no-keys">
      <EmptyState
        icon={KeyRound}
        title="Prober needs a key"
        action={
          <div className="flex flex-wrap items-center justify-center gap-2">
            <Button asChild>
              <a href="/.ensconce/settings" data-testid="open-settings">
                Open settings
              </a>
            </Button>
            <Button asChild variant="outline">
              <Link to="/suites">Look at the suites meanwhile</Link>
            </Button>
          </div>
        }
      >
        It asks models of Anthropic and OpenAI with a key of yours. It stays on this computer.
      </EmptyState>
    </div>
  );
}

/** Says above the runs that there are that nobody can be asked. */
export function KeyNotice() {
  const { data: providers } = useQuery(providersQuery);
  const { data: runs } = useInfiniteQuery(runsQuery);
  const none = providers?.data.every(({ ready }) => !ready);
  if (!none || !runs?.pages[0]?.count) return null;
  return (
    <p
      role="status"
      data-testid="key-notice"
      className="mb-4 flex items-center gap-2.5 rounded-lg border border-warning/40 bg-warning/10 px-4 py-2.5 text-[0.8125rem]"
    >
      <KeyRound className="size-4 shrink-0 text-warning" aria-hidden />
      <span>There is no key, so no model can be asked. {whereKeysAre}</span>
      <SettingsLink />
    </p>
  );
}
