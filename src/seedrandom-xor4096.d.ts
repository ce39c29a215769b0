/** `@types/seedrandom` covers the package's main file only. */
declare module 'seedrandom/lib/xor4096.js' {
  interface State {
    readonly i: number;
    readonly w: number;
    readonly X: readonly number[];
  }
  interface Xor4096 {
    (): number;
    double(): number;
    int32(): number;
    state(): State;
  }
  export default function xor4096(seed: string | number, options?: { state?: boolean | State }): Xor4096;
}
