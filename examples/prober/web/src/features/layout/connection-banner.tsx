import { LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { connection } from "@/lib/connection";
import { useObservable } from "@/lib/observable";

/** A gap shorter than this is not worth a word. */
const patience = 500;

/** Says, without getting in the way, that the server is being waited for. */
export function ConnectionBanner() {
  const away = useObservable(connection) === "away";
  const [shown, setShown] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => setShown(away), away ? patience : 0);
    return () => clearTimeout(timer);
  }, [away]);

  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 top-3 z-60 flex justify-center">
      {shown ? (
        <p
          data-testid="reconnecting"
          className="flex items-center gap-2 rounded-full border bg-popover px-3.5 py-1.5 text-[0.8125rem] font-medium shadow-float"
        >
          <LoaderCircle className="size-3.5 animate-spin text-primary" aria-hidden />
          Reconnecting…
        </p>
      ) : null}
    </div>
  );
}
