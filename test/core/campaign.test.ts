import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeAddress, parseEngineAddress } from '../../src/config/engine-address.ts';
import { SuppliedQueue } from '../../src/core/dispatch/supplied-queue.ts';
import {
  type Campaign,
  cutFor,
  decodeCampaign,
  encodeCampaign,
  isSameCampaign,
} from '../../src/core/engine/campaign.ts';
import { chunkOfSubject, logId, namesFor } from '../../src/core/engine/campaign-names.ts';
import { CampaignView } from '../../src/core/engine/campaign-view.ts';
import {
  addDone,
  type ChunkRecord,
  claim,
  decodeChunkRecord,
  emptyRecord,
  encodeChunkRecord,
  isPoison,
  release,
  runsAlone,
} from '../../src/core/engine/chunk-record.ts';
import { Chunks } from '../../src/core/engine/chunks.ts';
import { Demand } from '../../src/core/engine/demand.ts';
import { DoneBits } from '../../src/core/engine/done-bits.ts';
import { HeldChunk } from '../../src/core/engine/held-chunk.ts';
import { Places } from '../../src/core/engine/places.ts';
import { decodeRows, encodeRows } from '../../src/core/engine/rows-message.ts';
import { canSyncAlways, spellServerConfig } from '../../src/core/engine/server-config.ts';
import { jobIndex } from '../../src/core/ids.ts';
import { decodeBlock } from '../../src/core/journal/block.ts';
import { partOfBlock } from '../../src/core/journal/part-of-block.ts';

const cuts = fc.record({
  total: fc.integer({ min: 1, max: 20_000 }),
  jobsMax: fc.integer({ min: 1, max: 2_000 }),
  parts: fc.integer({ min: 1, max: 300 }),
});
const machines = ['aa11aa11', 'bb22bb22', 'cc33cc33'].map((token, at) => ({ token, machine: `m${at}` }));

describe('chunks', () => {
  it('cover the pool without a gap, never grow, and end with single jobs', () => {
    fc.assert(
      fc.property(cuts, (cut) => {
        const chunks = new Chunks(cut);
        let place = 0;
        for (let chunk = 0; chunk < chunks.count; chunk++) {
          const { from, to } = chunks.rangeOf(chunk);
          assert.equal(from, place);
          assert.ok(to - from <= cut.jobsMax && to - from <= Math.max(1, Math.ceil((cut.total - from) / cut.parts)));
          if (chunk > 0) assert.ok(chunks.sizeOf(chunk) <= chunks.sizeOf(chunk - 1));
          for (const inside of [from, to - 1]) assert.equal(chunks.chunkAt(inside), chunk);
          place = to;
        }
        assert.equal(place, cut.total);
        if (cut.parts > 1) assert.equal(chunks.sizeOf(chunks.count - 1), 1);
      }),
    );
  });

  it('of a million jobs are few', () => {
    assert.ok(new Chunks(cutFor(1_000_000, 2)).count < 1_000);
    assert.equal(new Chunks(cutFor(1_000_000, 2)).sizeOf(0), 4_000);
    assert.ok(new Chunks(cutFor(10_000, 2)).sizeOf(0) <= 1_000);
  });

  it('of an order: where each job stands', () => {
    const order = Uint32Array.from({ length: 50 }, (_, place) => (place * 7) % 50);
    const places = new Places(order);
    for (let place = 0; place < 50; place++) assert.equal(places.of(jobIndex(order[place] ?? -1)), place);
  });
});

describe('done bits', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(199)), (size, places) => {
        const bits = new DoneBits(size);
        const inside = new Set(places.filter((at) => at < size));
        for (const at of inside) bits.add(at);
        const read = DoneBits.parse(bits.hex, size);
        assert.ok(read !== undefined);
        for (let at = 0; at < size; at++) assert.equal(read.has(at), inside.has(at));
        assert.equal(read.count, inside.size);
        assert.equal(read.isFull, inside.size === size);
      }),
    );
    assert.equal(DoneBits.parse('ff', 9), undefined);
    assert.equal(DoneBits.parse('zz', 8), undefined);
    assert.equal(DoneBits.parse('ff', 7), undefined);
  });
});

