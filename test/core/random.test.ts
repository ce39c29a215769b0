import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGenerator } from '../../src/core/generator.ts';
import { hex } from '../../src/core/ids.ts';
import { ln } from '../../src/core/ln.ts';
import { planOrder } from '../../src/core/order.ts';
import { createRandom, createReusableRandom, LazySeed, seedOfStream } from '../../src/core/random.ts';

/** Seeds are fixed: each of these statistics is one number for ever, and must lie where chance puts it. */
const seed = seedOfStream('tests', 'random');
const random = createRandom(seed);

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((all, count) => all + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Within 5 standard deviations of what k cells give by chance. */
function assertUniform(counts: readonly number[], what: string): void {
  const freedom = counts.length - 1;
  const off = (chiSquare(counts) - freedom) / Math.sqrt(2 * freedom);
  assert.ok(Math.abs(off) < 5, `${what}: chi-square is ${off.toFixed(1)} standard deviations off`);
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const sum = x.reduce((all, value, at) => all + (value - 0.5) * ((y[at] ?? 0.5) - 0.5), 0);
  return (sum * 12) / x.length;
}

describe('seeding', () => {
  it('lets every digit of the seed reach the state', () => {
    const states = new Set([JSON.stringify(createGenerator(seed).state())]);
    for (let at = 0; at < seed.length; at++) {
      for (const digit of '0123456789abcdef') {
        if (digit === seed[at]) continue;
        states.add(JSON.stringify(createGenerator(seed.slice(0, at) + digit + seed.slice(at + 1)).state()));
      }
    }
    assert.equal(states.size, 1 + 64 * 15);
  });

  it('gives 200,000 jobs different streams, uniform and without correlation of neighbours', () => {
    const jobs = 200_000;
    const heads = new Set<string>();
    const first: number[] = [];
    const cells = new Array<number>(256).fill(0);
    for (let job = 0; job < jobs; job++) {
      const generator = createGenerator(seedOfStream(seed, `[${job}]`));
      const value = generator.double();
      first.push(value);
      const cell = Math.floor(value * 256);
      cells[cell] = (cells[cell] ?? 0) + 1;
      heads.add(`${generator.int32()} ${generator.int32()} ${generator.int32()} ${generator.int32()}`);
    }
    // 128 bits, no two alike: so are the states. Of the first draws' 53 bits none is expected to meet either.
    assert.equal(heads.size, jobs);
    assert.equal(new Set(first).size, jobs);
    assertUniform(cells, 'first draws');
    for (const lag of [1, 2, 3, 10, 64, 1_000]) {
      const r = correlation(first.slice(0, -lag), first.slice(lag));
      assert.ok(Math.abs(r) * Math.sqrt(jobs) < 5, `lag ${lag}: ${r}`);
    }
  });

  it('asks for the seed only when a number is drawn, and once', () => {
    let asked = 0;
    const reusable = createReusableRandom({ seed: 'x' });
    reusable.reset(new LazySeed(() => `${++asked}`));
    const fork = reusable.random.fork('k');
    assert.equal(asked, 0);
    reusable.random();
    fork();
    assert.equal(asked, 1);
  });
});

describe('draws', () => {
  it('int is unbiased', () => {
    for (const sides of [2, 6, 7, 100]) {
      const counts = new Array<number>(sides).fill(0);
      for (let turn = 0; turn < 50_000; turn++) {
        const side = random.int(1, sides) - 1;
        counts[side] = (counts[side] ?? 0) + 1;
      }
      assertUniform(counts, `int(1, ${sides})`);
    }
    // A remainder of 32 bits would hit the lower half of this span twice as often.
    const span = 3 * 2 ** 30;
    let low = 0;
    for (let turn = 0; turn < 30_000; turn++) if (random.int(0, span - 1) < span / 3) low++;
    assert.ok(Math.abs(low - 10_000) < 5 * Math.sqrt(30_000 * (2 / 9)), `${low} of 30,000 in the lower third`);
    for (const [lo, hi] of [
      [0.5, 2],
      [2, 1],
      [0, 2 ** 53],
      [Number.NaN, 1],
      [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const) {
      assert.throws(() => random.int(lo, hi), /random\.int\(lo, hi\) takes whole numbers/);
    }
  });

  it('normal has mean, deviation and tails', () => {
    const count = 200_000;
    const list = Array.from({ length: count }, () => random.normal(3, 2));
    const mean = list.reduce((sum, it) => sum + it, 0) / count;
    const variance = list.reduce((sum, it) => sum + (it - mean) ** 2, 0) / count;
    assert.ok(Math.abs(mean - 3) < (5 * 2) / Math.sqrt(count), `mean ${mean}`);
    assert.ok(Math.abs(variance - 4) < 5 * 4 * Math.sqrt(2 / count), `variance ${variance}`);
    const beyond = list.filter((it) => Math.abs(it - 3) > 2 * 1.959964).length / count;
    assert.ok(Math.abs(beyond - 0.05) < 5 * Math.sqrt(0.0475 / count), `tails ${beyond}`);
  });

  it('shuffle reaches all orders of four equally', () => {
    const counts = new Map<string, number>();
    for (let turn = 0; turn < 24_000; turn++) {
      const order = random.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 24);
    assertUniform([...counts.values()], 'orders');
  });

  it('the shuffle of the plan puts every job on every place equally, over many seeds', () => {
    const jobs = 8;
    const places = new Array<number>(jobs * jobs).fill(0);
    const orders = new Map<string, number>();
    for (let turn = 0; turn < 16_000; turn++) {
      const order = planOrder(jobs, hex(`seed ${turn}`), 'shuffled');
      for (let at = 0; at < jobs; at++) {
        const cell = at * jobs + (order.at(at) ?? 0);
        places[cell] = (places[cell] ?? 0) + 1;
      }
      const four = planOrder(4, hex(`seed ${turn}`), 'shuffled');
      const text = [0, 1, 2, 3].map((at) => four.at(at)).join('');
      orders.set(text, (orders.get(text) ?? 0) + 1);
    }
    assertUniform(places, 'places');
    assert.equal(orders.size, 24);
    assertUniform([...orders.values()], 'orders of four');
  });
});

describe('state and fork', () => {
  it('a state survives JSON; anything else is refused', () => {
    const one = createRandom('a');
    one();
    const text = JSON.stringify(one.state());
    const next = [one(), one.int(1, 1_000), one.normal()];
    const other = createRandom('b');
    other.restore(JSON.parse(text));
    assert.deepEqual([other(), other.int(1, 1_000), other.normal()], next);
    const good = JSON.parse(text);
    const zeros = new Array(128).fill(0);
    const bad: unknown[] = [
      null,
      undefined,
      5,
      {},
      { a: 1, b: 2, c: 3, d: 4 },
      { ...good, i: 128 },
      { ...good, w: 0.5 },
      { ...good, X: [1] },
      { ...good, X: zeros },
      { ...good, X: [...zeros.slice(1), 2 ** 32] },
    ];
    for (const state of bad) {
      assert.throws(
        () => other.restore(state as never),
        /^TypeError: random\.restore takes what random\.state\(\) gave/,
      );
    }
  });

  it('fork depends on the key alone, not on what was drawn, and refuses what JSON cannot hold', () => {
    const one = createRandom(seed);
    const before = one.fork('replicate', 3)();
    one();
    one.restore(createRandom('other').state());
    assert.equal(one.fork('replicate', 3)(), before);
    assert.notEqual(one.fork('replicate', '3')(), before);
    assert.notEqual(one.fork('replicate').fork(3)(), before);
    const key = [1];
    const late = one.fork(key);
    key.push(2);
    assert.equal(late(), one.fork([1])());
    for (const [bad, message] of [
      [() => 1, /random\.fork takes JSON values as its key, but key\[0\] is a function/],
      [undefined, /key\[0\] is undefined/],
      [{ a: 1n }, /key\[0\]\.a is a bigint/],
      [new Date(0), /key\[0\] is a Date/],
    ] as const) {
      assert.throws(() => one.fork(bad as never), message);
    }
  });
});

/** Fixed-point with 200 bits: 2^e · m = x exactly; ln m = 2 atanh((m - 1) / (m + 1)). */
const bits = 200n;
const oneFixed = 1n << bits;
function atanhTwice(numerator: bigint, denominator: bigint): bigint {
  const z = (numerator << bits) / denominator;
  const square = (z * z) >> bits;
  let [sum, power] = [0n, z];
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> bits;
  }
  return 2n * sum;
}
const ln2Fixed = atanhTwice(1n, 3n);
function lnFixed(x: number): bigint {
  let [exponent, whole] = [0, x];
  while (!Number.isSafeInteger(whole)) {
    const up = whole < 2 ** 52;
    whole = up ? whole * 2 : whole / 2;
    exponent += up ? -1 : 1;
  }
  const length = whole.toString(2).length;
  const [m, half] = [BigInt(whole), 1n << BigInt(length - 1)];
  return atanhTwice(m - half, m + half) + BigInt(exponent + length - 1) * ln2Fixed;
}

describe('ln', () => {
  it('is within one unit in the last place of the true value', () => {
    const draws = Array.from({ length: 2_000 }, (_, at) =>
      at % 2 ? random() : random() * 2 ** random.int(-1_070, 1_020),
    );
    for (const x of [
      ...draws,
      0.5,
      2,
      Math.SQRT2,
      Math.SQRT1_2,
      5e-324,
      Number.MAX_VALUE,
      1 - 2 ** -53,
      1 + 2 ** -52,
    ]) {
      if (x === 0) continue;
      const [value, exact] = [ln(x), lnFixed(x)];
      const ulp = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);
      // value - exact in units of the last place: both scaled by 2^200, exactly.
      const error = Math.abs(Number(toFixed(value) - exact) / Number(oneFixed)) / ulp;
      assert.ok(error < 1, `ln(${x}) is off by ${error} ulp`);
    }
    assert.equal(ln(1), 0);
  });
});

function toFixed(value: number): bigint {
  let [whole, shift] = [value, bits];
  while (!Number.isInteger(whole)) {
    whole *= 2;
    shift -= 1n;
  }
  return BigInt(whole) << shift;
}
