import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { TargetCreate } from "@/client";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { whereKeysAre } from "@/features/providers/key-notice";
import { providersQuery } from "@/features/providers/provider-queries";
import { ModelChoice } from "@/features/runs/model-choice";
import { useStartRun } from "@/features/runs/run-queries";
import { suitesQuery } from "@/features/suites/suite-queries";
import { messageOf } from "@/lib/errors";
import { countWords } from "@/lib/number-words";

const mostTargets = 12;

/** Chooses a suite and the models to ask, and starts. */
export function NewRun({ suiteId, onClose }: { suiteId?: string; onClose: () => void }) {
  const navigate = useNavigate();
  const { data: suites } = useQuery(suitesQuery);
  const { data: providers } = useQuery(providersQuery);
  const { mutate, isPending, error } = useStartRun();
  const [wanted, setWanted] = useState(suiteId);
  const [targets, setTargets] = useState<TargetCreate[]>([]);

  const usable = suites?.data.filter(({ problems }) => problems.length === 0) ?? [];
  const suite = usable.find(({ id }) => id === wanted) ?? usable[0];
  const noKey = providers?.data.every(({ ready }) => !ready);
  const ready = suite !== undefined && targets.length > 0 && targets.length <= mostTargets;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || isPending) return;
    mutate(
      { suite_id: suite.id, targets },
      {
        onSuccess: (run) => {
          onClose();
          void navigate({ to: "/runs/$id", params: { id: run.id } });
        },
      },
    );
  };

  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="sm:max-w-xl">
        <form onSubmit={submit} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>New run</DialogTitle>
            <DialogDescription>Each case of the suite is asked of each model, once.</DialogDescription>
          </DialogHeader>
          <FormError message={error ? messageOf(error) : undefined} />
          {noKey ? <FormError message={`There is no key yet. ${whereKeysAre}`} /> : null}
          <Field label="Suite" hint={suite?.description}>
            {(control) => (
              <Select
                {...control}
                value={suite?.id ?? ""}
                data-testid="run-suite"
                onChange={({ currentTarget }) => setWanted(currentTarget.value)}
              >
                {usable.map(({ id, name, cases }) => (
                  <option key={id} value={id}>
                    {name} ({countWords(cases, "case")})
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {providers ? (
            providers.data.map((provider) => (
              <ModelChoice key={provider.name} provider={provider} targets={targets} onChange={setTargets} />
            ))
          ) : (
            <Skeleton className="h-40" />
          )}
          <DialogFooter>
            <p className="mr-auto text-[0.8125rem] text-muted-foreground" aria-live="polite">
              {suite && targets.length > 0 ? countWords(suite.cases * targets.length, "question") : null}
            </p>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={!ready || isPending} data-testid="run-start">
              {isPending ? "Starting…" : "Start"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
