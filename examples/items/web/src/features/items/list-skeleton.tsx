import { Skeleton } from "@/components/ui/skeleton";

const widths = ["w-2/5", "w-3/5", "w-1/2", "w-1/3", "w-3/5", "w-2/5"];

export function ListSkeleton() {
  return (
    <div className="flex flex-col pt-9" role="status" aria-label="Loading">
      {widths.map((width, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows never change.
        <div key={row} className="flex items-center gap-3.5 border-b px-3 py-4.5">
          <Skeleton className="size-4.5 rounded-[5px]" />
          <Skeleton className={`h-3.5 ${width}`} />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
