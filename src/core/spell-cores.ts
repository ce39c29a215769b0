/** `1 core`, `8 cores` */
export function spellCores(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`;
}