/** What a machine may try with the record that it read last, which may be an old one. */
type Try = readonly [machine: number, act: 'claim' | 'release' | 'add' | 'read', places: readonly number[]];
const tries: fc.Arbitrary<readonly Try[]> = fc.array(
  fc.tuple(
    fc.nat(2),
    fc.constantFrom('claim' as const, 'release' as const, 'add' as const, 'read' as const),
    fc.array(fc.nat(9), { maxLength: 4 }),
  ),
  { maxLength: 60 },
);

describe('records of a chunk', () => {
  it('record each job once, by whoever could append after having read all before', () => {
    fc.assert(
      fc.property(tries, (list) => {
        const size = 10;
        const log: ChunkRecord[] = [];
        const knows = machines.map((me) => ({ record: emptyRecord(me, size), seq: 0, epoch: 1 }));
        for (const [machine, act, places] of list) {
          const me = machines[machine];
          const known = knows[machine];
          if (me === undefined || known === undefined) continue;
          const last = log.at(-1);
          if (act === 'read') {
            knows[machine] = { record: last ?? emptyRecord(me, size), seq: log.length, epoch: 1 };
            continue;
          }
          const next =
            act === 'claim'
              ? claim(known.record, me)
              : act === 'release'
                ? release(known.record, me)
                : addDone(known.record, me, places, (at) => at % 3 === 0);
          // The server refuses whatever does not follow the last message.
          if (next === undefined || known.seq !== log.length) continue;
          log.push(next);
          knows[machine] = { record: next, seq: log.length, epoch: 1 };
        }
        const recordedBy = new Map<number, string>();
        for (const [at, record] of log.entries()) {
          const read = decodeChunkRecord(encodeChunkRecord(record), size);
          assert.equal(read && encodeChunkRecord(read), encodeChunkRecord(record));
          for (let place = 0; place < size; place++) {
            const before = log[at - 1]?.done.has(place) === true;
            assert.ok(!before || record.done.has(place), 'a record takes nothing back');
            if (before || !record.done.has(place)) continue;
            assert.ok(!recordedBy.has(place), 'a job is recorded twice');
            recordedBy.set(place, record.by.token);
          }
        }
        const last = log.at(-1);
        if (last !== undefined) assert.equal(last.failed, [...recordedBy.keys()].filter((at) => at % 3 === 0).length);
      }),
      { numRuns: 500 },
    );
  });

  it('count losses, then let jobs go one at a time, and leave one alone that ended every machine', () => {
    const [a, b] = machines;
    assert.ok(a !== undefined && b !== undefined);
    let record = claim(emptyRecord(a, 3), a);
    assert.equal(record.losses, 0);
    assert.equal(claim(release(record, a), b).losses, 0, 'what was given back is no loss');
    let held = new HeldChunk(0, [7, 8, 9].map(jobIndex));
    const next = (): readonly number[] => {
      held = new HeldChunk(0, [7, 8, 9].map(jobIndex));
      held.isHeld = true;
      held.learn({ record, seq: 1, epoch: 1 });
      return held.next(() => false);
    };
    assert.deepEqual(next(), [0, 1, 2]);
    for (let loss = 1; loss <= 3; loss++) record = claim(record, loss % 2 === 1 ? b : a);
    assert.equal(record.losses, 3);
    assert.ok(runsAlone(record));
    assert.deepEqual(next(), [0]);
    for (let loss = 1; loss <= 5; loss++) record = claim({ ...record, alone: 0 }, loss % 2 === 1 ? a : b);
    assert.ok(isPoison(record, 0));
    assert.deepEqual(next(), [1]);
    record = addDone(record, a, [1, 2], () => false) ?? record;
    const view = new CampaignView(new Chunks({ total: 3, jobsMax: 3, parts: 1 }));
    view.learn(0, record);
    assert.ok(view.isOver);
    assert.deepEqual(view.poisonPlaces(), [0]);
  });

  it('are refused where this program did not write them', () => {
    for (const text of ['', '[]', '{}', '{"by":{"token":"a.b","machine":"m"},"done":"00","failed":0,"losses":0}']) {
      assert.equal(decodeChunkRecord(text, 3), undefined);
    }
  });

  it('what is settled here or waits to be recorded is not run again', () => {
    const [a] = machines;
    assert.ok(a !== undefined);
    const held = new HeldChunk(0, [4, 5, 6, 7].map(jobIndex));
    held.isHeld = true;
    held.learn({ record: addDone(emptyRecord(a, 4), a, [0], () => false) ?? emptyRecord(a, 4), seq: 1, epoch: 1 });
    held.store(1, false);
    assert.deepEqual(
      held.next((job) => job === 6),
      [3],
    );
  });
});

