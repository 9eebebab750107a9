import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { ListSkeleton } from "@/features/items/list-skeleton";
import { ShortcutsDialog } from "@/features/layout/shortcuts-dialog";
import { Sidebar } from "@/features/layout/sidebar";
import { useShortcuts } from "@/lib/use-shortcuts";

/** The window: the sidebar and, beside it, the page of the moment. */
export function AppFrame() {
  const [helpOpen, setHelpOpen] = useState(false);
  useShortcuts({ "?": () => setHelpOpen(true) });

  return (
    <div className="app-frame">
      <Sidebar onHelp={() => setHelpOpen(true)} />
      <main className="min-h-0 min-w-0 flex-1 overflow-y-auto md:[scrollbar-gutter:stable]" id="content">
        <Outlet />
      </main>
      <ShortcutsDialog open={helpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}

/** What the window shows until it is known who uses it. */
export function AppFramePending() {
  return (
    <div className="app-frame" aria-busy="true">
      <div className="app-sidebar" />
      <div className="page flex-1 pt-24">
        <ListSkeleton />
      </div>
    </div>
  );
}
