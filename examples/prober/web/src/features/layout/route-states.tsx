import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";

export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  useEffect(reset, [reset]);
  return <ErrorState error={error} onRetry={() => void router.invalidate()} />;
}

export function RouteMissing() {
  return (
    <EmptyState
      icon={Compass}
      title="There is nothing here"
      action={
        <Button asChild variant="outline">
          <Link to="/">Back to the runs</Link>
        </Button>
      }
    >
      The page you were looking for does not exist.
    </EmptyState>
  );
}
