import { type Agreement, hexOf, phraseOf } from '../core/agreement.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { Section } from '../core/digest.ts';
import { hex } from '../core/ids.ts';
import { isRecord } from '../core/is-record.ts';
import type { ConfigFacts, MachineFacts, PlanFacts } from '../core/plan-facts.ts';

/** Version of the format of `experiment.lock`, which is JSON; every earlier one stays readable. */
const lockVersion = 1;

/** The text of `experiment.lock`: what must be equal on all machines, with its values, so that a difference can be named. */
export function spellLock(facts: PlanFacts, agreement: Agreement): string {
  const { pool, config, machines, header, code, planDigest } = facts;
  const words = { phrase: phraseOf(agreement), hex: hexOf(agreement) };
  const content = { lock: lockVersion, ...words, planDigest, code, pool, config, machines, header };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Reads `experiment.lock`. */
export function parseLock(text: string, file: string): Result<PlanFacts> {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return failed(damaged(file, error instanceof Error ? error.message : String(error)));
  }
  if (!isRecord(content)) return failed(damaged(file, 'it holds no object'));
  if (content.lock !== lockVersion) {
    return failed(damaged(file, `version ${JSON.stringify(content.lock)}; this program reads version ${lockVersion}`));
  }
  const facts = readFacts(content);
  return facts === undefined ? failed(damaged(file, 'a part is missing or of the wrong kind')) : ok(facts);
}

function damaged(file: string, why: string): Diagnostic {
  const hint = 'copy it again from where it was written, or write it anew: plan --lock';
  return { severity: 'error', message: `${file} cannot be read: ${why}`, hint };
}

type Json = Readonly<Record<string, unknown>>;

function readFacts({ pool, config, machines, header, code, planDigest }: Json): PlanFacts | undefined {
  const configFacts = readConfig(config);
  const machineFacts = Array.isArray(machines) ? machines.map(readMachine) : [];
  const cells = header === null || isTexts(header) ? header : undefined;
  if (!isRecord(pool) || configFacts === undefined || cells === undefined) return undefined;
  if (machineFacts.length === 0 || !machineFacts.every((machine) => machine !== undefined)) return undefined;
  const { digest, jobs, first, last } = pool;
  if (typeof jobs !== 'number' || !isTexts([code, planDigest, digest, first, last])) return undefined;
  return {
    pool: { digest: hex(String(digest)), jobs, first: String(first), last: String(last) },
    config: configFacts,
    machines: machineFacts,
    header: cells,
    code: String(code),
    planDigest: hex(String(planDigest)),
  };
}

function readConfig(value: unknown): ConfigFacts | undefined {
  if (!isRecord(value) || typeof value.order !== 'string') return undefined;
  const { order, random, sections } = value;
  if (!isSection(random) || !isRecord(sections)) return undefined;
  const list = Object.entries(sections).flatMap(([name, section]) => (isSection(section) ? [[name, section]] : []));
  return { order, random, sections: Object.fromEntries(list) };
}

function readMachine(value: unknown): MachineFacts | undefined {
  if (!isRecord(value)) return undefined;
  const { name, weight, cores } = value;
  if (typeof name !== 'string' || typeof weight !== 'string' || typeof cores !== 'number') return undefined;
  return { name, weight, cores };
}

function isSection(value: unknown): value is Section {
  return isRecord(value) && isTexts(Object.values(value));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
