import { useQuery } from "@tanstack/react-query";
import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { utilsAbout } from "@/client";
import { Card } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { PageHeader } from "@/features/layout/page-header";
import { MicrophoneSwitch } from "@/features/source/microphone-switch";
import { data } from "@/lib/api";
import { setTheme, useTheme } from "@/lib/theme";

const themeChoices = [
  { value: "light", label: <Choice icon={<Sun />} text="Light" />, "aria-label": "Light" },
  { value: "dark", label: <Choice icon={<Moon />} text="Dark" />, "aria-label": "Dark" },
  { value: "system", label: <Choice icon={<Monitor />} text="System" />, "aria-label": "System" },
] as const;

export function SettingsPage() {
  const { theme } = useTheme();
  const { data: about } = useQuery({
    queryKey: ["about"],
    queryFn: ({ signal }) => data(utilsAbout({ signal, throwOnError: true })),
  });

  return (
    <div className="page pb-12">
      <PageHeader title="Settings" note="How the app looks, and what it listens to." />
      <div className="flex flex-col gap-4">
        <Section title="Appearance" note="The system theme follows what the computer is set to.">
          <Segmented
            label="Theme"
            value={theme}
            options={themeChoices}
            onChange={setTheme}
            className="w-full max-w-sm"
          />
        </Section>
        <Section title="Sound" note="Files are listened to in any case.">
          <MicrophoneSwitch />
        </Section>
        <Section title="About" note="Recorder, an app that keeps everything on this computer.">
          <dl className="grid grid-cols-[7rem_1fr] gap-y-2 text-[0.8125rem]">
            <dt className="text-muted-foreground">Version</dt>
            <dd data-testid="about-version">{about?.version ?? "…"}</dd>
          </dl>
        </Section>
      </div>
    </div>
  );
}

function Section({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <Card className="grid gap-4 p-5 md:grid-cols-[15rem_1fr] md:gap-8 md:p-6">
      <div>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-[0.8125rem] text-muted-foreground">{note}</p>
      </div>
      <div className="min-w-0">{children}</div>
    </Card>
  );
}

function Choice({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <>
      {icon}
      {text}
    </>
  );
}
