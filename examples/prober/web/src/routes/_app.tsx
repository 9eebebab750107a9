import { createFileRoute } from "@tanstack/react-router";
import { AppFrame } from "@/features/layout/app-frame";

export const Route = createFileRoute("/_app")({ component: AppFrame });
