declare const brand: unique symbol;
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/** A job's place in the pool, from 0: the key of a job everywhere. */
export type JobIndex = Brand<number, 'JobIndex'>;
/** One worker process within one session of one machine; never reused, so a late answer cannot be mistaken. */
export type WorkerId = Brand<number, 'WorkerId'>;
/** Which try at a job this is, from 1. */
export type AttemptNumber = Brand<number, 'AttemptNumber'>;
/** A machine's name as `machines.json` spells it (or `all` for N/A). */
export type MachineName = Brand<string, 'MachineName'>;
/** A digest in lower-case hex, 64 digits (SHA-256). */
export type Hex = Brand<string, 'Hex'>;

export const jobIndex = (value: number): JobIndex => value as JobIndex;
export const workerId = (value: number): WorkerId => value as WorkerId;
export const attemptNumber = (value: number): AttemptNumber => value as AttemptNumber;
export const machineName = (value: string): MachineName => value as MachineName;
export const hex = (value: string): Hex => value as Hex;
