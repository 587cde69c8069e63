import { createClient, openSession, type Api } from '@sluice/control/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { refreshPlace } from './router';
import { store } from './store';

/** The API, typed by its description. */
export const api = createClient();

/** A fault that the API told of, or that kept us from asking. */
export class ApiFault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string | undefined,
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    readonly details: unknown,
    readonly requestId: string | undefined,
  ) {
    super(message);
    this.name = 'ApiFault';
  }

  static from(thrown: unknown): ApiFault {
    if (thrown instanceof ApiFault) return thrown;
    return new ApiFault('UNREACHABLE', thrown instanceof Error ? thrown.message : String(thrown), undefined, 0, undefined, undefined);
  }
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The body of an answer: `const { runs } = await ask(api.GET('/api/v1/runs'))`.
 * @throws ApiFault with what the server says
 */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (thrown) {
    throw ApiFault.from(thrown);
  }
  const { data, error, response } = answer;
  if (response.ok && data !== undefined) return data;
  const told = (error as Api['Error'] | undefined)?.error;
  throw new ApiFault(
    told?.code ?? `HTTP_${response.status}`,
    told?.message ?? `${response.status} ${response.statusText}`,
    told?.hint,
    response.status,
    told?.details,
    told?.request_id ?? response.headers.get('x-request-id') ?? undefined,
  );
}

/** What a page asked for. */
export interface Asked<T> {
  readonly data: T | undefined;
  readonly fault: ApiFault | undefined;
  readonly loading: boolean;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

interface AskOptions {
  /** Asks again after so many ms, as long as somebody looks. */
  readonly every?: number;
  /** What was shown stays also where the keys are other ones: for a filter, whose field must not go while one types into it. */
  readonly keep?: boolean;
}

/** Asks when the component appears and when `keys` change; an answer that comes too late is left aside. */
export function useAsk<T>(load: () => Promise<T>, keys: readonly unknown[], { every, keep = false }: AskOptions = {}): Asked<T> {
  const [state, setState] = useState<{ data?: T; fault?: ApiFault; loading: boolean; key: string }>({ loading: true, key: '' });
  const [turn, setTurn] = useState(0);
  const current = useRef(load);
  current.current = load;
  const key = JSON.stringify(keys);
  useEffect(() => {
    let late = false;
    setState((before) => (keep || before.key === key ? { ...before, loading: true } : { loading: true, key }));
    current.current().then(
      (data) => late || setState({ data, loading: false, key }),
      (thrown: unknown) => late || setState((before) => ({ ...before, fault: ApiFault.from(thrown), loading: false, key })),
    );
    return () => {
      late = true;
    };
  }, [key, turn, keep]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    if (every === undefined) return undefined;
    const timer = setInterval(() => !document.hidden && reload(), every);
    return () => clearInterval(timer);
  }, [every, reload]);
  return { data: state.data, fault: state.fault, loading: state.loading, reload };
}

/** What was typed, once nobody has typed for a moment. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
const SETTLE_MS = 250;

export type Scope = Api['Token']['scope'];

/** Who we are to the server; undefined until it has said so. */
export const session = store<{ readonly actor: string; readonly scope: Scope | null } | undefined>(undefined);

/** Exchanges the token of the link, where there is one, and asks who we are. */
export async function enter(): Promise<void> {
  const forget = (url: string): void => {
    history.replaceState(null, '', `${url}#/`);
    refreshPlace();
  };
  await openSession(api, location, forget).catch(() => false);
  await refreshSession();
}

export async function refreshSession(): Promise<void> {
  const { data } = await api.GET('/api/v1/session').catch(() => ({ data: undefined }));
  session.set(data === undefined ? { actor: 'anonymous', scope: null } : { actor: data.actor, scope: data.scope });
}

const RANK: Readonly<Record<Scope, number>> = { read: 1, operate: 2, admin: 3 };

/** Whether a session may do what asks for a scope. */
export function may(has: Scope | null | undefined, wanted: Scope): boolean {
  return has != null && RANK[has] >= RANK[wanted];
}

/** Waits for a job that the API has started. @throws ApiFault with what made it fail */
export async function finished(job: Api['Job'], onProgress?: (job: Api['Job']) => void, signal?: AbortSignal): Promise<Api['Job']> {
  for (let now = job; ;) {
    onProgress?.(now);
    if (now.state === 'done') return now;
    if (now.state !== 'running') {
      const { error } = now;
      throw new ApiFault(
        error?.code ?? `JOB_${now.state.toUpperCase()}`,
        error?.message ?? now.message,
        error?.hint,
        0,
        error?.details,
        undefined,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
    if (signal?.aborted) return now;
    ({ job: now } = await ask(api.GET('/api/v1/jobs/{id}', { params: { path: { id: now.id } } })));
  }
}
