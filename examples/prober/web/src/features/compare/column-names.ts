import type { ColumnPublic } from "@/client";

/** Names each column by its model; with the run where that alone would not tell two apart. */
export function columnNames(columns: ColumnPublic[]): string[] {
  return columns.map(({ model, run_id }) =>
    columns.filter((other) => other.model === model).length > 1 ? `${model} #${run_id}` : model,
  );
}
