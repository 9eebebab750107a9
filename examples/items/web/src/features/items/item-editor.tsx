import { zodResolver } from "@hookform/resolvers/zod";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { toast } from "sonner";
import type { ItemPublic } from "@/client";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input, Textarea } from "@/components/ui/input";
import {
  type Draft,
  draftKey,
  dropDraft,
  emptyDraft,
  readDraft,
  sameDraft,
  settleDraft,
  writeDraft,
} from "@/features/items/draft";
import type { EditorTarget } from "@/features/items/item-editor-host";
import { createKey, type NewItem } from "@/features/items/item-mutations";
import type { ItemActions } from "@/features/items/use-item-actions";
import { connection } from "@/lib/connection";
import { messageOf } from "@/lib/errors";
import { showFormError } from "@/lib/form-errors";
import { useObservable } from "@/lib/observable";
import { z } from "@/lib/schema";

const schema = z.object({
  title: z.string().regex(/\S/, "An item needs a title.").max(255, "At most 255 characters."),
  description: z.string().max(2000, "At most 2,000 characters."),
});

type ItemEditorProps = { target: EditorTarget; actions: ItemActions; onClose: () => void };

/**
 * Writes a new item or changes an old one.
 *
 * What is typed is kept as a draft until the server has confirmed it, so that neither a reload nor a server
 * that went away can lose it.
 */
export default function ItemEditor({ target, actions, onClose }: ItemEditorProps) {
  const item = target.kind === "edit" ? target.item : undefined;
  const { form, key, restored, discard } = useDraftForm(item);
  const { errors, isSubmitting } = form.formState;
  const away = useObservable(connection) === "away";
  const mounted = useMounted();

  const save = form.handleSubmit(async (typed) => {
    const text = { title: typed.title.trim(), description: typed.description.trim() || null };
    try {
      await (item ? actions.edit(item, text) : actions.create(text));
      settleDraft(key, typed);
      if (mounted.current) onClose();
    } catch (error) {
      if (mounted.current) showFormError(form, error);
      else toast.error(`Could not save “${text.title}”`, { description: messageOf(error) });
    }
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
  };

  return (
    <Dialog open onOpenChange={(next) => !next && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{item ? "Edit item" : "New item"}</DialogTitle>
          <DialogDescription>
            {restored ? (
              <>
                Brought back what you had not saved yet.{" "}
                <button
                  type="button"
                  className="font-medium text-primary underline-offset-4 hover:underline"
                  onClick={discard}
                  data-testid="item-discard-draft"
                >
                  Discard it
                </button>
              </>
            ) : item ? (
              "Change the title or the details."
            ) : (
              "What you type is kept, even if you close this."
            )}
          </DialogDescription>
        </DialogHeader>
        <form onSubmit={save} onKeyDown={onKeyDown} className="flex flex-col gap-4" noValidate>
          <Field label="Title" error={errors.title?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("title")}
                readOnly={isSubmitting}
                autoComplete="off"
                placeholder="What is it about?"
                data-testid="item-title-input"
              />
            )}
          </Field>
          <Field label="Details" error={errors.description?.message}>
            {(control) => (
              <Textarea
                {...control}
                {...form.register("description")}
                readOnly={isSubmitting}
                placeholder="Anything worth remembering (optional)"
                data-testid="item-description-input"
              />
            )}
          </Field>
          <FormError message={errors.root?.message} />
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" disabled={isSubmitting} data-testid="item-save">
              {isSubmitting ? (away ? "Waiting for the app…" : "Saving…") : item ? "Save" : "Add item"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

/** A form that starts with what was typed and not saved, and writes down what is typed. */
function useDraftForm(item: ItemPublic | undefined) {
  const queryClient = useQueryClient();
  const key = draftKey(item?.id);
  const [saved] = useState<Draft>(() =>
    item ? { title: item.title, description: item.description ?? "" } : emptyDraft,
  );
  const [draft, setDraft] = useState(() => {
    const kept = readDraft(key);
    return kept && !sameDraft(kept, saved) && !isBeingCreated(queryClient, kept) ? kept : null;
  });
  const form = useForm<Draft>({ resolver: zodResolver(schema), defaultValues: draft ?? saved });

  useEffect(
    () =>
      form.subscribe({
        formState: { values: true },
        callback: ({ values }) => (sameDraft(values, saved) ? dropDraft(key) : writeDraft(key, values)),
      }),
    [form, key, saved],
  );

  const discard = () => {
    dropDraft(key);
    form.reset(saved);
    setDraft(null);
    form.setFocus("title");
  };

  return { form, key, restored: draft !== null, discard };
}

/** Tells whether this text is already on its way, and only waits for the server. */
function isBeingCreated(queryClient: QueryClient, draft: Draft): boolean {
  const predicate = ({ state }: { state: { variables: unknown } }) => {
    const sent = state.variables as NewItem;
    return sent.title === draft.title.trim() && (sent.description ?? "") === draft.description.trim();
  };
  return queryClient.isMutating({ mutationKey: createKey, predicate }) > 0;
}

function useMounted() {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return mounted;
}
