import { AlertDialog as AlertDialogPrimitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Button } from "@/components/ui/button";

type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  confirm: Omit<ComponentProps<typeof Button>, "variant"> & { "data-testid"?: string };
};

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ open, onOpenChange, title, description, confirm }: ConfirmDialogProps) {
  return (
    <AlertDialogPrimitive.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialogPrimitive.Portal>
        <AlertDialogPrimitive.Overlay className="animate-overlay fixed inset-0 z-40 bg-black/30 dark:bg-black/55" />
        <div className="pointer-events-none fixed inset-0 z-50 flex items-center justify-center p-4">
          <AlertDialogPrimitive.Content className="animate-panel pointer-events-auto flex w-full max-w-sm flex-col gap-5 rounded-xl border bg-popover p-6 shadow-float outline-none">
            <div className="flex flex-col gap-1.5">
              <AlertDialogPrimitive.Title className="text-base font-semibold tracking-[-0.01em]">
                {title}
              </AlertDialogPrimitive.Title>
              <AlertDialogPrimitive.Description className="text-muted-foreground">
                {description}
              </AlertDialogPrimitive.Description>
            </div>
            <div className="flex justify-end gap-2">
              <AlertDialogPrimitive.Cancel asChild>
                <Button variant="outline">Cancel</Button>
              </AlertDialogPrimitive.Cancel>
              <AlertDialogPrimitive.Action asChild>
                <Button variant="destructive" {...confirm} />
              </AlertDialogPrimitive.Action>
            </div>
          </AlertDialogPrimitive.Content>
        </div>
      </AlertDialogPrimitive.Portal>
    </AlertDialogPrimitive.Root>
  );
}
