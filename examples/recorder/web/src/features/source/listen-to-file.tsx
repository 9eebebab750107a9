import { FileAudio, LoaderCircle } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { useListenToFile } from "@/features/source/source-queries";

/** Lets the recorder listen to a WAV file, as if it were played in the room. */
export function ListenToFile() {
  const input = useRef<HTMLInputElement>(null);
  const { mutate, isPending } = useListenToFile();

  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".wav,audio/wav,audio/x-wav"
        aria-label="WAV file to listen to"
        tabIndex={-1}
        className="sr-only"
        data-testid="listen-file"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // The same file can be chosen once more.
          currentTarget.value = "";
          if (file) mutate(file);
        }}
      />
      <Button disabled={isPending} onClick={() => input.current?.click()}>
        {isPending ? <LoaderCircle className="animate-spin" aria-hidden /> : <FileAudio aria-hidden />}
        <span className="sr-only sm:not-sr-only">Listen to a file</span>
      </Button>
    </>
  );
}
