import { HistorySection } from "@/features/history/history-section";
import { PageHeader } from "@/features/layout/page-header";
import { LiveCard } from "@/features/live/live-card";
import { ProcessesCard } from "@/features/processes/processes-card";
import { FileQueue } from "@/features/source/file-queue";
import { ListenToFile } from "@/features/source/listen-to-file";
import { MicrophoneSwitch } from "@/features/source/microphone-switch";

export function ListenPage() {
  return (
    <div className="page pb-12">
      <PageHeader title="Listen" note="What plays here is recognised when it was heard before.">
        <div className="flex items-center gap-3">
          <MicrophoneSwitch />
          <ListenToFile />
        </div>
      </PageHeader>
      <div className="grid gap-4 lg:grid-cols-[1fr_17rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <LiveCard />
          <FileQueue />
        </div>
        <ProcessesCard />
      </div>
      <HistorySection />
    </div>
  );
}
