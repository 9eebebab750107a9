import { useQuery } from "@tanstack/react-query";
import { Mic, MicOff } from "lucide-react";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { sourceQuery, useSwitchMicrophone } from "@/features/source/source-queries";

/** Whether the recorder listens to the room. */
export function MicrophoneSwitch() {
  const { data: source } = useQuery(sourceQuery);
  const { mutate, isPending } = useSwitchMicrophone();
  const on = source?.microphone ?? true;
  const Icon = on ? Mic : MicOff;

  return (
    <div className="flex items-center gap-2">
      <Label htmlFor="microphone" className="flex items-center gap-1.5">
        <Icon className="size-4 text-muted-foreground" aria-hidden />
        <span className="sr-only md:not-sr-only">Microphone</span>
      </Label>
      <Switch
        id="microphone"
        checked={on}
        disabled={!source || isPending}
        data-testid="microphone"
        onCheckedChange={(checked) => mutate(checked)}
      />
    </div>
  );
}
