/**
 * Work with the world outside, in real time: its signal is aborted when `outer` is, or with a `TimeoutError` after `ms`. By
 * hand, because the timer of AbortSignal.timeout may be collected as garbage while only AbortSignal.any knows it.
 */
export async function within<V>(outer: AbortSignal, ms: number, work: (signal: AbortSignal) => Promise<V>): Promise<V> {
  const stop = new AbortController();
  const cancel = () => stop.abort(outer.reason);
  if (outer.aborted) cancel();
  outer.addEventListener('abort', cancel, { once: true });
  const late = setTimeout(() => stop.abort(new DOMException('It took too long.', 'TimeoutError')), ms);
  try {
    return await work(stop.signal);
  } finally {
    clearTimeout(late);
    outer.removeEventListener('abort', cancel);
  }
}
