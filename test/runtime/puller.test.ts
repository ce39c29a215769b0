import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { CampaignView } from '../../src/core/engine/campaign-view.ts';
import { Chunks } from '../../src/core/engine/chunks.ts';
import { Demand } from '../../src/core/engine/demand.ts';
import { Patience } from '../../src/runtime/engine/patience.ts';
import { Puller, type PullerParts } from '../../src/runtime/engine/puller.ts';

const message = { subject: 'x.queue.0', redelivered: true, ack: () => undefined, nak: () => undefined };

describe('the loop that takes chunks', () => {
  it('looks for what is stuck also where the queue brings chunks of others again and again', async () => {
    let handedIn = 0;
    const parts = {
      server: {
        queue: {
          async *fetch() {
            await wait(20);
            yield message;
          },
        },
      },
      patience: new Patience({
        patienceMs: 1_000,
        warn: () => undefined,
        mended: () => undefined,
        restore: async () => undefined,
      }),
      view: new CampaignView(new Chunks({ total: 1, jobsMax: 1, parts: 1 })),
      desk: { outstanding: 0, chunkJobs: 1, isStuck: true, holds: () => true, take: async () => 'taken' },
      demand: new Demand(1),
      chunkCount: 1,
      leaseMs: 50,
      verifyRows: async () => undefined,
      readAll: async () => undefined,
      handIn: async () => {
        handedIn++;
        puller.stop();
      },
    } as unknown as PullerParts;
    const puller = new Puller(parts);
    const bound = setTimeout(() => puller.stop(), 10_000);
    await puller.run();
    clearTimeout(bound);
    assert.equal(handedIn, 1);
  });
});
