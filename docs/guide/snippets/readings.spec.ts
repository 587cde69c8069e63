import { Subject, toArray, lastValueFrom } from 'rxjs';
import { saved, shown, type Reading } from './readings';

/** Work that ends when the test says so, one call after the other. */
function slow<V>() {
  const calls: { readonly reading: Reading; finish(value: V): void }[] = [];
  const work = (reading: Reading): Promise<V> => new Promise((finish) => calls.push({ reading, finish }));
  return { calls, work };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('readings are saved one after the other, and no more than the newest hundred wait', async () => {
  const { calls, work } = slow<number>();
  const readings$ = new Subject<Reading>();
  const results = lastValueFrom(saved(readings$, work).pipe(toArray()));
  readings$.next({ sensor: 'a', value: 0 });
  await turn();
  for (let value = 1; value <= 1000; value++) readings$.next({ sensor: 'a', value });
  readings$.complete();
  for (let at = 0; at <= 100; at++) {
    await turn();
    expect(calls).toHaveLength(at + 1);
    calls[at]!.finish(calls[at]!.reading.value);
  }
  expect(await results).toEqual([0, ...Array.from({ length: 100 }, (_, i) => 901 + i)]);
});

it('of each sensor only the newest reading is drawn', async () => {
  const { calls, work } = slow<void>();
  const readings$ = new Subject<Reading>();
  const over = lastValueFrom(shown(readings$, work), { defaultValue: undefined });
  for (let value = 0; value < 300; value++) readings$.next({ sensor: `s${value % 3}`, value });
  readings$.complete();
  for (let at = 0; at < 3; at++) {
    await turn();
    calls[at]!.finish();
  }
  await over;
  expect(calls.map(({ reading }) => reading.value).sort()).toEqual([297, 298, 299]);
});
