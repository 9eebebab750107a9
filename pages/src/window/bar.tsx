/** A progress bar; its value is null while the progress is unknown. */

export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? undefined : Math.round(value * 100);
  return (
    <div
      class={value === null ? "bar unknown" : "bar"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div class="fill" style={value === null ? {} : { transform: `scaleX(${value})` }} />
    </div>
  );
}
