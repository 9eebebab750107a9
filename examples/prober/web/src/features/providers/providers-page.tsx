import { useQuery } from "@tanstack/react-query";
import { CircleCheck, KeyRound } from "lucide-react";
import { type ProviderPublic, utilsAbout } from "@/client";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { SettingsLink, whereKeysAre } from "@/features/providers/key-notice";
import { providersQuery } from "@/features/providers/provider-queries";
import { data } from "@/lib/api";
import { nothing } from "@/lib/number-words";

const dollars = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function ProvidersPage() {
  const { data: providers, error, refetch } = useQuery(providersQuery);
  const { data: about } = useQuery({
    queryKey: ["about"],
    queryFn: ({ signal }) => data(utilsAbout({ signal, throwOnError: true })),
  });

  return (
    <div className="page pb-12">
      <PageHeader title="Providers" note={`Who is asked, and what it costs. ${whereKeysAre}`}>
        <SettingsLink />
      </PageHeader>
      {error ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
      {providers?.problem ? (
        <p
          role="alert"
          className="mb-4 rounded-md bg-destructive/10 px-3 py-2 text-[0.8125rem] text-destructive"
        >
          Your own list of models is not used. {providers.problem}
        </p>
      ) : null}
      <div className="grid gap-4 lg:grid-cols-2">
        {providers?.data.map((provider) => <Provider key={provider.name} provider={provider} />) ??
          (error ? null : <Skeleton className="h-60" />)}
      </div>
      {providers ? (
        <p className="pt-4 text-[0.8125rem] text-muted-foreground">
          Prices make every cost an estimate. Other models and prices: write them into{" "}
          <code className="break-all">{providers.models_file}</code>.
        </p>
      ) : null}
      {about ? (
        <p className="pt-1 text-[0.8125rem] text-muted-foreground" data-testid="about-version">
          Prober {about.version}
        </p>
      ) : null}
    </div>
  );
}

function Provider({ provider }: { provider: ProviderPublic }) {
  const { name, label, ready, message, models } = provider;
  return (
    <Card className="overflow-hidden" data-testid="provider" data-name={name} data-ready={ready}>
      <div className="flex flex-col gap-1 px-5 py-4">
        <h2 className="font-semibold">{label}</h2>
        <p className="flex gap-2 text-[0.8125rem] text-muted-foreground">
          {ready ? (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-success" aria-hidden />
          ) : (
            <KeyRound className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />
          )}
          {ready ? `There is a key. Asked at ${message}.` : `${message}.`}
        </p>
      </div>
      <table className="w-full border-t text-left text-[0.8125rem]" aria-label={`Models of ${label}`}>
        <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
          <tr>
            <th scope="col" className="px-5 py-2 font-medium">
              Model
            </th>
            <th scope="col" className="px-2 py-2 text-right font-medium">
              $ per M in
            </th>
            <th scope="col" className="py-2 pr-5 pl-2 text-right font-medium">
              out
            </th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {models.map((model) => (
            <tr key={model.name}>
              <th scope="row" className="px-5 py-2 font-medium">
                {model.name}
              </th>
              <td className="px-2 py-2 text-right tabular-nums">{price(model.input)}</td>
              <td className="py-2 pr-5 pl-2 text-right tabular-nums">{price(model.output)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function price(value: number | null | undefined): string {
  return value === null || value === undefined ? nothing : dollars.format(value);
}
