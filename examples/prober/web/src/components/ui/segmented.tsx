import { ToggleGroup } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/class-names";

type Option<Value extends string> = { value: Value; label: ReactNode } & Pick<
  ComponentProps<typeof ToggleGroup.Item>,
  "aria-label"
>;

type SegmentedProps<Value extends string> = {
  label: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  className?: string;
};

/** A row of choices of which exactly one holds. */
export function Segmented<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      aria-label={label}
      onValueChange={(next) => next && onChange(next as Value)}
      className={cn("inline-flex h-9 items-center gap-0.5 rounded-md bg-secondary p-0.5", className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          aria-label={option["aria-label"]}
          className="inline-flex h-8 flex-1 items-center justify-center gap-1.5 rounded-[7px] px-3 text-[0.8125rem] font-medium whitespace-nowrap text-muted-foreground transition-colors select-none hover:text-foreground data-[state=on]:bg-card data-[state=on]:text-foreground data-[state=on]:shadow-soft dark:data-[state=on]:bg-input [&_svg]:size-4"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
