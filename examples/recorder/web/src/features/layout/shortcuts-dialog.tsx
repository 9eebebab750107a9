import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";

const groups = [
  {
    title: "Anywhere",
    shortcuts: [
      { keys: ["?"], action: "Show these shortcuts" },
      { keys: ["Esc"], action: "Close a dialog, leave the search" },
    ],
  },
  {
    title: "Items",
    shortcuts: [
      { keys: ["N"], action: "New item" },
      { keys: ["/"], action: "Search" },
      { keys: ["↑", "↓"], action: "Move through the list" },
      { keys: ["Enter"], action: "Edit the chosen item" },
      { keys: ["X"], action: "Mark it done, or open again" },
      { keys: ["Del"], action: "Delete it" },
    ],
  },
  { title: "In the editor", shortcuts: [{ keys: ["Ctrl", "Enter"], action: "Save" }] },
];

type ShortcutsDialogProps = { open: boolean; onOpenChange: (open: boolean) => void };

export function ShortcutsDialog({ open, onOpenChange }: ShortcutsDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="sm:max-w-md">
        <DialogHeader>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogDescription>Everything here can be done without the mouse.</DialogDescription>
        </DialogHeader>
        {groups.map((group) => (
          <section key={group.title} className="flex flex-col gap-1">
            <h3 className="text-xs font-medium text-muted-foreground">{group.title}</h3>
            <dl>
              {group.shortcuts.map(({ keys, action }) => (
                <div
                  key={action}
                  className="flex items-center justify-between gap-4 border-b py-2 last:border-0"
                >
                  <dt>{action}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </DialogContent>
    </Dialog>
  );
}
