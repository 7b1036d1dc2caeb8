import { useCallback, useEffect, useMemo, useState } from 'react';
import type { BenchError, BenchSnapshot, DeviceName, PersonEntry } from '../wire.ts';

/** What a hand can do on the bench. Each resolves once the bench has answered; failures go to `trouble`. */
export interface Hands {
  placeCard(person: string | null): void;
  scanBadge(person: string): void;
  standBefore(person: string | null, light: number): void;
  setFault(device: DeviceName, fault: string | null): void;
  take(id: string): void;
  setOnline(online: boolean): void;
}

export interface BenchView {
  readonly people: readonly PersonEntry[];
  /** `null` until the bench has spoken for the first time. */
  readonly snapshot: BenchSnapshot | null;
  /** The bench has not been heard of since the connection was lost. */
  readonly lost: boolean;
  /** Why the last thing that was tried did not work, in the bench's words. */
  readonly trouble: string | null;
  readonly hands: Hands;
}

async function post(path: string, body: unknown): Promise<string | null> {
  const response = await fetch(`/bench/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return null;
  const answer = (await response.json()) as BenchError;
  return answer.error.message;
}

export function useBench(): BenchView {
  const [people, setPeople] = useState<readonly PersonEntry[]>([]);
  const [snapshot, setSnapshot] = useState<BenchSnapshot | null>(null);
  const [lost, setLost] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  useEffect(() => {
    const events = new EventSource('/bench/api/events');
    events.addEventListener('snapshot', (event) => {
      setLost(false);
      setSnapshot(JSON.parse(event.data) as BenchSnapshot);
    });
    // The browser tries again by itself.
    events.addEventListener('error', () => setLost(true));
    return () => events.close();
  }, []);

  useEffect(() => {
    if (lost) return;
    const stop = new AbortController();
    fetch('/bench/api/people', { signal: stop.signal })
      .then((response) => response.json())
      .then((found) => setPeople(found as PersonEntry[]))
      .catch(() => {
        if (!stop.signal.aborted) setLost(true);
      });
    return () => stop.abort();
  }, [lost]);

  const act = useCallback((path: string, body: unknown) => {
    post(path, body)
      .then(setTrouble)
      .catch((error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)));
  }, []);

  const hands = useMemo<Hands>(
    () => ({
      placeCard: (person) => act('card', { person }),
      scanBadge: (person) => act('badge', { person }),
      standBefore: (person, light) => act('camera', { person, light }),
      setFault: (device, fault) => act(`device/${device}`, { fault }),
      take: (id) => act(`trays/${encodeURIComponent(id)}/take`, {}),
      setOnline: (online) => act('network', { online }),
    }),
    [act],
  );

  return { people, snapshot, lost, trouble, hands };
}
