import { Toaster as Sonner } from "sonner";
import { useTheme } from "@/lib/theme";

export function Toaster() {
  const { resolved } = useTheme();
  return (
    <Sonner
      theme={resolved}
      position="bottom-right"
      duration={6000}
      toastOptions={{
        classNames: {
          toast:
            "!rounded-lg !border !border-border !bg-popover !font-sans !text-[0.8125rem] !text-foreground !shadow-float",
          description: "!text-muted-foreground",
          actionButton: "!h-7 !rounded-md !bg-secondary !px-2.5 !font-medium !text-foreground",
        },
      }}
    />
  );
}
