import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";
import { BrandMark } from "@/features/layout/brand-mark";

/** The frame around the pages one sees before being signed in. */
export function SessionCard({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <main className="flex min-h-full items-center justify-center bg-sidebar p-4">
      <Card className="flex w-full max-w-sm flex-col gap-6 p-6 sm:p-8">
        <header className="flex flex-col gap-4">
          <BrandMark className="size-9" />
          <div>
            <h1 className="text-lg font-semibold tracking-[-0.015em]">{title}</h1>
            <p className="text-muted-foreground">{note}</p>
          </div>
        </header>
        {children}
      </Card>
    </main>
  );
}
