const systems: readonly (readonly [RegExp, string])[] = [
  [/^Linux$/i, 'linux'],
  [/^Darwin$/i, 'macos'],
  [/^(?:MINGW|MSYS|CYGWIN|Windows)/i, 'win'],
];
const architectures: readonly (readonly [RegExp, string])[] = [
  [/^(?:x86_64|amd64)$/i, 'x64'],
  [/^(?:aarch64|arm64)$/i, 'arm64'],
];

/** `linux-x64` for what `uname -s` and `uname -m` say (or Windows' own words for these); `undefined`: none that is built for. */
export function targetOf(system: string, architecture: string): string | undefined {
  const find = (list: typeof systems, text: string): string | undefined =>
    list.find(([pattern]) => pattern.test(text.trim()))?.[1];
  const [os, cpu] = [find(systems, system), find(architectures, architecture)];
  return os === undefined || cpu === undefined ? undefined : `${os}-${cpu}`;
}
