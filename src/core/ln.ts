/**
 * The natural logarithm from additions, multiplications and divisions alone, which IEEE 754 fixes to the last bit:
 * `Math.log` may differ between processors and versions of V8. A port of FDLIBM's `__ieee754_log` (e_log.c, Sun
 * Microsystems 1993; error below 1 ulp) for finite x > 0.
 */
export function ln(x: number): number {
  let { exponent, mantissa } = split(x);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const halfSquare = 0.5 * f * f;
  const high = exponent * 0.6931471803691238;
  const low = exponent * 1.9082149292705877e-10;
  return high - (halfSquare - (s * (halfSquare + (even + odd)) + low) - f);
}

const view = new DataView(new ArrayBuffer(8));

/** x = mantissa × 2^exponent with 1 ≤ mantissa < 2. */
function split(x: number): { exponent: number; mantissa: number } {
  // Subnormal numbers have no hidden bit; 2^54 lifts them into the normal range.
  const lift = x < 2 ** -1022 ? 54 : 0;
  view.setFloat64(0, x * 2 ** lift);
  const high = view.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1023 - lift;
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  return { exponent, mantissa: view.getFloat64(0) };
}
