import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
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
import { Input, Textarea } from "@/components/ui/input";
import { ProblemList } from "@/features/suites/problem-list";
import { problemsOf, useAddSuite } from "@/features/suites/suite-queries";
import { ApiError, messageOf } from "@/lib/errors";

const example = `name: My suite
cases:
  - name: Says hello
    prompt: Say hello to Ada.
    expect:
      contains: Ada
      max_words: 10
`;

/** Takes in a suite, from a file or as it is written here. */
export function ImportSuite({ text: given, onClose }: { text?: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState(given ?? "");
  const { mutate, isPending, error, reset } = useAddSuite();
  const problems = problemsOf(error);
  const taken = error instanceof ApiError && error.status === 409;
  const canReplace = taken && error.message.endsWith("already");

  const change = (next: string) => {
    setText(next);
    reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || isPending) return;
    mutate(
      { text, replace: given !== undefined || canReplace },
      {
        onSuccess: ({ id }) => {
          onClose();
          void navigate({ to: "/suites/$id", params: { id } });
        },
      },
    );
  };

  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="sm:max-w-2xl">
        <form onSubmit={submit} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{given === undefined ? "Import a suite" : "Edit the suite"}</DialogTitle>
            <DialogDescription>It is kept as a file of its own in the app’s folder.</DialogDescription>
          </DialogHeader>
          {error ? <FormError message={messageOf(error)} /> : null}
          {problems.length > 0 ? <ProblemList problems={problems} /> : null}
          {given === undefined ? (
            <Field label="YAML file">
              {(control) => (
                <Input
                  {...control}
                  type="file"
                  accept=".yaml,.yml,application/yaml"
                  data-testid="suite-file"
                  className="py-1.5 file:mr-3 file:font-medium file:text-primary"
                  onChange={({ currentTarget }) => void currentTarget.files?.[0]?.text().then(change)}
                />
              )}
            </Field>
          ) : null}
          <Field label={given === undefined ? "Or write it here" : "YAML"}>
            {(control) => (
              <Textarea
                {...control}
                value={text}
                placeholder={example}
                spellCheck={false}
                data-testid="suite-text"
                className="max-h-[45dvh] min-h-52 font-mono text-[0.8125rem]"
                onChange={({ currentTarget }) => change(currentTarget.value)}
              />
            )}
          </Field>
          <DialogFooter>
            {text.trim() ? null : (
              <Button variant="link" className="mr-auto px-0" onClick={() => change(example)}>
                Begin with the example
              </Button>
            )}
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={!text.trim() || isPending} data-testid="suite-save">
              {canReplace ? "Replace it" : given === undefined ? "Import" : "Save"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
