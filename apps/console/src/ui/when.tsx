/** A moment: how long ago, and exactly where one points at it. */
export function When({ at }: { readonly at: string | number }) {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {date.toLocaleString('sv-SE')}
    </time>
  );
}
