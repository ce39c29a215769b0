import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { parseEngineAddress } from '../../src/config/engine-address.ts';
import { namesFor } from '../../src/core/engine/campaign-names.ts';
import { CampaignView } from '../../src/core/engine/campaign-view.ts';
import { Chunks } from '../../src/core/engine/chunks.ts';
import { HeldChunk } from '../../src/core/engine/held-chunk.ts';
import { jobIndex } from '../../src/core/ids.ts';
import { CampaignServer } from '../../src/runtime/engine/campaign-server.ts';
import { connectTo } from '../../src/runtime/engine/connection.ts';
import type { Delivery } from '../../src/runtime/engine/engine.ts';
import { Patience } from '../../src/runtime/engine/patience.ts';
import { RecordKeeper } from '../../src/runtime/engine/record-keeper.ts';
import { RowsSender } from '../../src/runtime/engine/rows-sender.ts';
import { NatsServer, noNatsServer } from '../fixtures/nats-server.ts';
import { until } from '../fixtures/processes.ts';

const me = { token: 'aa11aa11', machine: 'a' };
const delivery: Delivery = {
  headerJson: '{"type":"journal"}',
  sessionJson: '{"type":"session"}',
  body: new TextEncoder().encode('{}'),
  jobs: [jobIndex(0)],
  failed: false,
  sumMs: 0,
};

/** One machine's half of the protocol, as far as rows and records go. */
class Machine {
  readonly server: CampaignServer;
  readonly held = new HeldChunk(0, [jobIndex(0), jobIndex(1)]);
  readonly rows: RowsSender;
  readonly keeper: RecordKeeper;
  restored = 0;
  #whenStored: () => void = () => undefined;

  constructor(server: CampaignServer) {
    this.server = server;
    const patience = new Patience({
      patienceMs: 20_000,
      warn: () => undefined,
      mended: () => server.mended,
      restore: () => this.#restore(),
    });
    const onStored = (): void => {
      this.held.store(0, false);
      this.#whenStored();
    };
    this.rows = new RowsSender({
      server,
      patience,
      token: me.token,
      onStored,
      warn: () => undefined,
      guard: () => undefined,
    });
    const view = new CampaignView(new Chunks({ total: 2, jobsMax: 2, parts: 1 }));
    const verifyRows = (): Promise<void> => this.rows.verify();
    this.keeper = new RecordKeeper({ server, patience, me, view, verifyRows, onFenced: () => undefined });
  }

  async handIn(): Promise<void> {
    const stored = new Promise<void>((resolve) => {
      this.#whenStored = resolve;
    });
    this.rows.send(delivery);
    await stored;
  }

  /** Whether the log that is used has rows from here, and a record. */
  async found(): Promise<readonly [rows: boolean, record: boolean]> {
    const { log } = this.server;
    const both = [log.names.rows(me.token), log.names.chunk(0)].map((subject) => log.lastOf(subject));
    const [rows, record] = await Promise.all(both);
    return [rows !== undefined, record !== undefined];
  }

  async #restore(): Promise<void> {
    const { log } = this.server;
    log.use(await log.findOrBegin());
    this.restored++;
    this.held.forget();
    this.rows.forget();
  }
}

describe('a log that is not the one it was', { skip: noNatsServer }, () => {
  let nats: NatsServer;
  const servers: CampaignServer[] = [];
  before(async () => {
    nats = await NatsServer.start();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  after(() => nats.end());

  const join = async (queue: string): Promise<CampaignServer> => {
    const address = parseEngineAddress(`${nats.address}/${queue}`);
    assert.ok(address.ok);
    const connection = await connectTo(address.value);
    assert.ok(connection.ok);
    const server = new CampaignServer(connection.value, namesFor('log', queue));
    servers.push(server);
    server.log.use(await server.log.findOrBegin());
    return server;
  };

  it('takes no record of rows that only the one before it held', async () => {
    const machine = new Machine(await join('replaced'));
    await machine.handIn();
    const before = machine.server.log.names.id;
    await machine.server.remove();
    const other = await join('replaced');
    assert.notEqual(other.log.names.id, before);
    await machine.keeper.settle(machine.held);
    assert.equal(machine.restored, 1);
    assert.equal(machine.server.log.names.id, other.log.names.id);
    assert.deepEqual(await machine.found(), [false, false]);
    await machine.handIn();
    await machine.keeper.settle(machine.held);
    assert.deepEqual(await machine.found(), [true, true]);
    assert.equal(machine.restored, 1);
  });

  it('takes no record of rows that it has forgotten, as after a power cut', async () => {
    const machine = new Machine(await join('cut'));
    await nats.kill();
    nats.keepStore();
    await nats.start();
    await machine.handIn();
    await nats.kill();
    nats.loseStore();
    await nats.start();
    await until('it is connected again', () => machine.server.mended === undefined);
    await machine.keeper.settle(machine.held);
    assert.equal(machine.restored, 1);
    assert.deepEqual(await machine.found(), [false, false]);
    await machine.handIn();
    await machine.keeper.settle(machine.held);
    assert.deepEqual(await machine.found(), [true, true]);
    assert.equal(machine.restored, 1);
  });

  it('is begun by one of many that come at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => join('many')));
    assert.equal(new Set(all.map(({ log }) => log.names.id)).size, 1);
    const texts = await Promise.all(all.map(({ log }, at) => log.writeMeta(log.names.id, `m${at}`)));
    assert.equal(new Set(texts).size, 1);
  });
});
