import type { ReactNode } from "react";

type PageHeaderProps = { title: string; note?: ReactNode; children?: ReactNode };

export function PageHeader({ title, note, children }: PageHeaderProps) {
  return (
    <header className="flex items-center justify-between gap-4 pt-6 pb-4 md:pt-10 md:pb-5">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-[-0.02em] md:text-2xl">{title}</h1>
        <p className="min-h-5 text-[0.8125rem] text-muted-foreground">{note}</p>
      </div>
      {children}
    </header>
  );
}
