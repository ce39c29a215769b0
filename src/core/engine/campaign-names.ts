import { hashTexts } from '../hash.ts';

/** Names of everything that belongs to a campaign in the server; they may hold only letters, digits, `_` and `-`. */
export interface CampaignNames {
  /** Truth: rows, records, machines; only ever appended to. */
  readonly logStream: string;
  /** Hints: one message for each chunk. */
  readonly queueStream: string;
  readonly consumer: string;
  readonly queueSubjects: readonly string[];
  /** Records of chunks, in whichever log. */
  readonly allChunks: string;
  queued(chunk: number): string;
  /** Asked by whoever wants to know whether that start lives. */
  alive(token: string): string;
  /** The names within one log. */
  inLog(id: LogId): LogNames;
  /** The log that a stream with these subjects holds; `undefined`: none. */
  logOf(subjects: readonly string[]): LogId | undefined;
}

/**
 * Tells a log from the one that was there before the store was lost or the campaign removed: it is part of every subject, so
 * that the server takes nothing that was meant for another log.
 */
export type LogId = string & { readonly LogId: unique symbol };

export interface LogNames {
  readonly id: LogId;
  /** What the log's stream takes. */
  readonly subjects: readonly string[];
  readonly meta: string;
  readonly allChunks: string;
  readonly allRows: string;
  chunk(chunk: number): string;
  /** The chunk that a subject of this log is about; `undefined`: none, or another log's. */
  chunkOf(subject: string): number | undefined;
  /** Rows of one start of one machine. */
  rows(token: string): string;
}

const slugLength = 40;
const logIdPattern = /^[0-9a-f]{12}$/;

/** Throws unless it is twelve hexadecimal digits. */
export function logId(text: string): LogId {
  if (!logIdPattern.test(text)) throw new Error(`Internal error: no log's id: ${text}`);
  return text as LogId;
}

/** `queue` tells campaigns of one experiment apart. */
export function namesFor(experiment: string, queue: string): CampaignNames {
  const slug = experiment.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, slugLength);
  const id = `${slug}-${hashTexts('job-splitter campaign 1', experiment, queue).slice(0, 12)}`;
  return {
    logStream: `${id}-log`,
    queueStream: `${id}-queue`,
    consumer: 'machines',
    queueSubjects: [`${id}.queue.*`],
    allChunks: `${id}.*.chunk.*`,
    queued: (chunk) => `${id}.queue.${chunk}`,
    alive: (token) => `${id}.alive.${token}`,
    inLog: (log) => namesInLog(id, log),
    logOf: (subjects) => {
      const [first = ''] = subjects;
      const text = first.startsWith(`${id}.`) ? (first.slice(id.length + 1).split('.')[0] ?? '') : '';
      return logIdPattern.test(text) ? logId(text) : undefined;
    },
  };
}

function namesInLog(campaign: string, id: LogId): LogNames {
  const prefix = `${campaign}.${id}`;
  const chunks = `${prefix}.chunk.`;
  const [meta, allChunks, allRows] = [`${prefix}.meta`, `${chunks}*`, `${prefix}.rows.*`];
  return {
    ...{ id, subjects: [meta, allChunks, allRows], meta, allChunks, allRows },
    chunk: (chunk) => `${chunks}${chunk}`,
    chunkOf: (subject) => (subject.startsWith(chunks) ? chunkOfSubject(subject) : undefined),
    rows: (token) => `${prefix}.rows.${token}`,
  };
}

/** The chunk that a subject is about; `undefined`: none. */
export function chunkOfSubject(subject: string): number | undefined {
  const last = /\.(\d{1,10})$/.exec(subject)?.[1];
  return last === undefined ? undefined : Number(last);
}