describe('supplied queue', () => {
  it('gives each job once, but for those taken away and those brought back', () => {
    const acts = fc.array(
      fc.oneof(
        fc.record({ act: fc.constant('supply' as const), count: fc.nat(20) }),
        fc.record({ act: fc.constant('take' as const), count: fc.nat(20) }),
        fc.record({ act: fc.constant('back' as const), count: fc.nat(3) }),
        fc.record({ act: fc.constant('withdraw' as const), count: fc.nat(30) }),
      ),
    );
    fc.assert(
      fc.property(acts, (list) => {
        const queue = new SuppliedQueue();
        const [inside, out]: [Set<number>, number[]] = [new Set(), []];
        let next = 0;
        for (const { act, count } of list) {
          if (act === 'supply') {
            const jobs = Array.from({ length: count }, () => jobIndex(next++));
            for (const job of jobs) inside.add(job);
            queue.supply(jobs);
          }
          for (let at = 0; act === 'take' && at < count; at++) {
            const job = queue.take();
            assert.equal(job === undefined, inside.size === 0);
            if (job === undefined) break;
            assert.ok(inside.delete(job));
            out.push(job);
          }
          for (let at = 0; act === 'back' && at < count; at++) {
            const job = out.pop();
            if (job === undefined) break;
            queue.putBack(jobIndex(job));
            inside.add(job);
          }
          if (act === 'withdraw') {
            const wanted = new Set(Array.from({ length: count }, (_, at) => jobIndex(at * 2)));
            const back = queue.withdraw(wanted);
            assert.deepEqual(new Set(back), new Set([...inside].filter((job) => wanted.has(jobIndex(job)))));
            for (const job of back) inside.delete(job);
          }
          assert.equal(queue.left, inside.size);
        }
      }),
    );
  });
});

describe('demand', () => {
  it('of long jobs is one for each core, of short ones half a second of work', () => {
    const demand = new Demand(4);
    assert.equal(demand.wanted(0), 4);
    demand.learn(4, 4 * 60_000);
    assert.equal(demand.wanted(0), 4);
    assert.equal(demand.wanted(4), 0);
    const short = new Demand(2);
    short.learn(1_000, 1_000);
    assert.ok(short.wanted(0) > 900 && short.wanted(0) < 1_100, String(short.wanted(0)));
  });
});

const block = {
  type: 'block',
  ...{ worker: 1, attempt: 1, start: 1_000, csv: [10, '1a2b3c4d'], jobs: [5, 9, 2], same: [0, 1, 0] },
  ...{
    args: [[1], [1], ['é"']],
    begin: [0, 1, 2],
    run: [0.5, 1, 2],
    rows: [[[1]], [[{ $number: 'NaN' }]], [[3], [4]]],
  },
};

describe('part of a block', () => {
  it('holds what the whole says of its jobs', () => {
    const text = JSON.stringify(block);
    const whole = decodeBlock(JSON.parse(text));
    const part = decodeBlock(JSON.parse(partOfBlock(text, (job) => job !== 5)));
    assert.ok('list' in whole && 'list' in part);
    assert.deepEqual(part.list, whole.list.slice(1));
  });
});

describe('a message of rows', () => {
  it('comes back as it was, whatever stands in its bodies', () => {
    const body = fc.json().map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(fc.array(body, { minLength: 1 }), (bodies) => {
        const message = { headerJson: '{"type":"journal"}', sessionJson: '{"type":"session","host":"ü"}', bodies };
        const read = decodeRows(encodeRows(message));
        assert.deepEqual(
          read?.bodies.map((bytes) => Buffer.from(bytes)),
          bodies.map((bytes) => Buffer.from(bytes)),
        );
        assert.equal(read?.sessionJson, message.sessionJson);
      }),
    );
    assert.equal(decodeRows(new TextEncoder().encode('hello\nworld')), undefined);
  });
});

