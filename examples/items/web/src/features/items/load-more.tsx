import { LoaderCircle } from "lucide-react";
import { useEffect, useRef } from "react";

type LoadMoreProps = { loading: boolean; onVisible: () => void };

/** Stands at the end of what is loaded, and asks for more when it comes near. */
export function LoadMore({ loading, onVisible }: LoadMoreProps) {
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = ref.current;
    if (!element || loading) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onVisible();
      },
      { root: element.closest("main"), rootMargin: "800px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [loading, onVisible]);

  return (
    <div ref={ref} role="status" className="flex h-16 items-center justify-center text-muted-foreground">
      <LoaderCircle className="size-4 animate-spin" aria-label="Loading more" />
    </div>
  );
}
