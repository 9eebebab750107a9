import type { ReactNode } from "react";
import type { CasePublic, ResultPublic, RunPublic } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { OutcomeMark } from "@/features/runs/outcome-mark";
import { expectationWords, outcomeWords } from "@/features/runs/run-words";
import { countWords, secondsWords } from "@/lib/number-words";

type ResultDialogProps = {
  run: RunPublic;
  asked: CasePublic | undefined;
  targetId: number;
  find: (caseId: number, targetId: number) => ResultPublic | undefined;
  onTarget: (targetId: number) => void;
  onClose: () => void;
};

/** A case, an answer to it, and how it was judged. */
export function ResultDialog({ run, asked, targetId, find, onTarget, onClose }: ResultDialogProps) {
  if (!asked) return null;
  const result = find(asked.id, targetId);
  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="sm:max-w-2xl">
        <DialogHeader>
          <DialogTitle>{asked.name}</DialogTitle>
          <DialogDescription>{run.suite_name}</DialogDescription>
        </DialogHeader>
        {asked.system ? <Passage title="System">{asked.system}</Passage> : null}
        <Passage title="Prompt">{asked.prompt}</Passage>
        {run.targets.length > 1 ? (
          <Field label="Model">
            {(control) => (
              <Select
                {...control}
                value={targetId}
                onChange={({ currentTarget }) => onTarget(Number(currentTarget.value))}
              >
                {run.targets.map(({ id, model }) => (
                  <option key={id} value={id}>
                    {model}: {outcomeWords(find(asked.id, id)?.outcome)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {result ? (
          <Judged result={result} />
        ) : (
          <p className="text-muted-foreground">There is no answer yet.</p>
        )}
      </DialogContent>
    </Dialog>
  );
}

function Judged({ result }: { result: ResultPublic }) {
  if (result.error) {
    return (
      <p role="status" className="flex gap-2.5 rounded-md bg-warning/10 px-3 py-2" data-testid="result-error">
        <OutcomeMark outcome="error" />
        {result.error}
      </p>
    );
  }
  return (
    <>
      <Passage title="Answer" testId="answer">
        {result.text || "(empty)"}
      </Passage>
      <ul className="flex flex-col gap-2" aria-label="Expectations">
        {result.verdicts.map((verdict, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: verdicts never change their place.
            key={index}
            data-testid="verdict"
            data-passed={verdict.passed}
            className="flex gap-2.5 leading-snug"
          >
            <OutcomeMark outcome={verdict.passed ? "passed" : "failed"} />
            <span className="min-w-0">
              <span className="sr-only">{verdict.passed ? "Met: " : "Missed: "}</span>
              <span className="break-words">{expectationWords(verdict)}</span>
              {verdict.note ? (
                <span className="block text-[0.8125rem] text-muted-foreground">{verdict.note}</span>
              ) : null}
            </span>
          </li>
        ))}
        {result.verdicts.length === 0 ? (
          <li className="text-muted-foreground">Nothing in particular was expected.</li>
        ) : null}
      </ul>
      <Facts result={result} />
    </>
  );
}

function Facts({ result }: { result: ResultPublic }) {
  return (
    <p className="flex flex-wrap items-center gap-1.5">
      <Badge variant="muted">{secondsWords(result.seconds)}</Badge>
      {result.input_tokens === null ? null : (
        <Badge variant="muted">{countWords(result.input_tokens, "token")} in</Badge>
      )}
      {result.output_tokens === null ? null : (
        <Badge variant="muted">{countWords(result.output_tokens, "token")} out</Badge>
      )}
      {result.retries > 0 ? <Badge variant="muted">asked {result.retries + 1} times</Badge> : null}
      {result.cut_off ? <Badge>cut off at the token limit</Badge> : null}
    </p>
  );
}

type PassageProps = { title: string; testId?: string; children: ReactNode };

function Passage({ title, testId, children }: PassageProps) {
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-xs font-medium text-muted-foreground">{title}</h3>
      <p
        data-testid={testId}
        className="rounded-md bg-secondary px-3 py-2 text-[0.8125rem] break-words whitespace-pre-wrap"
      >
        {children}
      </p>
    </section>
  );
}
