import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';

/** Limits retention: a work queue lost its bookkeeping when a server (2.9.10) was killed. Full means refused, not forgotten. */
export const durably: Pick<StreamConfig, 'retention' | 'storage' | 'discard'> = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
};