describe('the address of a server', () => {
  const parse = (text: string) => {
    const read = parseEngineAddress(text);
    return read.ok ? read.value : read.diagnostics[0]?.message;
  };
  it('is read whole, and shown without its secrets', () => {
    const address = parseEngineAddress('tls://me:p%40ss@lab:4333/second?ca=/etc/ca.pem');
    assert.ok(address.ok);
    const { server, user, password, tls, caFile, queue } = address.value;
    assert.deepEqual(
      [server, user, password, tls, caFile, queue],
      ['lab:4333', 'me', 'p@ss', true, '/etc/ca.pem', 'second'],
    );
    assert.equal(describeAddress(address.value), 'tls://lab:4333/second');
    const short = parseEngineAddress('nats://t0ken@[::1]');
    assert.ok(short.ok);
    assert.deepEqual([short.value.server, short.value.token, short.value.tls], ['[::1]:4222', 't0ken', false]);
  });
  it('is refused where it is none', () => {
    assert.match(String(parse('lab:4222')), /neither with nats/);
    assert.match(String(parse('http://lab')), /neither with nats/);
    assert.match(String(parse('')), /cannot be read/);
    assert.match(String(parse('nats://lab/a b')), /a name that cannot be/);
    assert.match(String(parse('nats://lab?key2=x')), /holds "key2"/);
  });
});

describe('names in the server', () => {
  it('hold only what it allows, and differ where experiments or queues do', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const names = namesFor(one, '');
        assert.match(names.logStream, /^[A-Za-z0-9_-]+$/);
        if (one !== other) assert.notEqual(names.logStream, namesFor(other, '').logStream);
        assert.notEqual(names.queued(1), namesFor(one, 'second').queued(1));
        assert.equal(chunkOfSubject(names.queued(17)), 17);
      }),
    );
  });
  it('in one log are found again, and are no names of another', () => {
    const names = namesFor('swe.ep*', '');
    const [here, there] = [names.inLog(logId('0123456789ab')), names.inLog(logId('0123456789ac'))];
    assert.equal(names.logOf(here.subjects), here.id);
    assert.equal(namesFor('sweep', '').logOf(here.subjects), undefined);
    assert.equal(names.logOf(names.queueSubjects), undefined);
    assert.equal(here.chunkOf(here.chunk(17)), 17);
    assert.equal(here.chunkOf(there.chunk(17)), undefined);
    assert.equal(here.chunkOf(here.rows('aa')), undefined);
    assert.throws(() => logId('*'));
  });
  it('an entry of another protocol is refused', () => {
    assert.deepEqual(decodeCampaign('{"protocol":2}'), { problem: 'it holds protocol 2; this program speaks 1' });
    assert.ok('problem' in decodeCampaign('{"protocol":1}'));
    assert.ok('problem' in decodeCampaign('x'));
  });

  it('of a campaign: another one where rows stand for other columns; one of before does not say', () => {
    const of = (columns?: unknown): Campaign => {
      const facts = { total: 3, jobsMax: 1, parts: 1, leaseMs: 1, experiment: 'x', planDigest: 'a', facts: {} };
      const campaign = decodeCampaign(encodeCampaign({ ...facts, columns } as unknown as Campaign));
      assert.ok(!('problem' in campaign));
      return campaign;
    };
    assert.deepEqual(of(['a', 'b']).columns, ['a', 'b']);
    for (const columns of [undefined, 'a', {}]) assert.equal('columns' in of(columns), false);
    assert.ok(isSameCampaign(of(['a', 'b']), of(['a', 'b'])));
    assert.ok(isSameCampaign(of(['a', 'b']), of()) && isSameCampaign(of(), of(['a', 'b'])));
    for (const columns of [['b', 'a'], ['a'], []]) assert.ok(!isSameCampaign(of(['a', 'b']), of(columns)));
  });
});

describe('the configuration of a server', () => {
  it('quotes what it is given', () => {
    const text = spellServerConfig({
      ...{ host: '127.0.0.1', port: 4222, user: 'u', password: 'p"}', storeFolder: 'C:\\a b', storeBytesMax: 5 },
      ...{ tls: undefined, syncsAlways: false },
    });
    assert.match(text, /password: "p\\"}"/);
    assert.match(text, /store_dir: "C:\\\\a b"/);
    assert.doesNotMatch(text, /sync_interval|tls/);
  });
  it('syncs always where the server can', () => {
    assert.deepEqual(['v2.9.10', 'nats-server: v2.10.1', 'v2.12.0', 'v3.0.0', ''].map(canSyncAlways), [
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
