import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useId, useState } from "react";
import type { ProviderPublic, TargetCreate } from "@/client";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { modelsQuery } from "@/features/providers/provider-queries";

type ModelChoiceProps = {
  provider: ProviderPublic;
  targets: TargetCreate[];
  onChange: (targets: TargetCreate[]) => void;
};

/** The models of one provider: those of the list, and any other by its name. */
export function ModelChoice({ provider, targets, onChange }: ModelChoiceProps) {
  const id = useId();
  const { name, label, ready, message } = provider;
  const own = targets.filter((target) => target.provider === name).map(({ model }) => model);
  const listed = provider.models.map((model) => model.name);
  const shown = [...listed, ...own.filter((model) => !listed.includes(model))];

  const set = (model: string, wanted: boolean) => {
    const others = targets.filter((target) => target.provider !== name || target.model !== model);
    onChange(wanted ? [...others, { provider: name, model }] : others);
  };

  return (
    <fieldset className="flex flex-col gap-2.5" disabled={!ready} data-testid={`models-${name}`}>
      <legend className="pb-2 text-[0.8125rem] font-medium">{label}</legend>
      {ready ? null : <p className="-mt-1.5 text-[0.8125rem] text-muted-foreground">{message}.</p>}
      <ul className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {shown.map((model) => (
          <li key={model} className="flex min-w-0 items-center gap-2.5">
            <Checkbox
              id={`${id}-${model}`}
              checked={own.includes(model)}
              disabled={!ready}
              data-testid="model"
              data-model={model}
              onCheckedChange={(checked) => set(model, checked === true)}
            />
            <Label htmlFor={`${id}-${model}`} className="truncate font-normal">
              {model}
            </Label>
          </li>
        ))}
      </ul>
      {ready ? <OtherModel provider={provider} shown={shown} onAdd={(model) => set(model, true)} /> : null}
    </fieldset>
  );
}

type OtherModelProps = { provider: ProviderPublic; shown: string[]; onAdd: (model: string) => void };

/** Any other model: the provider's own list helps to find it. */
function OtherModel({ provider, shown, onAdd }: OtherModelProps) {
  const id = useId();
  const [model, setModel] = useState("");
  const [asked, setAsked] = useState(false);
  const { data: known } = useQuery({ ...modelsQuery(provider.name), enabled: asked });

  const add = () => {
    if (model.trim()) onAdd(model.trim());
    setModel("");
  };
  return (
    <div className="flex flex-col gap-1">
      <div className="flex gap-2">
        <Input
          className="h-8 text-[0.8125rem]"
          aria-label={`Another model of ${provider.label}`}
          placeholder="Another model, by its name"
          list={id}
          value={model}
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
          data-testid={`other-model-${provider.name}`}
          onFocus={() => setAsked(true)}
          onChange={({ currentTarget }) => setModel(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            add();
          }}
        />
        <Button
          variant="outline"
          size="sm"
          disabled={!model.trim()}
          aria-label={`Add the model of ${provider.label}`}
          onClick={add}
        >
          <Plus aria-hidden />
          Add
        </Button>
      </div>
      <datalist id={id}>
        {known?.data
          .filter((each) => !shown.includes(each))
          .map((each) => (
            <option key={each} value={each} />
          ))}
      </datalist>
      {known?.message ? <p className="text-xs text-muted-foreground">{known.message}</p> : null}
    </div>
  );
}
