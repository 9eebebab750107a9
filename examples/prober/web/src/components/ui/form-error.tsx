export function FormError({ message }: { message?: string | undefined }) {
  if (!message) return null;
  return (
    <p role="alert" className="rounded-md bg-destructive/10 px-3 py-2 text-[0.8125rem] text-destructive">
      {message}
    </p>
  );
}
