import { type FormEvent, type ReactNode, useState } from "react";
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
import { Input } from "@/components/ui/input";
import { useAddTrack, useNameTrack } from "@/features/library/library-queries";
import { messageOf } from "@/lib/errors";

type Named = { id: number; title: string; artist: string };

/** Gives a known sound its title. */
export function NameTrack({ track, onClose }: { track: Named; onClose: () => void }) {
  const [title, setTitle] = useState(track.title);
  const [artist, setArtist] = useState(track.artist);
  const { mutate, isPending, error } = useNameTrack(track.id);

  return (
    <Editor
      title="What is this?"
      description="It gets this name in the history too, and whenever it is heard again."
      error={error}
      pending={isPending}
      ready={title.trim() !== ""}
      action={isPending ? "Saving…" : "Save"}
      onClose={onClose}
      onSubmit={() => mutate({ title, artist }, { onSuccess: onClose })}
    >
      <TextField label="Title" value={title} onChange={setTitle} testId="track-title-input" />
      <TextField label="Artist" value={artist} onChange={setArtist} testId="track-artist-input" />
    </Editor>
  );
}

/** Adds a track from a WAV file. */
export function AddTrack({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [title, setTitle] = useState("");
  const [artist, setArtist] = useState("");
  const { mutate, isPending, error } = useAddTrack();

  return (
    <Editor
      title="Add a track"
      description="The recorder keeps its fingerprint, not the file."
      error={error}
      pending={isPending}
      ready={file !== null}
      action={isPending ? "Adding…" : "Add"}
      onClose={onClose}
      onSubmit={() =>
        file && mutate({ file, ...(title.trim() && { title }), artist }, { onSuccess: onClose })
      }
    >
      <Field label="WAV file">
        {(control) => (
          <Input
            {...control}
            type="file"
            accept=".wav,audio/wav,audio/x-wav"
            data-testid="track-file"
            className="py-1.5 file:mr-3 file:font-medium file:text-primary"
            onChange={({ currentTarget }) => setFile(currentTarget.files?.[0] ?? null)}
          />
        )}
      </Field>
      <TextField
        label="Title"
        value={title}
        onChange={setTitle}
        testId="track-title-input"
        placeholder="As the file is called"
      />
      <TextField label="Artist" value={artist} onChange={setArtist} testId="track-artist-input" />
    </Editor>
  );
}

type EditorProps = {
  title: string;
  description: string;
  error: Error | null;
  pending: boolean;
  ready: boolean;
  action: string;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
};

function Editor({ title, description, error, pending, ready, action, ...props }: EditorProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !pending) props.onSubmit();
  };
  return (
    <Dialog open onOpenChange={(open) => open || props.onClose()}>
      <DialogContent>
        <form onSubmit={submit} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{title}</DialogTitle>
            <DialogDescription>{description}</DialogDescription>
          </DialogHeader>
          <FormError message={error ? messageOf(error) : undefined} />
          <div className="flex flex-col gap-4">{props.children}</div>
          <DialogFooter>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={!ready || pending} data-testid="track-save">
              {action}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

type TextFieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  testId: string;
  placeholder?: string;
};

function TextField({ label, value, onChange, testId, placeholder }: TextFieldProps) {
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          value={value}
          placeholder={placeholder}
          maxLength={255}
          autoComplete="off"
          data-testid={testId}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  );
}
