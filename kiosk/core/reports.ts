import type { EventBody } from '@huimin/backend/contract';
import type { VisitReport } from './session/index.ts';

/** What a visit tells the backend: outcomes and durations, never who it was. `now` is on the monotonic clock. */
export function eventOf(report: VisitReport, now: number): EventBody | null {
  const { context } = report;
  switch (report.kind) {
    case 'help':
      return { kind: 'help.requested', visit: context.visit, screen: context.service?.id ?? 'visit' };
    case 'rated':
      return context.visit === null
        ? null
        : { kind: 'visit.rated', visit: context.visit, rating: report.rating };
    case 'finished':
      return context.visit === null
        ? null
        : {
            kind: 'visit.finished',
            visit: context.visit,
            service: context.service?.id ?? null,
            outcome: context.outcome,
            language: context.settings.language,
            elder: context.settings.elder,
            seconds: Math.round((now - context.startedAt) / 1000),
            consent: context.consent,
            verification: context.verification,
          };
    default:
      return report satisfies never;
  }
}
