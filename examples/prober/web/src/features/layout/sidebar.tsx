import { Link, type LinkProps, useMatchRoute } from "@tanstack/react-router";
import { FileText, KeyRound, ListChecks, type LucideIcon, Moon, Scale, Sun } from "lucide-react";
import type { ComponentProps } from "react";
import { BrandMark } from "@/features/layout/brand-mark";
import { cn } from "@/lib/class-names";
import { setTheme, useTheme } from "@/lib/theme";

const entry =
  "flex h-9 items-center gap-2.5 rounded-md px-2.5 text-[0.8125rem] font-medium text-muted-foreground transition-colors hover:bg-sidebar-active/60 hover:text-foreground data-[status=active]:bg-sidebar-active data-[status=active]:text-foreground [&_svg]:size-4.5 [&_svg]:shrink-0 md:[&_svg]:size-4";

/** A column in a window, a bar on top of a narrow one. */
export function Sidebar() {
  const { resolved } = useTheme();
  const next = resolved === "dark" ? "light" : "dark";

  return (
    <aside className="app-sidebar">
      <div className="flex items-center gap-2.5 md:px-1 md:pt-1 md:pb-5">
        <BrandMark />
        <span className="hidden text-[0.9375rem] font-semibold tracking-[-0.01em] sm:inline">Prober</span>
      </div>
      <nav aria-label="Main" className="ml-2 flex gap-0.5 md:ml-0 md:flex-col">
        <Entry to="/" icon={ListChecks} label="Runs" />
        <Entry to="/compare" icon={Scale} label="Compare" />
        <Entry to="/suites" icon={FileText} label="Suites" />
        <Entry to="/providers" icon={KeyRound} label="Providers" />
      </nav>
      <div className="ml-auto flex gap-0.5 md:mt-auto md:ml-0 md:flex-col">
        <Action
          icon={resolved === "dark" ? Sun : Moon}
          label={`Use ${next} theme`}
          onClick={() => setTheme(next)}
          data-testid="theme-toggle"
        />
      </div>
    </aside>
  );
}

function Entry({ to, icon: Icon, label }: { to: LinkProps["to"]; icon: LucideIcon; label: string }) {
  const matchRoute = useMatchRoute();
  // A single run belongs to the runs, which are the start page.
  const inside = to === "/" && matchRoute({ to: "/runs/$id" }) !== false;
  return (
    <Link
      to={to}
      className={entry}
      activeOptions={{ exact: to === "/", includeSearch: false }}
      {...(inside && { "data-status": "active" })}
    >
      <Icon aria-hidden />
      <span className="sr-only sm:not-sr-only">{label}</span>
    </Link>
  );
}

function Action({
  icon: Icon,
  label,
  className,
  ...props
}: ComponentProps<"button"> & { icon: LucideIcon; label: string }) {
  return (
    <button type="button" title={label} className={cn(entry, className)} {...props}>
      <Icon aria-hidden />
      <span className="sr-only md:not-sr-only">{label}</span>
    </button>
  );
}
