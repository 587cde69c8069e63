import { execFileSync } from 'node:child_process';
import { place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place();

describe('completion', () => {
  it('knows the commands, options and choices of each place', async () => {
    const { out, code } = await here.inside('completion', 'bash');
    expect(code).toBe(0);
    const complete = (line: string): string[] => {
      const words = line.split(' ');
      const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sluice; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
    };
    expect(complete('sluice va')).toEqual(['validate']);
    expect(complete('sluice runs l')).toEqual(['list']);
    expect(complete('sluice serve --deta')).toEqual(['--detach']);
    expect(complete('sluice completion f')).toEqual(['fish']);
    expect(complete('sluice schema out')).toEqual(['output']);
    expect(complete('sluice doctor --for we')).toEqual(['webcam']);
    expect((await here.inside('completion', 'fish')).out).toMatch(/^complete -c sluice -n '.*' -f -a serve -d /m);
    expect((await here.inside('completion', 'tcsh')).code).toBe(2);
  });
});
