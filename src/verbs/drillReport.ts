import type { ZoneAnswer } from '../steps/smokeTest.ts';
import type { Moment } from '../model/timeline.ts';
import { probedWords, type Probed } from '../model/probed.ts';

/** The contents of a drill's report. */
export interface DrillFacts {
  readonly cluster: string;
  /** The master that was halted. */
  readonly name: string;
  readonly cloud: string;
  readonly moments: readonly Moment[];
  readonly probed: Probed | undefined;
}

/** A drill's report in Markdown: its timeline in cluster time, and what clients noticed. */
export const drillReport = (facts: DrillFacts): string =>
  [
    `# Halt drill: ${facts.name} of ${facts.cluster}`,
    '',
    `Target: ${facts.cloud}.`,
    '',
    '| after | observed |',
    '|---:|---|',
    ...facts.moments.map((m) => `| ${Math.round(m.ms / 1000)} s | ${m.text} |`),
    '',
    clients(facts.probed),
    '',
  ].join('\n');

const clients = (probed: Probed | undefined): string =>
  probed === undefined ? 'The API was not probed.' : `Clients during the run: ${probedWords(probed)}.`;

/** The contents of a smoke test's report. */
export interface SmokeFacts {
  readonly cluster: string;
  readonly cloud: string;
  readonly answered: readonly ZoneAnswer[];
  readonly probed: Probed | undefined;
}

/** A smoke test's report in Markdown. */
export const smokeReport = (facts: SmokeFacts): string =>
  [
    `# Smoke test of ${facts.cluster}`,
    '',
    `Target: ${facts.cloud}.`,
    '',
    '| zone | "Welcome to nginx!" after |',
    '|---|---:|',
    ...facts.answered
      .toSorted((a, b) => a.zone.localeCompare(b.zone))
      .map((a) => `| ${a.zone} | ${Math.round(a.ms / 1000)} s |`),
    '',
    clients(facts.probed),
    '',
  ].join('\n');
