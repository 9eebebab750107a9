import { Outlet } from "@tanstack/react-router";
import { Sidebar } from "@/features/layout/sidebar";

/** The window: the sidebar and, beside it, the page of the moment. */
export function AppFrame() {
  return (
    <div className="app-frame">
      <Sidebar />
      <main className="min-h-0 min-w-0 flex-1 overflow-y-auto md:[scrollbar-gutter:stable]" id="content">
        <Outlet />
      </main>
    </div>
  );
}
