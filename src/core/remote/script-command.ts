/**
 * A script goes to the other side as data, in front of what it reads itself: the command that ssh hands to the login shell there
 * (any: sh, fish, tcsh …) is the same but for a number. Braces around it make a script that was cut off a mistake of syntax,
 * of which nothing runs. What it prints stands between two lines with a token that nobody can guess, the second with its exit
 * code: start-up files may print, and ssh's 255 says too little.
 */
export interface FramedScript {
  readonly command: string;
  /** The first bytes of standard input. */
  readonly text: string;
}

export function frameForSh(script: string, token: string): FramedScript {
  const text = `{ printf '\\n%s\\n' ${token}; (\n${script}\n); printf '\\n%s %d\\n' ${token} "$?"; }\n`;
  const bytes = new TextEncoder().encode(text).length;
  // Only dd reads no byte more than it was told to.
  return { command: `sh -c 'eval "$(dd bs=1 count=${bytes} 2>/dev/null)"'`, text };
}
